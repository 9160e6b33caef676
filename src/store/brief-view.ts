import type { Database, Statement } from 'better-sqlite3'
import { mustBeOpen, translated } from './sqlite-errors.ts'

/**
 * One view of the database for all that is read in one go, until the event loop is given back: to begin one costs about as much as to find a
 * host. Whoever writes, or must see what another thread has written, ends it first.
 */
export class BriefView {
  readonly #db: Database
  readonly #begin: Statement<[]>
  readonly #end: Statement<[]>
  #isOpen = false

  constructor(db: Database) {
    this.#db = db
    this.#begin = db.prepare('BEGIN')
    this.#end = db.prepare('COMMIT')
  }

  /** Reads at once. `work` must not write. */
  read<T>(work: () => T): T {
    try {
      if (!this.#isOpen) this.#open()
      return work()
    } catch (error) {
      throw translated(error)
    }
  }

  /** Ends the view, if there is one. */
  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    // An error of SQLite may have ended it already.
    if (this.#db.inTransaction) this.#end.run()
  }

  #open(): void {
    mustBeOpen(this.#db)
    this.#begin.run()
    this.#isOpen = true
    queueMicrotask(() => this.end())
  }
}
