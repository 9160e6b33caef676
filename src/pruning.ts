import type { Logger } from './log.ts'
import type { Store } from './store/store.ts'

const HOUR = 3_600_000
/** A boot that was not used for so long never will be: machines that wait start over after half an hour. */
const UNUSED_FOR = 24 * HOUR

/** Forgets unused boots every hour, until it is disposed of. */
export function startPruning(store: Pick<Store, 'pruneBoots'>, now: () => number, log: Logger): Disposable {
  const prune = async () => {
    try {
      const pruned = await store.pruneBoots(now() - UNUSED_FOR)
      if (pruned > 0) log.debug(`forgot ${pruned} boots that were never used`)
    } catch (error) {
      log.warn({ err: error }, 'unused boots could not be forgotten')
    }
  }
  const timer = setInterval(prune, HOUR).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
