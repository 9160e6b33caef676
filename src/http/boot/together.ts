/** With more at once, what all of them hold until they are answered would outlive the young generation of the heap. */
const MOST = 32

/**
 * Gathers what is asked for in one turn of the event loop, and has it done in one go. What a rack of machines asks at one moment takes half the time so:
 * each step finds the processor's caches as the same step left them, and answers that leave close together wake whoever waits for them once.
 */
export class Together<T> {
  readonly #doAll: (gathered: readonly T[]) => void
  #gathered: T[] = []
  #isScheduled = false

  /** @param doAll must not throw */
  constructor(doAll: (gathered: readonly T[]) => void) {
    this.#doAll = doAll
  }

  add(one: T): void {
    this.#gathered.push(one)
    if (this.#gathered.length >= MOST) this.#run()
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#run()
    })
  }

  #run(): void {
    const gathered = this.#gathered
    this.#gathered = []
    if (gathered.length > 0) this.#doAll(gathered)
  }
}
