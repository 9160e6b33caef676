import type { Database, Transaction } from 'better-sqlite3'
import { mustBeOpen, translated } from './sqlite-errors.ts'

/** With more in one turn, what all of them hold until they are answered would outlive the young generation of the heap. */
const MOST_AT_ONCE = 32

/**
 * Reads for all that is asked in one turn of the event loop in one transaction: to begin one costs about as much as to find a host.
 * Several statements see the hosts of one moment, whoever writes beside us.
 */
export class GroupRead {
  readonly #db: Database
  readonly #view: Transaction<(work: () => void) => void>
  #waiting: Read[] = []
  #scheduled = false

  constructor(db: Database) {
    this.#db = db
    this.#view = db.transaction((work) => work())
  }

  /** Runs `work` before long. It must not await and must not write. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run: () => resolve(work()), reject })
      if (this.#waiting.length >= MOST_AT_ONCE) this.flush()
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.flush())
    })
  }

  /** Reads what is asked for, now. */
  flush(): void {
    this.#scheduled = false
    const reads = this.#waiting
    this.#waiting = []
    if (reads.length === 0) return
    try {
      mustBeOpen(this.#db)
      this.#view(() => reads.forEach(attempt))
    } catch (error) {
      // Those that were answered stay so.
      for (const read of reads) read.reject(translated(error))
    }
  }
}

interface Read {
  run(): void
  reject(error: unknown): void
}

function attempt(read: Read): void {
  try {
    read.run()
  } catch (error) {
    read.reject(translated(error))
  }
}
