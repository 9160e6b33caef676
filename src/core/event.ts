/** All types of events. */
export const EVENT_TYPES = [
  'discovered',
  'imported',
  'identity',
  'conflict',
  'assigned',
  'expired',
  'booted',
  'progress',
  'stage',
  'fetch-failed',
  'post-install',
  'updated',
  'advanced',
  'finished',
  'failed',
  'refused',
  'stalled',
  'resumed',
  'looping',
  'report',
  'template-error',
  'edited',
  'protected',
  'unprotected',
  'merged',
  'forgotten',
  'deleted',
] as const

/** What an event tells. */
export type EventType = (typeof EVENT_TYPES)[number]

/** A fact about a host that is about to be written, in the transaction of the change it tells. */
export interface NewEvent {
  readonly type: EventType
  /** One line for people. */
  readonly text: string
  /** Who did it, when a person or a person's program did: `token NAME`, `loopback`, `cli USER`. */
  readonly by?: string
}

/** Events with who did what they tell. */
export function doneBy(by: string | undefined, events: readonly NewEvent[]): readonly NewEvent[] {
  return by === undefined ? events : events.map((event) => ({ ...event, by }))
}

/** One fact that happened to a host, kept for good. */
export interface HostEvent extends NewEvent {
  readonly id: number
  readonly hostId: number
  /** The boot in which it happened, when it did in one. */
  readonly boot: number | undefined
  /** In ms since 1970. */
  readonly at: number
}
