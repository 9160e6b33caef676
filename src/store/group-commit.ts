import type { Database, Transaction } from 'better-sqlite3'
import { mustBeOpen, translated } from './sqlite-errors.ts'

/** What is done around each commit. */
interface Around {
  /** What it waits for; `undefined` for nothing. */
  readonly ready: () => Promise<void> | undefined
  /** Is called right before it, */
  readonly begins: () => void
  /** and after it. */
  readonly written: () => void
}

interface Job {
  run(): unknown
  readonly durable: boolean
  settle(error?: unknown): void
}

/**
 * Puts the transactions of one turn of the event loop into one commit: a rack that powers on at once asks for hundreds in a
 * moment, and the commit costs more than what is in it. Each job is still all or nothing, by a savepoint of its own, and is
 * answered only after the commit.
 *
 * A commit that holds a durable job waits for the disk (`synchronous=FULL`); one without may be lost in a power cut
 * but never torn (WAL, `synchronous=NORMAL`).
 */
export class GroupCommit {
  readonly #db: Database
  readonly #around: Around
  readonly #commit: Transaction<(work: () => void) => void>
  readonly #savepoint: Transaction<(job: Job) => unknown>
  #waiting: Job[] = []
  #scheduled = false
  #durable: boolean | undefined
  #last: Promise<void> | undefined

  constructor(db: Database, around: Partial<Around> = {}) {
    this.#db = db
    this.#around = { ready: () => undefined, begins: () => {}, written: () => {}, ...around }
    this.#commit = db.transaction((work) => work())
    this.#savepoint = db.transaction((job) => job.run())
  }

  /** Runs `work` in the next commit. It must not await and may be rolled back with its own error only. */
  run<T>(work: () => T, durable: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let result: { readonly value: T } | undefined
    this.#waiting.push({
      durable,
      run() {
        result = { value: work() }
        return result.value
      },
      settle(error) {
        if (error !== undefined || result === undefined) reject(translated(error))
        else resolve(result.value)
      },
    })
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => void this.flush())
    }
    return promise
  }

  /** Commits what waits: now, when there is nothing to wait for. @returns when all is committed that was asked for so far */
  flush(): Promise<void> | undefined {
    this.#scheduled = false
    const jobs = this.#waiting
    this.#waiting = []
    if (jobs.length === 0) return this.#last
    const ready = this.#around.ready()
    if (ready === undefined) this.#commitAll(jobs)
    else {
      this.#last = ready.then(
        () => this.#commitAll(jobs),
        (error) => settleAll(jobs, error),
      )
    }
    return this.#last
  }

  #commitAll(jobs: readonly Job[]): void {
    const failures = new Map<Job, unknown>()
    try {
      mustBeOpen(this.#db)
      this.#around.begins()
      this.#setDurable(jobs.some((job) => job.durable))
      this.#commit.immediate(() => this.#runEach(jobs, failures))
    } catch (error) {
      settleAll(jobs, error)
      return
    }
    for (const job of jobs) job.settle(failures.get(job))
    this.#around.written()
  }

  /** Asking for what is set already would cost as much as a greeting. */
  #setDurable(durable: boolean): void {
    if (durable === this.#durable) return
    this.#db.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
    this.#durable = durable
  }

  #runEach(jobs: readonly Job[], failures: Map<Job, unknown>): void {
    for (const job of jobs) {
      try {
        this.#savepoint(job)
      } catch (error) {
        // A full disk makes SQLite roll back all by itself. Nothing of this commit is left then, and nothing may go on in it.
        if (!this.#db.inTransaction) throw error
        failures.set(job, error ?? new Error('a transaction threw nothing'))
      }
    }
  }
}

function settleAll(jobs: readonly Job[], error: unknown): void {
  for (const job of jobs) job.settle(error)
}
