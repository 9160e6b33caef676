import { quoted } from '../../core/identity.ts'
import { CopyError, startCopyThreads, threadsFor } from '../copy-threads.ts'
import { fileError } from '../file-errors.ts'
import type { WrittenFile } from '../tree-writer.ts'
import { cutOff, type Medium } from './medium.ts'
import type { Extent } from './volumes.ts'

/** Takes files out of an ISO, several at a time. */
export interface Extractor extends AsyncDisposable {
  /** How many at a time. */
  readonly atOnce: number
  /**
   * Copies the bytes of a file into a new one, or sums them only.
   * @throws {ProvisionError} invalid, when the ISO has become shorter; unavailable, when the disk does not give them. What is wrong with the
   * copy comes as the system's error.
   */
  take(pieces: readonly Extent[], to?: string): Promise<WrittenFile>
  /** The SHA-256 sum of the whole ISO, made beside everything else; `undefined` when it was not wanted. */
  readonly whole: Promise<string> | undefined
  /** Stops all that is under way, for this reason. */
  stop(reason: unknown): void
}

/** What is wanted of an ISO. */
export interface Extraction {
  readonly medium: Medium
  /** Of all files that will be taken. */
  readonly bytes: number
  readonly isSumWanted: boolean
  readonly onBytes: (done: number, total: number) => void
}

/** Starts to take files out of an ISO. Each byte is read once for its file, and once more for the sum of the whole if that is wanted. */
export function startExtracting({ medium, bytes, isSumWanted, onBytes }: Extraction, signal: AbortSignal): Extractor {
  const total = bytes + (isSumWanted ? medium.size : 0)
  // The sum of the whole is one chain, which takes a thread, and a processor if there is another one, from its start to its end.
  const forSum = isSumWanted ? 1 : 0
  const count = threadsFor(total)
  const atOnce = Math.max(1, count - forSum)
  const threads = startCopyThreads(count === 0 ? 0 : atOnce + forSum, (done) => onBytes(done, total), signal)
  const take = async (pieces: readonly Extent[], to?: string): Promise<WrittenFile> => {
    try {
      return await threads.copy({ from: medium.descriptor, pieces, to })
    } catch (error) {
      throw sourceError(error, medium)
    }
  }
  const whole = isSumWanted ? take([{ offset: 0, length: medium.size }]).then(({ sha256 }) => sha256) : undefined
  whole?.catch(() => undefined) // heard of when it is asked for, unless something else ends it before
  return {
    atOnce,
    take,
    whole,
    stop: (reason) => threads.stop(reason),
    [Symbol.asyncDispose]: () => threads[Symbol.asyncDispose](),
  }
}

function sourceError(error: unknown, { path, size }: Medium): unknown {
  if (!(error instanceof CopyError) || error.fault.of === 'copy') return error
  const { end } = error.fault
  return end === undefined ? fileError(error, quoted(path)) : cutOff(size, end)
}
