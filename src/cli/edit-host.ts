import type { Command } from 'commander'
import {
  type Assignable,
  checkDeletable,
  deleteHost,
  type EditDeps,
  editHost,
  type HostEdits,
  mergeHosts,
} from '../commands/edit-host.ts'
import { findHost } from '../commands/find-host.ts'
import { hostJson } from '../commands/host-json.ts'
import { openStore } from '../commands/open-store.ts'
import { ProvisionError } from '../core/errors.ts'
import type { NewEvent } from '../core/event.ts'
import { expire } from '../core/greet.ts'
import { type Host, nameOf } from '../core/host.ts'
import { describeIdentity } from '../core/identity.ts'
import type { Store } from '../store/store.ts'
import { addBaseUrlOption, readBaseUrl } from './base-url.ts'
import { EXAMPLES } from './edit-host-help.ts'
import { addEditOptions, addOldNames, collect, passwordAdvice, readEdits } from './edit-host-options.ts'
import { addFolderOptions, type Folders, readFolders } from './folders.ts'
import { readConfigChange, showConfigs } from './host-config.ts'
import { listEvents, listHosts } from './list-hosts.ts'
import { getRootPassword, type PasswordSource, readPasswordSource } from './root-password.ts'
import { Refused } from './run.ts'
import { Misuse, SettingsReader } from './settings.ts'
import { installsByHost } from './show-hosts.ts'
import { actorOf, type Terminal } from './terminal.ts'
import { once, printable, toJson } from './text.ts'

const MOST_EVENTS = 100_000

/** What one command line asks for. */
interface Asked {
  readonly hosts: readonly string[]
  readonly edits: HostEdits | undefined
  readonly password: PasswordSource | undefined
  /** A file or folder that says what the hosts are to be. */
  readonly config: string | undefined
  readonly showsConfig: boolean
  readonly merge: string | undefined
  readonly delete: boolean
  readonly yes: boolean
  /** How often `-l` was given. */
  readonly list: number
  readonly events: boolean
  readonly last: number | undefined
  readonly json: boolean
  readonly base: string | undefined
}

/** Gives a command the flags and the work of `edit-host`, as a program of its own and below `metalspray`. */
export function setUpEditHost(command: Command, terminal: Terminal): void {
  let list = 0
  command
    .description('list hosts and change one')
    .optionsGroup('Choosing and listing:')
    .option('-i, --host <host>', 'id, host name, MAC, serial or UUID (may be repeated)', collect)
    .option('-l, --list', 'list hosts; -ll with MACs and metadata, -lll with everything')
    .option('--show-config', 'what the host is to be, each part with who says so')
    .option('--events', 'what happened, to one host or all')
    .option('--last <n>', 'with --events: the newest so many')
    .option('--json', 'print JSON for other programs')
    .on('option:list', () => {
      list += 1
    })
  addFolderOptions(addEditOptions(command).optionsGroup('Folders:'), 'data', 'images', 'templates')
  addBaseUrlOption(command, 'with -s: the address by which machines reach the server')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const settings = new SettingsReader(command, terminal)
      const folders = readFolders(settings, terminal)
      const asked = await readAsked(settings, terminal, list)
      if (isNothing(asked))
        throw new Misuse('nothing to do: name a host with -i or list all with -l (--help says more)')
      await using store = openStore(folders.data)
      await carryOut(terminal, { asked, store, folders })
    })
  addOldNames(command)
}

async function readAsked(settings: SettingsReader, terminal: Terminal, list: number): Promise<Asked> {
  const edits = await readEdits(settings, terminal)
  const asked: Asked = {
    hosts: settings.list('host', (text) => text),
    edits,
    password: readPasswordSource(settings, edits?.settings),
    config: settings.text('config'),
    showsConfig: settings.flag('showConfig'),
    merge: settings.text('merge'),
    delete: settings.flag('delete'),
    yes: settings.flag('yes'),
    list,
    events: settings.flag('events'),
    last: settings.read('last', readLast),
    json: settings.flag('json'),
    base: settings.read('baseUrl', readBaseUrl),
  }
  checkVerbs(settings, asked)
  settings.done()
  return asked
}

function isEdit({ edits, password, config }: Asked): boolean {
  return [edits, password, config].some((given) => given !== undefined)
}

/** One command line does one thing. */
function checkVerbs(settings: SettingsReader, asked: Asked): void {
  const { hosts, events, showsConfig } = asked
  const verbs = [isEdit(asked), asked.merge !== undefined, asked.delete].filter(Boolean).length
  const faults: readonly (readonly [boolean, string])[] = [
    [verbs > 1, '--merge and --delete go with no other change'],
    [verbs > 0 && hosts.length === 0, 'which host? Name it with -i'],
    [asked.merge !== undefined && hosts.length > 1, '--merge takes one host with -i'],
    [events && verbs > 0, '--events goes with no change'],
    [showsConfig && verbs > 0, '--show-config goes with no change'],
    [showsConfig && hosts.length === 0, 'whose? Name the host with -i'],
    [settings.isGiven('last') && !events, '--last goes with --events'],
  ]
  for (const [isThere, sentence] of faults) if (isThere) settings.wrong(sentence)
}

function isNothing(asked: Asked): boolean {
  return asked.hosts.length === 0 && asked.list === 0 && !asked.events && !asked.json
}

function readLast(text: string): number {
  const last = Number(text)
  if (!/^\d+$/.test(text) || last < 1 || last > MOST_EVENTS) {
    throw new ProvisionError('invalid', `is not a number from 1 to ${MOST_EVENTS}`)
  }
  return last
}

interface Job {
  readonly asked: Asked
  readonly store: Store
  readonly folders: Folders
}

