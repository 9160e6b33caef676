import type { RunningInstall } from '../core/admission.ts'
import type { Boot, BootChange } from '../core/boot.ts'
import type { HostChange } from '../core/edit.ts'
import type { HostEvent, NewEvent } from '../core/event.ts'
import type { Greeting } from '../core/greet.ts'
import type { Host, HostId, HostState } from '../core/host.ts'
import type { Identity, Mac } from '../core/identity.ts'
import type { JsonObject } from '../core/json.ts'
import type { Sign } from '../core/sign.ts'
import type { Soon } from '../core/soon.ts'
import type { StageTime } from '../core/watch/stages.ts'
import type { AccessStore } from './access.ts'
import type { BootQuery, LoggedBoot } from './boot-log.ts'
import type { ConsoleLine, LineQuery, NewConsoleLine } from './console-lines.ts'
import type { EventQuery, NamedEvent } from './event-log.ts'
import type { HostPage } from './host-pages.ts'
import type { Install, NamedInstall } from './installs.ts'
import type { KeptBoot } from './kept-boots.ts'
import type { Lease } from './leases.ts'
import type { Judge, Look, WatchPlace } from './watch.ts'
import type { WebhookStore } from './webhook-store.ts'

export type {
  BootQuery,
  ConsoleLine,
  EventQuery,
  HostPage,
  Install,
  Judge,
  KeptBoot,
  Lease,
  LineQuery,
  LoggedBoot,
  Look,
  NamedEvent,
  NamedInstall,
  NewConsoleLine,
  WatchPlace,
}

/** A boot that is about to be opened: the hash of its bootid, and when. */
export interface NewBoot {
  readonly hash: string
  readonly address: string
  /** In ms since 1970. */
  readonly at: number
}

/** A machine that was met: its greeting with the host as stored, and the boot that was opened for it. */
export type Met =
  | Extract<Greeting, { kind: 'conflict' }>
  | (Extract<Greeting, { kind: 'met' }> & { readonly boot: Boot })

/** What a list of hosts is narrowed down to. */
export interface EventFilter {
  readonly host?: HostId
  /** The newest so many, in order of time. */
  readonly last?: number
}

/** Settings by kind of image, `{"esxi": {"disk": "..."}}`, as a host has them in its metadata. */
export interface Defaults {
  readonly server: JsonObject
  readonly images: { readonly [name: string]: JsonObject }
}

/**
 * Where hosts, boots and events are kept. One method is one transaction; a `change` is pure and is called inside it. Whoever
 * awaits a method may rely on the write being kept over a power cut, except {@link Store.greet}, since a machine whose
 * greeting is lost asks again, and {@link Store.addEvent}. Every other method sees all that was greeted before it was called.
 *
 * Every method may throw a ProvisionError of kind `unavailable`: the disk is full, another program holds the database, the
 * store was closed.
 */
export interface Store extends AsyncDisposable {
  /** Meets a machine: `meet` gets the hosts that share an identifier with it, lowest id first. Answers at once where it can; never throws by itself. */
  greet(identity: Identity, boot: NewBoot, meet: (sharing: readonly Host[]) => Greeting): Soon<Met>

  /**
   * Changes a boot and its host. `undefined` when no boot has this hash.
   * The change's refusal, if it has one, is left to the caller: its events are written all the same.
   * @throws {ProvisionError} conflict, when another host has one of the host's identifiers
   */
  changeBoot(hash: string, change: (host: Host, boot: Boot) => BootChange): Promise<BootChange | undefined>

  /** A boot and its host, by the hash of its bootid. */
  findBoot(hash: string): Promise<{ readonly host: Host; readonly boot: Boot } | undefined>

  /**
   * Changes one host.
   * @throws {ProvisionError} not-found; conflict, when another host has one of its identifiers or its name; whatever `change` throws
   */
  changeHost(id: HostId, at: number, change: (host: Host) => HostChange): Promise<Host>

  /** Makes one host of two: the second is gone, its events are the first's. @throws as {@link Store.changeHost} */
  mergeHosts(kept: HostId, gone: HostId, at: number, change: (kept: Host, gone: Host) => HostChange): Promise<Host>

  /**
   * Adds hosts that come from elsewhere, all or none; id 0 is for one that is still to get its id.
   * @throws {ProvisionError} conflict, when an id or identifier is taken; invalid, when an id cannot be one
   */
  addHosts(hosts: readonly Host[], at: number, event: NewEvent): Promise<void>

  /** Removes a host and its boots; its events stay, with the last one that `end` makes. @throws {ProvisionError} not-found, or what `end` throws */
  deleteHost(id: HostId, at: number, end: (host: Host) => NewEvent): Promise<Host>

