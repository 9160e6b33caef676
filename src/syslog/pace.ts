/** So many messages a sender may send at once, */
const BURST = 1000
/** and so many a second after that. */
const RATE = 100
/** So many senders are remembered; one that was pushed out begins anew. */
const MOST_SENDERS = 4096

interface Bucket {
  left: number
  at: number
}

/** Keeps each sender to a pace, so that one that floods does not drown the others. */
export class Pace {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  /** @param now a clock that does not go back, in ms */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether one more message of this sender is taken. */
  admits(sender: string): boolean {
    const at = this.#now()
    const bucket = this.#buckets.get(sender) ?? { left: BURST, at }
    bucket.left = Math.min(BURST, bucket.left + ((at - bucket.at) * RATE) / 1000)
    bucket.at = at
    // The one that was heard last is the last to be forgotten.
    this.#buckets.delete(sender)
    this.#buckets.set(sender, bucket)
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > MOST_SENDERS && oldest !== undefined) this.#buckets.delete(oldest)
    if (bucket.left < 1) return false
    bucket.left -= 1
    return true
  }
}
