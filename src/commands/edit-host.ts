import {
  assign,
  editMetadata,
  type Forgettable,
  forget,
  type HostChange,
  merge,
  protect,
  rename,
  retry,
  setFirmwareBoot,
  setLocalBoot,
  setMetadata,
  unprotect,
} from '../core/edit.ts'
import { ProvisionError } from '../core/errors.ts'
import { doneBy, type NewEvent } from '../core/event.ts'
import { expire } from '../core/greet.ts'
import { type FirmwareBoot, type Host, type LocalBoot, nameOf } from '../core/host.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import type { SettingChange } from '../core/setting.ts'
import type { ImageSnapshot } from '../images/library.ts'
import { keepSecrets } from '../kinds/settings.ts'
import type { Store } from '../store/store.ts'
import { checkChange } from './check-change.ts'
import { hashSettings } from './config/hash-changes.ts'
import { findHost } from './find-host.ts'

/** What one command changes about a host; what is absent stays. */
export interface HostEdits {
  readonly plan?: Plan
  /** How long the plan waits for a boot before it is void, in ms. */
  readonly expiresIn?: number
  readonly retry?: boolean
  /** The empty text takes the name away. */
  readonly name?: string
  /** Replaces the metadata. */
  readonly metadata?: JsonObject
  /** Changes in the metadata, after it was replaced. */
  readonly settings?: readonly SettingChange[]
  readonly localBoot?: LocalBoot
  readonly firmwareBoot?: FirmwareBoot
  /** `false` unprotects. */
  readonly protected?: boolean
  readonly forget?: readonly Forgettable[]
}

/** What can be assigned now. */
export interface Assignable extends ImageSnapshot {
  /** Why a loader or an installer would refuse an image on a host, a sentence each. */
  problems(host: Host, image: Image): Promise<readonly string[]>
}

export interface EditDeps {
  readonly store: Store
  readonly images: Assignable
  /** In ms since 1970. */
  readonly now: () => number
  /** Who asks for the change: `token NAME`, `loopback`, `cli USER`. */
  readonly by?: string | undefined
  /** Refuses a host that is not what whoever asks has seen; called with what is there when the change is made. */
  readonly expect?: ((host: Host) => void) | undefined
}

/** A host after a command, and what the command changed about it. */
export interface Edited {
  readonly host: Host
  readonly events: readonly NewEvent[]
}

/** The same, with what the operator should know. */
export interface EditedByHand extends Edited {
  readonly warnings: readonly string[]
}

/**
 * Changes one host: all edits are made or none. Clear passwords of a description are hashes from here on.
 * @param hostText an id, a host name, a MAC address, a serial or a UUID
 * @throws {ProvisionError} not-found, for an unknown host or image; invalid, for settings that cannot be; conflict, when the host's state or protection forbids it, or
 * when its new plan has an image that a loader or an installer would refuse there
 */
export async function editHost(deps: EditDeps, hostText: string, given: HostEdits): Promise<EditedByHand> {
  const { warnings, ...hashed } = hashSettings(given)
  const edits: HostEdits = { ...given, ...hashed }
  const asked = { edits, at: deps.now() }
  let checked = await findHost(deps.store, hostText)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (edits.plan !== undefined || edits.retry === true) {
      await checkInstallable(deps.images, applyEdits(deps, checked, asked).host)
    }
    let edited: HostChange | undefined
    const host = await deps.store.changeHost(checked.id, asked.at, (known) => {
      // A machine boots, another operator edits it, while files of its image were read: what was checked is not what is there.
      edited = isSameToInstall(known, checked) ? applyEdits(deps, known, asked) : undefined
      return edited ?? { host: known, events: [] }
    })
    if (edited !== undefined) return { host, events: edited.events, warnings }
    checked = host
  }
  throw new ProvisionError('conflict', `${nameOf(checked)} is changed by others all the time; try again`)
}

/** How often a host that others change meanwhile is looked at again. */
const MOST_ROUNDS = 10

function isSameToInstall(one: Host, other: Host): boolean {
  const relevant = ({ seenAt: _seen, address: _address, progress: _progress, attempts: _attempts, ...host }: Host) =>
    JSON.stringify(host)
  return relevant(one) === relevant(other)
}

/** @throws {ProvisionError} conflict, with all that stands in the way of the host's plan */
async function checkInstallable(images: Assignable, host: Host): Promise<void> {
  for (const name of host.plan.images) {
    const image = images.find(name)
    const problems = image === undefined ? [] : await images.problems(host, image)
    if (problems.length === 0) continue
    throw new ProvisionError('conflict', [`${name} cannot be installed on ${nameOf(host)}:`, ...problems].join('\n  '))
  }
}

/**
 * Makes one host of two that are the same machine; the first keeps its id, plan, name and metadata.
 * @throws {ProvisionError} not-found; conflict, when either is protected or being installed
 */
