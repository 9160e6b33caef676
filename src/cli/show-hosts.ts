import { openAttention } from '../commands/attention.ts'
import type { Attention } from '../core/attention.ts'
import { expire } from '../core/greet.ts'
import type { Host, HostId, HostState } from '../core/host.ts'
import { describeProgress, shortProgress } from '../core/install-progress.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { formatPlan } from '../core/plan.ts'
import { count } from '../core/words.ts'
import { hideSecrets } from '../kinds/settings.ts'
import type { Install, Store } from '../store/store.ts'
import { eventLines } from './show-events.ts'
import type { Terminal } from './terminal.ts'
import { ago, columns, printable } from './text.ts'

const HEAD = ['Id', 'Hostname', 'State', 'Plan', 'Serial', 'Seen']
/** The heading of what is only there when a host needs somebody. */
const ATTENTION = 'Attention'
const INDENT = '      '
const EVENTS_SHOWN = 5

/** How much is told of each host: 1 a line, 2 all but what is nested, 3 everything and its last events. */
export type Detail = 1 | 2 | 3

/** Prints hosts as a table, with more below each line when asked for. */
export async function showHosts(
  terminal: Terminal,
  store: Pick<Store, 'listEvents' | 'listInstalls' | 'listSigns' | 'findInstall' | 'findSign'>,
  { hosts, detail }: { readonly hosts: readonly Host[]; readonly detail: Detail },
): Promise<void> {
  if (hosts.length === 0) {
    terminal.say('no hosts are known yet; a machine becomes one when it boots from the network')
    return
  }
  const now = terminal.now()
  const installs = await installsByHost(store)
  const attentionOf = await openAttention({ store, now: terminal.now })
  const shown = hosts.map((host) => ({ host, install: installs.get(host.id), attention: attentionOf(host) }))
  const isAnyone = shown.some(({ attention }) => attention.level !== 'none')
  const [head = '', ...lines] = columns(
    isAnyone ? [...HEAD, ATTENTION] : HEAD,
    shown.map((one) => [
      ...rowOf(one.host, one.install, terminal),
      ...(isAnyone ? [attentionCell(one.attention, terminal)] : []),
    ]),
  )
  terminal.out(terminal.colors.bold(head))
  for (const [index, one] of shown.entries()) {
    terminal.out(lines[index] ?? '')
    const more = [
      ...(detail > 1 ? detailLines(one, terminal, detail) : []),
      ...(detail > 2 ? await lastEvents(store, one.host, terminal) : []),
    ]
    for (const line of more) terminal.out(INDENT + line)
  }
  if (hosts.length > 1 && terminal.isLive) terminal.say(summaryOf(hosts, now))
}

/** The newest install of every host that had one. */
export async function installsByHost(store: Pick<Store, 'listInstalls'>): Promise<ReadonlyMap<HostId, Install>> {
  return new Map((await store.listInstalls()).map((install) => [install.hostId, install]))
}

/** The install that a host is in, if the server has heard of it in that. */
function runningInstall(host: Host, install: Install | undefined): Install | undefined {
  const isRunning = host.state === 'installing' && install?.boot === host.progress
  return isRunning && install.image === host.plan.images[0] ? install : undefined
}

async function lastEvents(store: Pick<Store, 'listEvents'>, host: Host, terminal: Terminal): Promise<string[]> {
  const events = await store.listEvents({ host: host.id, last: EVENTS_SHOWN })
  return eventLines(events, { now: terminal.now(), withHost: false }).map(terminal.colors.dim)
}

function rowOf(known: Host, install: Install | undefined, terminal: Terminal): string[] {
  const now = terminal.now()
  const { host } = expire({ host: known, events: [] }, now)
  return [
    String(host.id),
    host.hostname ?? '-',
    stateCell(host, runningInstall(host, install), terminal),
    planCell(known, now),
    printable(host.serial ?? '-'),
    ago(lastHeard(host, runningInstall(host, install)), now),
  ]
}

/** An install may take an hour after the boot in which its host was seen. */
function lastHeard({ seenAt }: Host, install: Install | undefined): number | undefined {
  return install === undefined ? seenAt : Math.max(seenAt ?? 0, install.progress.heardAt)
}

function stateCell(host: Host, install: Install | undefined, { colors }: Terminal): string {
  const paint: { readonly [S in HostState]: (text: string) => string } = {
    new: colors.cyan,
    assigned: colors.yellow,
    installing: colors.blue,
    finished: colors.green,
    failed: colors.red,
  }
  const image = host.state === 'installing' ? ` ${host.plan.images[0]}` : ''
  const progress = install === undefined ? '' : shortProgress(install.progress)
  return (
    paint[host.state](host.state + image + (progress === '' ? '' : `: ${progress}`)) +
    (host.protected ? ' protected' : '')
  )
}

function attentionCell({ level, what }: Attention, { colors }: Terminal): string {
  if (level === 'none') return ''
  return level === 'act' ? colors.red(what) : colors.yellow(what)
}

function planCell(host: Host, now: number): string {
  const plan = formatPlan(host.plan)
  if (host.plan.images.length === 0) return '-'
  if (host.state !== 'assigned' || host.expiresAt === undefined) return plan
  return now < host.expiresAt ? `${plan} (${ago(now, host.expiresAt).replace(' ago', '')} left)` : `${plan} (void)`
}

interface Shown {
  readonly host: Host
  readonly install: Install | undefined
  readonly attention: Attention
}

function detailLines({ host, install, attention }: Shown, terminal: Terminal, detail: Detail): string[] {
  const { firmware } = host
  const facts: (readonly [string, string | undefined])[] = [
    ['MACs', host.macs.join(' ') || undefined],
    ['UUID', host.uuid],
    ['Firmware', firmware === undefined ? undefined : Object.values(firmware).filter(Boolean).join(', ') || undefined],
    ['Address', host.address],
    ['To disk', host.localBoot === 'auto' ? undefined : `by ${host.localBoot}`],
    ['Boots', host.firmwareBoot === 'ipxe' ? undefined : 'by HTTP, without iPXE'],
    ['Install', installText(host, install, terminal.now())],
    ['Reason', host.reason],
    [ATTENTION, attention.level === 'none' ? undefined : attention.why],
    ...metadataLines(hideSecrets(host.metadata), detail).map(
      (line, index) => [index === 0 ? 'Metadata' : '', line] as const,
    ),
  ]
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${terminal.colors.dim(name.padEnd(10))}${printable(value)}`],
  )
}

function installText(host: Host, install: Install | undefined, now: number): string | undefined {
  const running = runningInstall(host, install)
  if (running === undefined) return undefined
  const { image, progress } = running
  return `installing ${image}: ${describeProgress(progress)}, heard ${ago(progress.heardAt, now)}`
}

/** One line a key, as KIWIspray prints it: what is nested only in full detail, with dots. */
function metadataLines(metadata: JsonObject, detail: Detail, prefix = ''): string[] {
  return Object.entries(metadata)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => {
      const name = prefix + key
      if (!isJsonObject(value)) return [`${name} ${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}`]
      const keys = Object.keys(value).length
      return detail < 3 ? [`${name} {${count(keys, 'key')}}`] : metadataLines(value, detail, `${name}.`)
    })
}

function summaryOf(hosts: readonly Host[], now: number): string {
  const states = hosts.map((host) => expire({ host, events: [] }, now).host.state)
  const counts = [...new Set(states)].map((state) => `${states.filter((one) => one === state).length} ${state}`)
  return `${count(hosts.length, 'host')}: ${counts.join(', ')}`
}
