import { statSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

/** How long commits gather before they are moved, in ms. */
const PAUSE = 100
/** A log of so many bytes is left to SQLite, which moves it when the database is closed: commands never get this far. */
const SMALL_LOG = 1 << 20
/**
 * The pages of the log at which a commit moves them by itself after all. With a checkpointer the log is this long only while commits
 * come so fast, for seconds, that it is never all moved.
 */
export const LONGEST_LOG = 16_000

/** What the thread is started with. */
interface Task {
  readonly checkpointed: string
}

/**
 * Moves what was committed from SQLite's log into the database file, in a thread of its own, while commits go on. The thread that
 * answers machines would stand still for it, several times a second when many ask, for as long as the disk takes.
 *
 * It is there for speed alone: when its thread cannot work, {@link LONGEST_LOG} still holds.
 */
export class Checkpointer implements AsyncDisposable {
  readonly #file: string
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(file: string) {
    this.#file = file
  }

  /** Tells that something was committed. */
  wake(): void {
    if (this.#isOver) return
    this.#timer ??= setTimeout(() => this.#checkpoint(), PAUSE).unref()
  }

  #checkpoint(): void {
    this.#timer = undefined
    if (this.#worker === undefined && !isLarge(`${this.#file}-wal`)) return
    this.#worker ??= this.#start()
    this.#worker.postMessage('checkpoint')
  }

  #start(): Worker {
    const task: Task = { checkpointed: this.#file }
    const worker = new Worker(new URL(import.meta.url), { workerData: task })
    worker.once('exit', () => {
      this.#isOver = true
    })
    worker.on('error', () => {})
    worker.unref()
    return worker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    const worker = this.#isOver ? undefined : this.#worker
    this.#isOver = true
    if (worker === undefined) return
    await new Promise((resolve) => {
      worker.ref()
      worker.once('exit', resolve)
      worker.postMessage('close')
    })
  }
}

function isLarge(log: string): boolean {
  return (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > SMALL_LOG
}

function isTask(data: unknown): data is Task {
  return typeof data === 'object' && data !== null && 'checkpointed' in data
}

if (!isMainThread && isTask(workerData)) {
  const db = new Database(workerData.checkpointed, { fileMustExist: true })
  parentPort?.on('message', (what: 'checkpoint' | 'close') => {
    if (what === 'checkpoint') {
      // Waits for nobody, and moves what it can.
      db.pragma('wal_checkpoint(PASSIVE)')
      return
    }
    db.close()
    parentPort?.close()
  })
}
