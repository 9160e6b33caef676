import { openAttention } from '../commands/attention.ts'
import { findHost } from '../commands/find-host.ts'
import { eventJson, hostJson } from '../commands/host-json.ts'
import { ProvisionError } from '../core/errors.ts'
import type { HostEvent } from '../core/event.ts'
import type { Host } from '../core/host.ts'
import type { Store } from '../store/store.ts'
import { eventLines } from './show-events.ts'
import { type Detail, installsByHost, showHosts } from './show-hosts.ts'
import type { Terminal } from './terminal.ts'
import { toJson } from './text.ts'

const USUAL_EVENTS = 50

interface Listing {
  /** The hosts to list; none means all. */
  readonly hosts: readonly string[]
  /** How often `-l` was given; a host that is only named is shown in full. */
  readonly list: number
  readonly last: number | undefined
  readonly json: boolean
}

/**
 * Prints the hosts that were named, or all.
 * @throws {ProvisionError} not-found, conflict
 */
export async function listHosts(
  terminal: Terminal,
  store: Store,
  { hosts: texts, list, json }: Listing,
): Promise<void> {
  const hosts: Host[] = []
  for (const text of texts) hosts.push(await findHost(store, text))
  const shown = texts.length === 0 ? await store.listHosts() : hosts
  if (json) {
    const installs = await installsByHost(store)
    const attention = await openAttention({ store, now: terminal.now })
    const faces = shown.map((host) => hostJson(host, terminal.now(), installs.get(host.id), attention(host)))
    terminal.out(toJson(texts.length === 1 ? faces[0] : faces))
    return
  }
  const detail: Detail = list === 1 ? 1 : list === 2 ? 2 : 3
  await showHosts(terminal, store, { hosts: shown, detail })
}

/**
 * Prints what happened, oldest first.
 * @throws {ProvisionError} not-found, conflict
 */
export async function listEvents(terminal: Terminal, store: Store, asked: Listing): Promise<void> {
  const last = asked.last ?? USUAL_EVENTS
  const found: HostEvent[] = []
  if (asked.hosts.length === 0) found.push(...(await store.listEvents({ last })))
  for (const text of asked.hosts) found.push(...(await eventsOf(store, text, last)))
  const events = found.sort((a, b) => a.id - b.id).slice(-last)
  if (asked.json) {
    terminal.out(toJson(events.map(eventJson)))
    return
  }
  if (events.length === 0) terminal.say('nothing has happened yet')
  const [head, ...lines] = eventLines(events, { now: terminal.now(), withHost: asked.hosts.length !== 1 })
  if (head !== undefined) terminal.out(terminal.colors.bold(head))
  for (const line of lines) terminal.out(line)
}

/** The events of a deleted host are still there, under its id. */
async function eventsOf(store: Store, text: string, last: number): Promise<readonly HostEvent[]> {
  try {
    const host = await findHost(store, text)
    return await store.listEvents({ host: host.id, last })
  } catch (error) {
    const isGone = error instanceof ProvisionError && error.kind === 'not-found' && /^\d{1,15}$/.test(text)
    const events = isGone ? await store.listEvents({ host: Number(text), last }) : []
    if (events.length === 0) throw error
    return events
  }
}
