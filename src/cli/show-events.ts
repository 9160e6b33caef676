import type { HostEvent } from '../core/event.ts'
import { ago, columns, printable } from './text.ts'

/** Events as lines, oldest first; without any there are no lines. */
export function eventLines(
  events: readonly HostEvent[],
  { now, withHost }: { readonly now: number; readonly withHost: boolean },
): string[] {
  if (events.length === 0) return []
  const withActor = events.some(({ by }) => by !== undefined)
  const head = ['When', ...(withHost ? ['Host'] : []), 'Boot', 'Event', ...(withActor ? ['By'] : []), 'What']
  const rows = events.map((event) => [
    ago(event.at, now),
    ...(withHost ? [String(event.hostId)] : []),
    String(event.boot ?? '-'),
    event.type,
    ...(withActor ? [printable(event.by ?? '-')] : []),
    printable(event.text),
  ])
  return columns(head, rows)
}