async function carryOut(terminal: Terminal, { asked, store, folders }: Job): Promise<void> {
  if (asked.events) return listEvents(terminal, store, asked)
  if (asked.delete) return deleteHosts(terminal, store, asked)
  if (asked.merge !== undefined) return mergeInto(terminal, store, asked)
  if (asked.showsConfig)
    return showConfigs(terminal, store, { hosts: asked.hosts, isJson: asked.json, images: folders.images })
  if (!isEdit(asked)) return listHosts(terminal, store, asked)
  for (const advice of passwordAdvice(asked.edits?.settings)) terminal.say(`warning: ${advice}`)
  const edits = await withPassword(terminal, store, await withConfig(terminal, asked))
  const images = await imagesFor({ asked, store, folders })
  const deps: EditDeps = { store, images, now: terminal.now, by: actorOf(terminal) }
  await editEach(terminal, deps, { asked, edits })
  if (asked.list > 0) await listHosts(terminal, store, asked)
}

/** What stands in a file is changed by what stands on the command line. */
async function withConfig(terminal: Terminal, asked: Asked): Promise<Asked> {
  if (asked.config === undefined) return asked
  const change = await readConfigChange(terminal, asked.config)
  return { ...asked, edits: { ...asked.edits, settings: [change, ...(asked.edits?.settings ?? [])] } }
}

/** Asks for the root password, when that is wanted: once for all hosts that were named, if there are any. */
async function withPassword(terminal: Terminal, store: Store, asked: Asked): Promise<HostEdits> {
  const edits = asked.edits ?? {}
  if (asked.password === undefined) return edits
  for (const text of asked.hosts) await findHost(store, text)
  return { ...edits, settings: [...(edits.settings ?? []), await getRootPassword(terminal, asked.password)] }
}

/** Only a plan needs the images: what knows them is loaded then, so that the other edits start at once. */
async function imagesFor({ asked, store, folders }: Job): Promise<Assignable> {
  const isAssigned = asked.edits?.plan !== undefined || asked.edits?.retry === true
  if (!isAssigned) return { find: () => undefined, list: [], problems: async () => [] }
  const { openWorkshop } = await import('./images-folder.ts')
  const { assignableImages } = await import('../commands/workshop.ts')
  return assignableImages(openWorkshop(store, folders, asked.base), folders)
}

/** Each host is a transaction of its own: one that refuses does not keep the others from what was asked. */
async function editEach(
  terminal: Terminal,
  deps: EditDeps,
  { asked, edits }: { readonly asked: Asked; readonly edits: HostEdits },
): Promise<void> {
  const edited: Host[] = []
  // Of several hosts that are given the same, each would say so.
  const warn = once((warning) => terminal.say(`warning: ${printable(warning)}`))
  for (const text of asked.hosts) {
    try {
      const { host, events, warnings } = await editHost(deps, text, edits)
      edited.push(host)
      warnings.forEach(warn)
      if (!asked.json) tell(terminal, host, events)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      terminal.say(`error: ${error.message}`)
    }
  }
  if (asked.json && asked.list === 0) await printHosts(terminal, deps.store, edited, asked.hosts.length === 1)
  if (edited.length < asked.hosts.length) throw new Refused()
}

async function printHosts(terminal: Terminal, store: Store, hosts: readonly Host[], isOne: boolean): Promise<void> {
  const installs = await installsByHost(store)
  const faces = hosts.map((host) => hostJson(host, terminal.now(), installs.get(host.id)))
  const face = isOne ? faces[0] : faces
  if (face !== undefined) terminal.out(toJson(face))
}

function tell(terminal: Terminal, host: Host, events: readonly NewEvent[]): void {
  const told = events.length === 0 ? ['nothing to change'] : events.map(({ text }) => printable(text))
  terminal.out(`${nameOf(host)}: ${told.join('; ')}`)
}

async function mergeInto(terminal: Terminal, store: Store, asked: Asked): Promise<void> {
  const deps = { store, now: terminal.now, by: actorOf(terminal) }
  const { host, gone } = await mergeHosts(deps, asked.hosts[0] ?? '', asked.merge ?? '')
  if (asked.json) return printHosts(terminal, store, [host], true)
  terminal.out(`${nameOf(gone)} is merged into ${nameOf(host)} and gone as a host of its own`)
  terminal.out(`${nameOf(host)} is ${stateOf(host, terminal)}, with ${describeIdentity(host)}`)
}

async function deleteHosts(terminal: Terminal, store: Store, asked: Asked): Promise<void> {
  const hosts: Host[] = []
  for (const text of asked.hosts) hosts.push(await findHost(store, text))
  hosts.forEach(checkDeletable)
  if (!asked.yes) await askToDelete(terminal, hosts)
  for (const { id } of hosts) {
    const host = await deleteHost({ store, now: terminal.now, by: actorOf(terminal) }, String(id))
    terminal.out(`${nameOf(host)} is deleted; its events stay: --events -i ${host.id}`)
  }
}

async function askToDelete(terminal: Terminal, hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) terminal.say(`${nameOf(host)}: ${stateOf(host, terminal)}, ${describeIdentity(host)}`)
  const sure = await terminal.confirm(hosts.length === 1 ? 'Delete this host?' : `Delete these ${hosts.length} hosts?`)
  if (sure === undefined)
    throw new ProvisionError('conflict', '--delete asks first, and nobody is here to answer; add --yes')
  if (!sure) throw new ProvisionError('conflict', 'not deleted')
}

/** As the list shows it: a plan that is void is none. */
function stateOf(host: Host, terminal: Terminal): string {
  return expire({ host, events: [] }, terminal.now()).host.state
}
