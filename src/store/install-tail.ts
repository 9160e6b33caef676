import type { HostId } from '../core/host.ts'
import type { Subscription } from './event-tail.ts'
import type { NamedInstall, Store } from './store.ts'

/** How often it is looked how far the running installs are, in ms. */
const POLL = 1000
/** What was heard so long before the last look is looked at again, in ms: it may have been written late, or by another clock. */
const OVERLAP = 15_000

/** What a subscriber is called with: the installs that have got on since it was last called. */
export type InstallListener = (installs: readonly NamedInstall[]) => void

/** Follows how far running installs are: one reader for many subscribers, which reads only while there are some. */
export class InstallTail {
  readonly #store: Pick<Store, 'listHeard'>
  readonly #now: () => number
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Set<InstallListener>()
  /** When each running install was last heard, of those that may be found again. */
  #told = new Map<HostId, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(store: Pick<Store, 'listHeard'>, now: () => number, onError: (error: unknown) => void = () => {}) {
    this.#store = store
    this.#now = now
    this.#onError = onError
  }

  /** Calls `listen` with the installs that run now, as far as they were heard lately, and then with each that gets on. */
  subscribe(listen: InstallListener): Subscription {
    this.#listeners.add(listen)
    void this.#look(listen)
    this.#timer ??= setInterval(() => void this.#look(), POLL)
    return {
      close: () => {
        this.#listeners.delete(listen)
        if (this.#listeners.size === 0) this.close()
      },
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#listeners.clear()
    this.#told.clear()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** @param first who is to be told all, having been told nothing yet; without it, everybody is told what is new */
  async #look(first?: InstallListener): Promise<void> {
    try {
      const found = await this.#store.listHeard(this.#now() - OVERLAP)
      if (first !== undefined) {
        if (found.length > 0 && this.#listeners.has(first)) first(found)
        return
      }
      const news = found.filter((install) => this.#told.get(install.hostId) !== keyOf(install))
      this.#told = new Map(found.map((install) => [install.hostId, keyOf(install)]))
      if (news.length > 0) for (const listen of this.#listeners) listen(news)
    } catch (error) {
      this.#onError(error)
    }
  }
}

function keyOf({ boot, progress }: NamedInstall): string {
  return `${boot} ${progress.stage} ${progress.heardAt} ${progress.done.bytes}`
}
