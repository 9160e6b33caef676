import { ProvisionError } from '../core/errors.ts'
import type { ImportProgress } from '../images/progress.ts'
import type { ImportResult } from './import-image.ts'

/** `upload` while the file comes over the network; then what importing does. */
export type ImportStep = 'upload' | 'start' | ImportProgress['step']

/** An import of this server, for as long as it remembers. */
export interface ImportJob {
  readonly id: number
  readonly name: string
  readonly by: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly step: ImportStep
  /** Bytes of the step. */
  readonly done: number
  /** `undefined` when nobody said how many there will be. */
  readonly total: number | undefined
  /** The file that is being worked on. */
  readonly file: string
  /** In ms since 1970. */
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly result: ImportResult | undefined
  /** Why it failed, in words. */
  readonly problem: string | undefined
}

/** What an import is told to say how far it is. */
export interface ImportHandle {
  readonly signal: AbortSignal
  tell(step: ImportStep, done: number, total: number | undefined, file: string): void
}

interface Running {
  job: ImportJob
  readonly abort: AbortController
  ended: Promise<unknown>
}

/** Those that ended are told for a while; so many of them. */
const REMEMBERED = 50

/** The imports of one serving process: those that run, and the last ones that ended. */
export class Imports {
  readonly #now: () => number
  readonly #jobs = new Map<number, Running>()
  #last = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** The newest first. */
  get list(): readonly ImportJob[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse()
  }

  /** @throws {ProvisionError} not-found */
  job(id: number): ImportJob {
    return this.#existing(id).job
  }

  /**
   * Runs an import. Of one name there is one at a time.
   * @returns what it is to be watched by, and its end: the result, or why there is none
   * @throws {ProvisionError} conflict, when an image of that name is being imported
   */
  start(
    { name, by }: { readonly name: string; readonly by: string },
    run: (handle: ImportHandle) => Promise<ImportResult>,
  ): { readonly id: number; readonly ended: Promise<ImportResult> } {
    const rival = [...this.#jobs.values()].find(({ job }) => job.name === name && job.state === 'running')
    if (rival !== undefined) {
      throw new ProvisionError('conflict', `an image ${name} is being imported already (import ${rival.job.id})`)
    }
    const abort = new AbortController()
    const id = ++this.#last
    const running: Running = {
      job: startedJob({ id, name, by, startedAt: this.#now() }),
      abort,
      ended: Promise.resolve(),
    }
    this.#jobs.set(id, running)
    this.#forget()
    const tell: ImportHandle['tell'] = (step, done, total, file) => {
      running.job = { ...running.job, step, done, total, file }
    }
    const ended = this.#follow(running, run({ signal: abort.signal, tell }))
    running.ended = ended.catch(() => undefined)
    return { id, ended }
  }

  /** Ends a running import: nothing is left of it. @throws {ProvisionError} not-found; conflict, when it is over */
  cancel(id: number): void {
    const { job, abort } = this.#existing(id)
    if (job.state !== 'running') throw new ProvisionError('conflict', `import ${id} is over`)
    abort.abort(new ProvisionError('conflict', `the import of ${job.name} was cancelled`))
  }

  /** Ends what runs, and waits until nothing is left of it. */
  async stop(): Promise<void> {
    const stopping = new ProvisionError('unavailable', 'the server is stopping; import it again')
    for (const { abort } of this.#jobs.values()) abort.abort(stopping)
    await Promise.all([...this.#jobs.values()].map(({ ended }) => ended))
  }

  async #follow(running: Running, work: Promise<ImportResult>): Promise<ImportResult> {
    try {
      const result = await work
      running.job = { ...running.job, state: 'done', endedAt: this.#now(), result }
      return result
    } catch (error) {
      const state = running.abort.signal.aborted ? 'cancelled' : 'failed'
      const problem = error instanceof ProvisionError ? error.message : 'internal error'
      running.job = { ...running.job, state, endedAt: this.#now(), problem }
      throw error
    }
  }

  #existing(id: number): Running {
    const found = this.#jobs.get(id)
    if (found === undefined) throw new ProvisionError('not-found', `there is no import ${id}`)
    return found
  }

  #forget(): void {
    const over = [...this.#jobs].filter(([, { job }]) => job.state !== 'running').map(([id]) => id)
    for (const id of over.slice(0, Math.max(0, over.length - REMEMBERED))) this.#jobs.delete(id)
  }
}

function startedJob(given: Pick<ImportJob, 'id' | 'name' | 'by' | 'startedAt'>): ImportJob {
  return {
    ...given,
    ...{ state: 'running', step: 'start', done: 0, total: undefined, file: '' },
    ...{ endedAt: undefined, result: undefined, problem: undefined },
  }
}
