import type { GroupCommit } from './group-commit.ts'
import type { Tables } from './tables.ts'

/** So many numbers are reserved at first, */
const FEWEST = 500
/** and at most: a killed server leaves a gap of what it had not used, */
const MOST = 10_000
/** and four times as many as before when those lasted for less than this, in ms. When they lasted longer, a quarter: machines come in bursts. */
const BUSY_MS = 2000

interface Parts {
  readonly tables: Pick<Tables, 'reserveBoots' | 'returnBoots'>
  readonly commits: GroupCommit
}

interface Range {
  readonly next: number
  readonly last: number
}

const NONE: Range = { next: 1, last: 0 }

/**
 * The numbers that boots get. They are reserved in the database many at a time, since a second process must not give out the same, and
 * long before the last ones are used up: a reservation waits for all boots that are being written, and no machine is to wait for it.
 */
export class BootNumbers {
  readonly #parts: Parts
  #range = NONE
  /** Those that are used up next. Another process may have taken some in between. */
  #following = NONE
  #reserving: Promise<void> | undefined
  #count = FEWEST
  #reservedAt = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The next one; `undefined` when there is none just now. */
  take(): number | undefined {
    if (this.#range.next > this.#range.last) {
      this.#range = this.#following
      this.#following = NONE
    }
    const { next, last } = this.#range
    if (next > last) return undefined
    this.#range = { next: next + 1, last }
    // Whoever finds none is told why, and tries again.
    if (this.#following === NONE) this.#reserve().catch(() => {})
    return next
  }

  /** Waits until there are some. @throws {ProvisionError} unavailable */
  async ready(): Promise<void> {
    if (this.#range.next > this.#range.last && this.#following === NONE) await this.#reserve()
  }

  #reserve(): Promise<void> {
    const { tables, commits } = this.#parts
    this.#reserving ??= commits
      .run(() => {
        const count = this.#nextCount()
        const last = tables.reserveBoots(count)
        return { next: last - count + 1, last }
      }, false)
      .then((range) => {
        this.#following = range
      })
      .finally(() => {
        this.#reserving = undefined
      })
    return this.#reserving
  }

  #nextCount(): number {
    const now = performance.now()
    const isBusy = now - this.#reservedAt < BUSY_MS
    this.#count = isBusy ? Math.min(MOST, this.#count * 4) : Math.max(FEWEST, Math.floor(this.#count / 4))
    this.#reservedAt = now
    return this.#count
  }

  /** Gives back those that are left, so that a restart leaves no gap. */
  async close(): Promise<void> {
    const { tables, commits } = this.#parts
    // A gap is all that comes of a failure.
    await this.#reserving?.catch(() => {})
    const left = [this.#following, this.#range].filter(({ next, last }) => next <= last)
    this.#range = this.#following = NONE
    if (left.length === 0) return
    const giveBack = () => left.forEach(({ next, last }) => void tables.returnBoots(next - 1, last))
    await commits.run(giveBack, false).catch(() => {})
  }
}
