/** Tells whoever wants to know that this process has written something. */
export class WriteWatch {
  readonly #listeners = new Set<() => void>()

  /** @returns what takes the listener away */
  add(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