export async function mergeHosts(
  { store, now, by, expect }: Omit<EditDeps, 'images'>,
  keptText: string,
  goneText: string,
): Promise<Edited & { readonly gone: Host }> {
  const kept = await findHost(store, keptText)
  const gone = await findHost(store, goneText)
  let events: readonly NewEvent[] = []
  const at = now()
  const host = await store.mergeHosts(kept.id, gone.id, at, (first, second) => {
    expect?.(expire({ host: first, events: [] }, at).host)
    const { host: merged, events: told } = merge(first, second)
    events = doneBy(by, told)
    return { host: merged, events }
  })
  return { host, gone, events }
}

/**
 * Removes a host; its events stay.
 * @throws {ProvisionError} not-found; conflict, when it is protected or being installed
 */
export async function deleteHost(
  { store, now, by, expect }: Omit<EditDeps, 'images'>,
  hostText: string,
): Promise<Host> {
  const { id } = await findHost(store, hostText)
  const at = now()
  return store.deleteHost(id, at, (host) => {
    expect?.(expire({ host, events: [] }, at).host)
    checkDeletable(host)
    return { type: 'deleted', text: 'deleted by an operator', ...(by === undefined ? {} : { by }) }
  })
}

/** @throws {ProvisionError} conflict, when the host is protected or being installed */
export function checkDeletable(host: Host): void {
  if (host.protected) throw new ProvisionError('conflict', `${nameOf(host)} is protected; unprotect it first`)
  if (host.state === 'installing') throw new ProvisionError('conflict', `${nameOf(host)} is being installed`)
}

type Step = (host: Host) => HostChange

function applyEdits(
  deps: EditDeps,
  known: Host,
  asked: { readonly edits: HostEdits; readonly at: number },
): HostChange {
  // What is shown as void is void: a forgotten plan must not keep the host from being protected.
  let changed: HostChange = expire({ host: known, events: [] }, asked.at)
  deps.expect?.(changed.host)
  for (const step of stepsOf(deps, asked.edits, asked.at)) {
    const next = step(changed.host)
    changed = { host: next.host, events: [...changed.events, ...doneBy(deps.by, next.events)] }
  }
  checkChange(known.metadata, changed.host.metadata)
  return changed
}

/** The order makes `--unprotect -s esxi8` and `-s finished --protect` mean what they say. */
function stepsOf(deps: EditDeps, edits: HostEdits, at: number): Step[] {
  const { plan, expiresIn, name, metadata, settings, localBoot, firmwareBoot } = edits
  const steps: (Step | undefined)[] = [
    edits.protected === false ? unprotect : undefined,
    ...(edits.forget ?? []).map(
      (what): Step =>
        (host) =>
          forget(host, what),
    ),
    name === undefined ? undefined : (host) => rename(host, name),
    metadata === undefined ? undefined : (host) => setMetadata(host, keepSecrets(host.metadata, metadata)),
    settings === undefined ? undefined : (host) => editMetadata(host, settings),
    localBoot === undefined ? undefined : (host) => setLocalBoot(host, localBoot),
    firmwareBoot === undefined ? undefined : (host) => setFirmwareBoot(host, firmwareBoot),
    plan === undefined ? undefined : (host) => assignKnown(deps, host, { plan, expiresAt: expiryOf(at, expiresIn) }),
    edits.retry === true ? (host) => retryKnown(deps, host) : undefined,
    edits.protected === true ? protect : undefined,
  ]
  return steps.filter((step) => step !== undefined)
}

function expiryOf(at: number, expiresIn: number | undefined): number | undefined {
  return expiresIn === undefined ? undefined : at + expiresIn
}

function assignKnown(
  deps: EditDeps,
  host: Host,
  { plan, expiresAt }: { readonly plan: Plan; readonly expiresAt: number | undefined },
): HostChange {
  checkImages(deps, plan)
  return assign(host, plan, expiresAt)
}

function retryKnown(deps: EditDeps, host: Host): HostChange {
  const changed = retry(host)
  checkImages(deps, host.plan)
  return changed
}

function checkImages({ images }: EditDeps, plan: Plan): void {
  const name = plan.images.find((one) => images.find(one) === undefined)
  if (name === undefined) return
  const broken = images.list.find((entry) => entry.name === name && entry.image === undefined)
  if (broken?.image === undefined && broken !== undefined) {
    throw new ProvisionError('conflict', `image ${name} cannot be used: ${broken.problem}`)
  }
  const there = images.list.filter((entry) => entry.image !== undefined).map((entry) => entry.name)
  const others = there.length === 0 ? 'there are none yet' : `there are ${there.join(', ')}`
  throw new ProvisionError('not-found', `there is no image ${name}; ${others}`)
}
