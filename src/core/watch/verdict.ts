import type { HostId } from '../host.ts'
import type { Json } from '../json.ts'
import type { Position } from './stall.ts'

/** An install that is watched. */
export interface Watched {
  readonly hostId: HostId
  /** The newest boot of it that made progress, 0 before one did. */
  readonly boot: number
  readonly image: string
  readonly position: Position
  /** What is set for this host below the watchdog's key. */
  readonly settings: Json | undefined
  /** When it was found to have stalled, in ms since 1970. */
  readonly stalledAt: number | undefined
}

/** What a look at an install comes to. */
export type Verdict =
  | { readonly kind: 'stalled'; readonly watched: Watched; readonly why: string }
  /** It began once more, before anything was heard of it. */
  | { readonly kind: 'resumed'; readonly watched: Watched; readonly text: string }
  /** Nobody waits for its first start any more. */
  | { readonly kind: 'left'; readonly watched: Watched }
