import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ProvisionError } from '../core/errors.ts'
import type { QuickCheckAnswer } from './quick-check-worker.ts'

/** What a look into a database file found. */
export interface QuickChecked {
  /** SQLite's own words for what is damaged; empty when nothing is. */
  readonly faults: readonly string[]
  /** The version that the file is of, and the one that this program makes. */
  readonly version: number
  readonly newest: number
}

/**
 * Looks whether a database is whole, without writing to it, whether a server runs on it or not. In a thread: it reads the whole file, and
 * machines that boot must not wait for that.
 * @throws {ProvisionError} unavailable, when it cannot be opened or is no database
 */
export async function quickCheck(file: string, signal: AbortSignal): Promise<QuickChecked> {
  // Compiled, both files end in .js.
  const place = new URL(`quick-check-worker${extname(import.meta.filename)}`, import.meta.url)
  const worker = new Worker(place, { workerData: file })
  try {
    const [answer] = (await once(worker, 'message', { signal })) as [QuickCheckAnswer]
    if ('refused' in answer) throw new ProvisionError('unavailable', answer.refused)
    return answer
  } finally {
    await worker.terminate()
  }
}
