import type { HostEvent } from '../core/event.ts'
import type { NamedEvent } from './event-log.ts'
import type { Store } from './store.ts'

/** How often it is looked for what other processes wrote, in ms. */
const POLL = 250
/** Between two looks there is at least so much time, in ms: a rack that powers on writes hundreds of events in a moment. */
const PAUSE = 50
/** So many events are handed over at once. */
const PAGE = 500

/** What a subscriber is called with: events in order of their ids, each once. */
export type EventListener = (events: readonly NamedEvent[]) => void

export interface Subscription {
  close(): void
}

export interface TailOptions {
  /** Is told of what keeps the tail from reading for now, and of what a subscriber threw. */
  readonly onError?: (error: unknown) => void
}

interface Subscriber {
  /** The id of the last event that it was given; `undefined` until it is known which is the newest. */
  at: number | undefined
  readonly wanted: number | undefined
  readonly listen: EventListener
}

/**
 * Follows the events of all hosts as they are written, by whichever process: one reader for many subscribers. SQLite has one writer at a
 * time, so ids are in the order of commits, and nothing can appear later before what was read already.
 *
 * It reads only while somebody has subscribed.
 */
export class EventTail {
  readonly #store: Pick<Store, 'readEvents' | 'newestEvent' | 'onWrite'>
  readonly #onError: (error: unknown) => void
  readonly #subscribers = new Set<Subscriber>()
  #cursor: number | undefined
  #isRunning = false
  #wake: (() => void) | undefined
  #isWoken = false
  #unwatch: (() => void) | undefined

  constructor(store: Pick<Store, 'readEvents' | 'newestEvent' | 'onWrite'>, { onError = () => {} }: TailOptions = {}) {
    this.#store = store
    this.#onError = onError
  }

  /**
   * Calls `listen` with every event behind `after` (an id), those of the past first; without it, with those that are written from now on.
   * An id that this database has not come to yet counts as the newest.
   */
  subscribe({ after }: { readonly after?: HostEvent['id'] | undefined }, listen: EventListener): Subscription {
    const subscriber: Subscriber = { at: undefined, wanted: after, listen }
    this.#subscribers.add(subscriber)
    this.#unwatch ??= this.#store.onWrite(() => this.#rouse())
    if (this.#isRunning) this.#rouse()
    else void this.#run()
    return {
      close: () => {
        this.#subscribers.delete(subscriber)
        if (this.#subscribers.size === 0) this.close()
      },
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#subscribers.clear()
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#rouse()
  }

  #rouse(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    this.#cursor = undefined
    while (this.#subscribers.size > 0) {
      this.#isWoken = false
      const hasMore = await this.#pass().catch((error: unknown) => {
        this.#onError(error)
        return false
      })
      if (this.#subscribers.size === 0) break
      if (hasMore) await new Promise(setImmediate)
      else await this.#rest()
    }
    this.#isRunning = false
  }

  /** Waits until there may be news, but for a moment in any case. */
  async #rest(): Promise<void> {
    await this.#sleep(PAUSE, false)
    if (!this.#isWoken) await this.#sleep(POLL - PAUSE, true)
  }

  async #sleep(ms: number, isWakeable: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        if (!isWakeable && this.#subscribers.size > 0) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  /** Hands over one page to each subscriber. @returns whether there may be more */
  async #pass(): Promise<boolean> {
    this.#cursor ??= await this.#store.newestEvent()
    const before = this.#cursor
    for (const subscriber of this.#subscribers) subscriber.at ??= Math.min(subscriber.wanted ?? before, before)
    const news = await this.#store.readEvents({ after: before, limit: PAGE })
    const behind = [...this.#subscribers].filter(({ at }) => at !== undefined && at < before)
    for (const subscriber of this.#subscribers) if (subscriber.at === before) this.#give(subscriber, news)
    this.#cursor = news.at(-1)?.id ?? before
    for (const subscriber of behind) await this.#catchUp(subscriber, this.#cursor)
    return news.length === PAGE || behind.length > 0
  }

  async #catchUp(subscriber: Subscriber, until: number): Promise<void> {
    const page = await this.#store.readEvents({ after: subscriber.at ?? 0, before: until + 1, limit: PAGE })
    this.#give(subscriber, page)
    // A page that is not full holds all that there was.
    if (page.length < PAGE) subscriber.at = until
  }

  #give(subscriber: Subscriber, events: readonly NamedEvent[]): void {
    const last = events.at(-1)
    if (last === undefined || !this.#subscribers.has(subscriber)) return
    subscriber.at = last.id
    try {
      subscriber.listen(events)
    } catch (error) {
      this.#onError(error)
    }
  }
}