  findHost(id: HostId): Promise<Host | undefined>

  /** The hosts that people could mean by a text: an id, a host name, a MAC address, a serial or a UUID. */
  findHosts(text: string): Promise<readonly Host[]>

  /** The hosts that have at least one of these identifiers, the lowest id first: those that a machine that says so could be. */
  findSharing(identity: Identity): Promise<readonly Host[]>

  /** The id that the next machine that nobody knows is given. */
  nextHostId(): Promise<HostId>

  /** All hosts, by id. */
  listHosts(): Promise<readonly Host[]>

  /** One page of a list of hosts; as many as fit it, up to its limit. */
  pageHosts(page: HostPage): Promise<readonly Host[]>

  /** The newest boots, of one host or all. */
  readBoots(query: BootQuery): Promise<readonly LoggedBoot[]>

  /** The network cards of the hosts whose firmware is to start without iPXE. */
  listCardsWithoutIpxe(): Promise<readonly Mac[]>

  /** How many hosts are in each state. */
  countHosts(): Promise<Readonly<Record<HostState, number>>>

  listEvents(filter: EventFilter): Promise<readonly HostEvent[]>

  /** A page of the events of all hosts, or of one. */
  readEvents(query: EventQuery): Promise<readonly NamedEvent[]>

  /** Adds what consoles said, and throws the oldest lines of a host away that has too many; like {@link Store.addEvent} it may be lost. */
  addLines(lines: readonly NewConsoleLine[]): Promise<void>

  /** What the console of a host said. */
  readLines(query: LineQuery): Promise<readonly ConsoleLine[]>

  /** The id of the newest event; 0 when there is none. */
  newestEvent(): Promise<number>

  /** Calls back whenever this process has written something; others write unheard. @returns what ends that */
  onWrite(listener: () => void): () => void

  /** Adds an event to a host, with its boot if it happened in one. */
  addEvent(host: HostId, boot: number | undefined, at: number, event: NewEvent): Promise<void>

  /**
   * Notes how far an install is; like {@link Store.addEvent} it may be lost in a power cut. One that had stalled goes on by it.
   * @param left the stages that are over since it was saved last
   */
  saveInstall(install: Install, left?: readonly StageTime[]): Promise<void>

  /** The stages that a boot went through, with how long each took. */
  stagesOf(boot: number): Promise<readonly StageTime[]>

  /** The stages of finished installs of an image, the newest installs first. */
  listStageTimes(image: string): Promise<readonly StageTime[]>

  /**
   * Has the installs judged that run, some hundred in a transaction, and writes what comes of it, unless another server does just now.
   * Of several thousand only a part.
   * @param lease who asks, and for how long nobody else does then
   * @param from where the look before this one ended
   * @returns `undefined` when another one does
   */
  watchInstalls(lease: Lease, now: number, judge: Judge, from?: WatchPlace): Promise<Look | undefined>

  /** The newest install of a host. */
  findInstall(host: HostId): Promise<Install | undefined>

  /** Keeps what was made for the newest boot of a host; like {@link Store.addEvent} it may be lost. */
  keepBoot(kept: KeptBoot): Promise<void>

  /** What was made for the newest boot of a host that fetched something to be installed. */
  findKept(host: HostId): Promise<KeptBoot | undefined>

  /** The newest install of every host that had one, by host. */
  listInstalls(): Promise<readonly Install[]>

  /** The newest event of a host that says more than its state. */
  findSign(host: HostId): Promise<Sign | undefined>

  /** The same of every host that has one. */
  listSigns(): Promise<ReadonlyMap<HostId, Sign>>

  /** The installs that run now and were heard of at this time or later, in ms since 1970. */
  listHeard(since: number): Promise<readonly NamedInstall[]>

  /** The hosts that are installing, with when each was last heard: by a boot or by what it fetched, within seconds. */
  listRunning(): Promise<readonly RunningInstall[]>

  /** What operators set for all hosts and for images. */
  readDefaults(): Promise<Defaults>

  /** Changes what is set for all hosts (`undefined`), or for an image. @throws whatever `change` throws */
  changeDefaults(image: string | undefined, change: (settings: JsonObject) => JsonObject): Promise<JsonObject>

  /** Who may come to the admin door. */
  readonly access: AccessStore

  /** Who is told of what happens, and what each is still to be told. */
  readonly webhooks: WebhookStore

  /** Writes a consistent copy to a new file while everything goes on. */
  backup(file: string): Promise<void>
}
