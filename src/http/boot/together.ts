/** With more at once, what all of them hold until they are answered would outlive the young generation of the heap. */
const MOST = 32

/**
 * Gathers what is asked for at one moment, for as long as each turn of the event loop brings more, and has it done in one go. What a rack of machines
 * asks takes half the time so: each step finds the processor's caches as the same step left them, and answers that leave close together wake
 * whoever waits for them once. Whoever asks alone waits for one more turn, some microseconds.
 */
export class Together<T> {
  readonly #doAll: (gathered: readonly T[]) => void
  #gathered: T[] = []

  /** @param doAll must not throw */
  constructor(doAll: (gathered: readonly T[]) => void) {
    this.#doAll = doAll
  }

  add(one: T): void {
    this.#gathered.push(one)
    if (this.#gathered.length >= MOST) this.#run()
    else if (this.#gathered.length === 1) this.#waitForMore(0)
  }

  /** @param before how many there were a turn ago */
  #waitForMore(before: number): void {
    setImmediate(() => {
      const now = this.#gathered.length
      // They were enough already.
      if (now === 0) return
      if (now === before) this.#run()
      else this.#waitForMore(now)
    })
  }

  #run(): void {
    const gathered = this.#gathered
    this.#gathered = []
    this.#doAll(gathered)
  }
}
