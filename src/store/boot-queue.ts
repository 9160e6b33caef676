import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { Boot } from '../core/boot.ts'
import { ProvisionError } from '../core/errors.ts'
import type { NewEvent } from '../core/event.ts'
import { type BootRow, startBootWriter, type Written } from './boot-writer.ts'
import { translated } from './sqlite-errors.ts'

/** How long boots gather before they are written, in ms: what a killed server may forget, and what a look at its events waits for. */
const PAUSE = 50
/** When boots that could not be written are tried again, if nobody asks for them before, in ms. */
const RETRY = 1000
/** With so many boots under way, machines wait until they are written. */
const MOST_BOOTS = 10_000

interface Batch {
  readonly rows: BootRow[]
  readonly written: PromiseWithResolvers<void>
}

/**
 * The boots that were opened but are not in the database yet. A thread of its own writes them, many in a commit: most of what a
 * machine's greeting costs is that, and the machine need not wait for it. Whoever looks for one of them, lists, or changes
 * anything waits for {@link drain} first, so that for him all that was answered before is in the database.
 */
export class BootQueue implements AsyncDisposable {
  readonly #start: () => Worker
  readonly #written: () => void
  #worker: Worker | undefined
  #gathering = newBatch()
  #underWay: Batch | undefined
  #timer: NodeJS.Timeout | undefined
  #isAwaited = false
  #hasFailed = false

  /** @param written is called after each batch that is in the database */
  constructor(file: string, busyTimeout: number, written = () => {}) {
    this.#start = () => startBootWriter(file, busyTimeout)
    this.#written = written
  }

  /** Takes a boot with the event that tells of it. */
  add(hash: string, boot: Boot, event: NewEvent): void {
    const { number, hostId, image = null, revision, address = '', openedAt } = boot
    this.#gathering.rows.push([number, hash, hostId, image, revision, address, openedAt, event.type, event.text])
    this.#timer ??= setTimeout(() => this.#post(), PAUSE)
  }

  /** Whether a boot may not be in the database yet. */
  has(hash: string): boolean {
    const isIts = ([, other]: BootRow) => other === hash
    return this.#gathering.rows.some(isIts) || this.#underWay?.rows.some(isIts) === true
  }

  /** Waits until another boot may be added. @throws {ProvisionError} unavailable, when they cannot be written at present */
  room(): Promise<void> | undefined {
    const boots = this.#gathering.rows.length + (this.#underWay?.rows.length ?? 0)
    return this.#hasFailed || boots >= MOST_BOOTS ? this.drain() : undefined
  }

  /**
   * Waits until all boots that were added before are in the database; `undefined` when they are.
   * @throws {ProvisionError} unavailable, when they cannot be written at present; they are tried again the next time
   */
  drain(): Promise<void> | undefined {
    if (this.#gathering.rows.length === 0) return this.#underWay?.written.promise
    const { promise } = this.#gathering.written
    this.#isAwaited = true
    this.#post()
    return promise
  }

  #post(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#underWay !== undefined || this.#gathering.rows.length === 0) return
    const batch = this.#gathering
    this.#underWay = batch
    this.#gathering = newBatch()
    this.#isAwaited = false
    this.#worker ??= this.#startWorker()
    // While something is under way the process must not end.
    this.#worker.ref()
    this.#worker.postMessage(batch.rows)
  }

  #startWorker(): Worker {
    const worker = this.#start()
    let reason = ''
    worker.on('message', (written: Written) => {
      worker.unref()
      this.#settle(written && translated(new Database.SqliteError(written.message, written.code)))
    })
    worker.on('error', (error) => {
      reason = `: ${error instanceof Error ? error.message : error}`
    })
    worker.on('exit', () => {
      this.#worker = undefined
      this.#settle(new ProvisionError('unavailable', `the thread that writes boots has ended${reason}`))
    })
    return worker
  }

  #settle(error: unknown): void {
    const batch = this.#underWay
    if (batch === undefined) return
    this.#underWay = undefined
    // What comes from outside passes. A mistake of ours would only be made again, and no machine would get a boot any more:
    // those of this batch ask again instead.
    this.#hasFailed = error instanceof ProvisionError
    if (this.#hasFailed) this.#gathering.rows.unshift(...batch.rows)
    if (error === undefined) {
      batch.written.resolve()
      this.#written()
    } else batch.written.reject(error)
    if (this.#gathering.rows.length === 0) return
    // Not at once: whoever waited for this batch is about to write, and would meet the thread in the database.
    if (this.#isAwaited) setImmediate(() => this.#post())
    else this.#timer ??= setTimeout(() => this.#post(), this.#hasFailed ? RETRY : PAUSE)
  }

  /** Writes what is there, if that is possible, and ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.drain()
    } catch {
      // The machines ask again.
    }
    clearTimeout(this.#timer)
    const worker = this.#worker
    if (worker === undefined) return
    await new Promise((resolve) => {
      worker.ref()
      worker.once('exit', resolve)
      worker.postMessage('close')
    })
  }
}

function newBatch(): Batch {
  const written = Promise.withResolvers<void>()
  // Mostly nobody waits for it.
  written.promise.catch(() => {})
  return { rows: [], written }
}
