/** So many things are remembered; the oldest are forgotten first, and may then be told again. */
const MOST = 20_000

/** What was told already, so that a machine which asks again and again does not fill the events of its host. */
export class Told {
  readonly #keys = new Set<string>()

  /** Whether this is the first time. */
  isNews(boot: number, what: string): boolean {
    const key = `${boot} ${what}`
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > MOST && oldest !== undefined) this.#keys.delete(oldest)
    return true
  }
}
