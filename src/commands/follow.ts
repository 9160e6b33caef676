import type { EventType } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import type { EventTail } from '../store/event-tail.ts'
import type { InstallTail } from '../store/install-tail.ts'
import type { ConsoleLine, NamedEvent, NamedInstall, Store } from '../store/store.ts'

/** What a process follows its hosts by, once for all who look. */
export interface Live {
  readonly events: EventTail
  readonly installs: InstallTail
}

/** One thing that is new: an event, how far an install is, or what a console said. */
export type News =
  | { readonly kind: 'event'; readonly event: NamedEvent }
  | { readonly kind: 'progress'; readonly install: NamedInstall }
  | { readonly kind: 'line'; readonly line: ConsoleLine }

/** What is to be followed. */
export interface Following {
  /** One host alone. */
  readonly host?: HostId | undefined
  /** Events of these types alone, and no progress of installs. */
  readonly types?: readonly EventType[] | undefined
  /** Begins with the events behind this id, */
  readonly after?: number | undefined
  /** or with those of this time, in ms since 1970; without both, with what happens from now on. */
  readonly since?: number | undefined
  /** Also what the console of the host says: lines behind this id. */
  readonly lines?: number | undefined
  /** When nothing is new for so long, in ms, nothing is what is told. */
  readonly idle?: number
  /** Is called when news come faster than they are taken; what was not taken is forgotten then, and the following ends. */
  readonly onOverflow?: () => void
}

/** How often it is looked for what a console said, in ms. */
const LOOK = 500
/** So many news wait for a slow reader. */
const MOST_WAITING = 5000
const PAGE = 500

/**
 * Follows what happens to hosts until the signal fires: first what is asked for of the past, page by page as it is taken, then what is
 * written by whichever process. Nothing comes twice, nothing is left out.
 */
export async function* follow(
  { store, live }: { readonly store: Pick<Store, 'readEvents' | 'newestEvent' | 'readLines'>; readonly live: Live },
  following: Following,
  signal: AbortSignal,
): AsyncGenerator<readonly News[], void, undefined> {
  const { host, types } = following
  const isWanted = (event: NamedEvent) =>
    (host === undefined || event.hostId === host) && (types === undefined || types.includes(event.type))
  const toNews = (events: readonly NamedEvent[]) =>
    events.filter(isWanted).map((event): News => ({ kind: 'event', event }))

  let after = following.after ?? (await store.newestEvent())
  for await (const page of pastOf(store, following, signal)) {
    after = page.at(-1)?.id ?? after
    const news = toNews(page)
    if (news.length > 0) yield news
  }

  const queue = new NewsQueue(following.onOverflow)
  using _events = closing(live.events.subscribe({ after }, (events) => queue.add(toNews(events))))
  using _installs = closing(
    live.installs.subscribe((installs) => {
      if (types !== undefined) return
      const wanted = installs.filter(({ hostId }) => host === undefined || hostId === host)
      queue.add(wanted.map((install) => ({ kind: 'progress', install })))
    }),
  )
  using _lines = followLines(store, following, (lines) => queue.add(lines.map((line) => ({ kind: 'line', line }))))
  while (!signal.aborted && !queue.hasOverflown) {
    const news = await queue.take(following.idle, signal)
    if (!signal.aborted) yield news
  }
}

/** All that was written so far of what is asked for of the past, page by page. */
async function* pastOf(
  store: Pick<Store, 'readEvents'>,
  { after, since }: Pick<Following, 'after' | 'since'>,
  signal: AbortSignal,
): AsyncGenerator<readonly NamedEvent[], void, undefined> {
  if (after === undefined && since === undefined) return
  let page = await store.readEvents({ after: after ?? 0, since, limit: PAGE })
  while (page.length > 0 && !signal.aborted) {
    yield page
    page = await store.readEvents({ after: page.at(-1)?.id ?? 0, limit: PAGE })
  }
}

/** Looks again and again for what the console of a host said. */
function followLines(
  store: Pick<Store, 'readLines'>,
  { host, lines }: Pick<Following, 'host' | 'lines'>,
  listen: (lines: readonly ConsoleLine[]) => void,
): Disposable | undefined {
  if (host === undefined || lines === undefined) return undefined
  let after = lines
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    // What cannot be read now is read the next time.
    const found = await store.readLines({ host, after, limit: PAGE }).catch(() => [])
    after = found.at(-1)?.id ?? after
    isLooking = false
    listen(found)
  }
  const timer = setInterval(() => void look(), LOOK)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function closing(subscription: { close(): void }): Disposable {
  return { [Symbol.dispose]: () => subscription.close() }
}

/** The news that nobody has taken yet; bounded. */
class NewsQueue {
  readonly #onOverflow: (() => void) | undefined
  #waiting: News[] = []
  #wake: (() => void) | undefined
  hasOverflown = false

  constructor(onOverflow: (() => void) | undefined) {
    this.#onOverflow = onOverflow
  }

  add(news: readonly News[]): void {
    if (this.hasOverflown || news.length === 0) return
    this.#waiting.push(...news)
    if (this.#waiting.length > MOST_WAITING) {
      this.hasOverflown = true
      this.#waiting = []
      this.#onOverflow?.()
    }
    this.#wake?.()
  }

  /** Waits for news; for none, after a while without any. */
  async take(idle: number | undefined, signal: AbortSignal): Promise<readonly News[]> {
    if (this.#waiting.length === 0 && !signal.aborted && !this.hasOverflown) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = idle === undefined ? undefined : setTimeout(resolve, idle)
      const wake = () => resolve()
      this.#wake = wake
      signal.addEventListener('abort', wake)
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
    }
    const news = this.#waiting
    this.#waiting = []
    return news
  }
}
