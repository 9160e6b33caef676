import { randomBytes } from 'node:crypto'

/** What came of a form, for the page that is shown behind it. */
export interface Outcome {
  readonly flash: readonly string[]
  readonly flashLevel: 'good' | 'look' | 'act'
}

const NOTHING: Outcome = { flash: [], flashLevel: 'good' }
const MOST_KEPT = 200

/**
 * Keeps what came of forms until their next page has shown it: the page is another request, so that loading it again does nothing again. It is
 * found by a random word, and shown once.
 */
export class Flash {
  readonly #kept = new Map<string, Outcome>()

  /** @returns the word by which {@link take} finds it */
  keep(outcome: Outcome): string {
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    const word = randomBytes(9).toString('base64url')
    this.#kept.set(word, outcome)
    return word
  }

  take(word: string): Outcome {
    const found = this.#kept.get(word)
    this.#kept.delete(word)
    return found ?? NOTHING
  }
}
