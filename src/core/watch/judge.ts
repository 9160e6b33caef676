import { spanText } from '../words.ts'
import type { Deadlines } from './deadlines.ts'
import { describeStall, isOverdue } from './stall.ts'
import type { Verdict, Watched } from './verdict.ts'

/** A first start that was not heard of for so long is nothing that anybody waits for, in ms. */
const FORGOTTEN = 24 * 60 * 60_000

/** When it is judged, and since when there has been a server to hear machines, in ms since 1970. */
export interface WatchTime {
  readonly now: number
  readonly listening: number
}

/** Judges one install; `undefined` when nothing is new about it. */
export function judgeInstall(watched: Watched, deadlines: Deadlines, time: WatchTime): Verdict | undefined {
  const { position, stalledAt } = watched
  if (position.stage === 'finished') {
    const isAwaited = (deadlines.finished ?? 0) > 0 && time.now - position.since < FORGOTTEN
    if (!isAwaited) return { kind: 'left', watched }
  }
  if (stalledAt !== undefined && stalledAt < position.heardAt) {
    return { kind: 'resumed', watched, text: `it asked again after ${spanText(position.heardAt - stalledAt)}` }
  }
  if (stalledAt !== undefined || !isOverdue(position, deadlines, time)) return undefined
  return { kind: 'stalled', watched, why: describeStall(position, time.now) }
}
