import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Copied, type CopyFault, type CopyOrder, copyFault, copyPieces } from './copy-pieces.ts'
import type { CopyAnswer } from './copy-worker.ts'

/** Threads that copy files, each one at a time. */
export interface CopyThreads extends AsyncDisposable {
  /** How many copies are made at the same time. */
  readonly size: number
  /**
   * Copies, as soon as a thread is free.
   * @throws {CopyError} when it cannot be done; the reason why all was stopped
   */
  copy(order: CopyOrder): Promise<Copied>
  /** Stops all that is under way, for this reason. */
  stop(reason: unknown): void
}

/** A copy that could not be made. */
export class CopyError extends Error {
  readonly fault: CopyFault
  /** The system's, as that of any failed file operation. */
  readonly code: string | undefined

  constructor(fault: CopyFault) {
    super(fault.message)
    this.fault = fault
    this.code = fault.code
  }
}

/** Sums take longer than all else; with more threads than these, memory is what copies wait for. */
const MOST_THREADS = 4
/** Less than that is copied sooner than threads have started. */
const WORTH_THREADS = 8 * 1024 * 1024

/** How many threads are worth it for so many bytes; 0 for none but the one that asks. */
export function threadsFor(bytes: number): number {
  return bytes < WORTH_THREADS ? 0 : Math.min(MOST_THREADS, availableParallelism())
}

interface Job {
  readonly order: CopyOrder
  readonly done: PromiseWithResolvers<Copied>
}

/** Starts threads. @param onBytes hears of all bytes that are done, by all of them together */
export function startCopyThreads(count: number, onBytes: (done: number) => void, signal: AbortSignal): CopyThreads {
  const threads = new Threads(count, onBytes)
  const abort = () => threads.stop(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return {
    size: Math.max(1, count),
    copy: (order) => threads.copy(order),
    stop: (reason) => threads.stop(reason),
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', abort)
      threads.stop(new Error('the threads that copy have ended'))
      await threads.ended()
    },
  }
}

class Threads {
  readonly #onBytes: (done: number) => void
  readonly #workers: readonly Worker[]
  readonly #idle: Worker[]
  readonly #working = new Map<Worker, Job>()
  readonly #waiting: Job[] = []
  #bytes = 0
  #stopped: { readonly reason: unknown } | undefined
  #ended: Promise<unknown> = Promise.resolve()

  constructor(count: number, onBytes: (done: number) => void) {
    this.#onBytes = onBytes
    this.#workers = Array.from({ length: count }, () => this.#start())
    this.#idle = [...this.#workers]
  }

  async copy(order: CopyOrder): Promise<Copied> {
    if (this.#stopped !== undefined) throw this.#stopped.reason
    if (this.#workers.length === 0) return this.#copyHere(order)
    const job = { order, done: Promise.withResolvers<Copied>() }
    this.#waiting.push(job)
    this.#dispatch()
    return await job.done.promise
  }

  stop(reason: unknown): void {
    if (this.#stopped !== undefined) return
    this.#stopped = { reason }
    for (const { done } of [...this.#working.values(), ...this.#waiting.splice(0)]) done.reject(reason)
    this.#ended = Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  /** When nothing is written any more. */
  ended(): Promise<unknown> {
    return this.#ended
  }

  #start(): Worker {
    // Compiled, both files end in .js.
    const worker = new Worker(new URL(`copy-worker${extname(import.meta.filename)}`, import.meta.url))
    worker.on('message', (answer: CopyAnswer) => this.#hear(worker, answer))
    worker.on('messageerror', (error) => this.stop(error))
    worker.on('error', (error) => this.stop(error))
    worker.on('exit', () => this.stop(new Error('a thread that copies has ended')))
    return worker
  }

  #dispatch(): void {
    while (this.#idle.length > 0) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      const worker = this.#idle.pop()
      if (worker === undefined) return
      this.#working.set(worker, job)
      worker.postMessage(job.order)
    }
  }

  #hear(worker: Worker, answer: CopyAnswer): void {
    if (this.#stopped !== undefined) return
    if ('bytes' in answer) {
      this.#count(answer.bytes)
      return
    }
    const job = this.#working.get(worker)
    this.#working.delete(worker)
    this.#idle.push(worker)
    this.#dispatch()
    if ('fault' in answer) job?.done.reject(new CopyError(answer.fault))
    else job?.done.resolve(answer.copied)
  }

  #copyHere(order: CopyOrder): Copied {
    try {
      const steps = copyPieces(order)
      let step = steps.next()
      for (; step.done !== true; step = steps.next()) this.#count(step.value)
      return step.value
    } catch (error) {
      throw new CopyError(copyFault(error))
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#onBytes(this.#bytes)
  }
}
