/** So many things are remembered; the oldest are forgotten first, and may then be told again. */
const MOST = 20_000

/** What was told already, so that a machine which asks again and again does not fill the events of its host. */
export class Told {
  readonly #keys = new Set<string>()

  /** Tells something, unless that was done. What could not be told is told the next time. @throws what `tell` throws */
  async once(boot: number, what: string, tell: () => Promise<unknown>): Promise<void> {
    const key = `${boot} ${what}`
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > MOST && oldest !== undefined) this.#keys.delete(oldest)
    try {
      await tell()
    } catch (error) {
      this.#keys.delete(key)
      throw error
    }
  }
}
