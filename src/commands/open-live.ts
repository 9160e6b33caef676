import { EventTail } from '../store/event-tail.ts'
import { InstallTail } from '../store/install-tail.ts'
import type { Store } from '../store/store.ts'
import type { Live } from './follow.ts'

/** Follows the hosts of a store, once for all who look. Nothing is read while nobody does. */
export function openLive(store: Store, now: () => number, onError: (error: unknown) => void): Live & Disposable {
  const events = new EventTail(store, { onError })
  const installs = new InstallTail(store, now, onError)
  return {
    events,
    installs,
    [Symbol.dispose]() {
      events.close()
      installs.close()
    },
  }
}
