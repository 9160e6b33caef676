/** So many wrong tokens are mistakes; */
const FREE = 10
/** what is longer ago than this, in ms, is forgotten. */
const MEMORY = 15 * 60_000
/** The first wait, in ms; each further wrong token doubles it, */
const FIRST_WAIT = 60_000
/** up to this. */
const LONGEST_WAIT = 15 * 60_000
/** Of so many clients it is known how often they were wrong. */
const MOST_CLIENTS = 10_000

interface Wrong {
  readonly count: number
  readonly last: number
  readonly until: number
}

/** Keeps clients that try tokens waiting. What it knows is bounded, and gone with the process. */
export class Lockout {
  readonly #wrong = new Map<string, Wrong>()
  readonly #now: () => number

  /** @param now any clock in ms */
  constructor(now: () => number) {
    this.#now = now
  }

  /** How long a client must wait before it may try again, in ms; 0 when it may now. */
  wait(client: string): number {
    return Math.max(0, (this.#wrong.get(client)?.until ?? 0) - this.#now())
  }

  /** Notes a wrong token. @returns as {@link wait}, from now on */
  fail(client: string): number {
    const now = this.#now()
    const before = this.#wrong.get(client)
    const isRecent = before !== undefined && now - before.last < MEMORY
    const count = (isRecent ? before.count : 0) + 1
    const wait = count < FREE ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (count - FREE))
    // The oldest are the first in the map.
    this.#wrong.delete(client)
    this.#wrong.set(client, { count, last: now + wait, until: now + wait })
    if (this.#wrong.size > MOST_CLIENTS) for (const oldest of this.#wrong.keys()) return this.#forget(oldest, wait)
    return wait
  }

  /** A client that has a token is none that guesses. */
  succeed(client: string): void {
    this.#wrong.delete(client)
  }

  #forget(client: string, wait: number): number {
    this.#wrong.delete(client)
    return wait
  }
}
