import type { HostId } from '../core/host.ts'
import type { ConsoleLine, NamedEvent, Store } from '../store/store.ts'
import type { News } from './follow.ts'

/** What is wanted of all that is known of a host. */
export interface LogQuery {
  readonly host: HostId
  /** What happened at this time or later, in ms since 1970. */
  readonly since?: number | undefined
  /** The newest so many. */
  readonly limit: number
}

type LogEntry = Exclude<News, { readonly kind: 'progress' }>

/** What is known of a host in order of time, and behind which ids what comes later is found. */
export interface HostLog {
  readonly entries: readonly LogEntry[]
  readonly lastEvent: number
  readonly lastLine: number
}

/** All that is known of a host, in order of time: its events, among them its boots and reports, and what its console said. */
export async function readHostLog(
  store: Pick<Store, 'readEvents' | 'readLines' | 'newestEvent'>,
  { host, since, limit }: LogQuery,
): Promise<HostLog> {
  // In this order: an event that is written meanwhile is rather told by who follows from here.
  const lastEvent = await store.newestEvent()
  const events = await store.readEvents({ host, since, limit, before: lastEvent + 1 })
  const lines = await store.readLines({ host, since, limit })
  return { entries: merge(events, lines).slice(-limit), lastEvent, lastLine: lines.at(-1)?.id ?? 0 }
}

function merge(events: readonly NamedEvent[], lines: readonly ConsoleLine[]): LogEntry[] {
  const all: LogEntry[] = [
    ...events.map((event): LogEntry => ({ kind: 'event', event })),
    ...lines.map((line): LogEntry => ({ kind: 'line', line })),
  ]
  // Stable: what has the same time stays in the order of its ids, events first.
  return all.sort((a, b) => timeOf(a) - timeOf(b))
}

function timeOf(entry: LogEntry): number {
  return entry.kind === 'event' ? entry.event.at : entry.line.at
}
