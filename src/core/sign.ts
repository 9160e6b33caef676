import { HELD, QUEUED } from './decide.ts'
import type { NewEvent } from './event.ts'

/** What an event can leave behind that a person may have to know of, beside the state of the host. */
export const SIGN_KINDS = [
  'assigned',
  'queued',
  'held',
  'fetch-failed',
  'report',
  'template-error',
  'conflict',
  'expired',
  'looping',
] as const

export type SignKind = (typeof SIGN_KINDS)[number]

/** The newest event of a host that says more than its state: kept once a host, so that a list of all needs no look at their events. */
export interface Sign {
  readonly kind: SignKind
  /** The event's text. */
  readonly text: string
  /** In ms since 1970. */
  readonly at: number
  /** The boot in which it happened, when it did in one. */
  readonly boot: number | undefined
}

/** What leaves nothing to say of a host: whatever was wrong before is over. */
const SETTLES: ReadonlySet<NewEvent['type']> = new Set(['finished', 'merged', 'forgotten'])

/** Those that are a sign by their type alone. */
const BY_TYPE: { readonly [T in NewEvent['type']]?: SignKind } = {
  assigned: 'assigned',
  advanced: 'assigned',
  'fetch-failed': 'fetch-failed',
  'template-error': 'template-error',
  conflict: 'conflict',
  expired: 'expired',
  looping: 'looping',
}

/** What an event is a sign of; `none` takes away the sign that was there, `undefined` leaves it. */
export function signOf({ type, text }: NewEvent): SignKind | 'none' | undefined {
  if (SETTLES.has(type)) return 'none'
  if (type === 'booted') return text.startsWith(HELD) ? 'held' : text.startsWith(QUEUED) ? 'queued' : undefined
  // Installers report what goes well, too; what a boot script reports is a failure, and has a number.
  if (type === 'report') return /^stage [^,]*, errno /.test(text) ? 'report' : undefined
  return BY_TYPE[type]
}
