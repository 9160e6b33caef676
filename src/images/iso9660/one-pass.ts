import { createHash } from 'node:crypto'
import { cutOff, type Medium } from './medium.ts'
import type { Extent } from './volumes.ts'

/** An ISO that is read once, from its start to its end, whatever is wanted out of it on the way. */
export interface OnePass {
  /**
   * The bytes of pieces that all lie behind whatever was asked for before; a chunk is good until the next one is asked for.
   * @throws {ProvisionError} invalid, when the ISO has become shorter; unavailable
   */
  content(pieces: readonly Extent[]): AsyncGenerator<Buffer>
  /** Reads what is left. @returns the SHA-256 sum of the whole ISO @throws as {@link OnePass.content} */
  finish(): Promise<string>
}

const CHUNK = 1024 * 1024

/** Starts reading an ISO. @param onBytes hears how far it is */
export function readOnce(medium: Medium, onBytes: (done: number) => void, signal: AbortSignal): OnePass {
  const hash = createHash('sha256')
  const chunks = readAhead(medium, signal)
  let chunk: Buffer = Buffer.alloc(0)
  /** Where the chunk starts on the ISO. */
  let start = 0
  const advance = async (): Promise<void> => {
    start += chunk.length
    const next = await chunks.next()
    if (next.done === true) throw cutOff(medium.size, start)
    chunk = next.value
    hash.update(chunk)
    onBytes(start + chunk.length)
  }
  async function* content(pieces: readonly Extent[]): AsyncGenerator<Buffer> {
    for (const { offset, length } of pieces) {
      const end = offset + length
      for (let at = offset; at < end; ) {
        while (at >= start + chunk.length) await advance()
        const part = chunk.subarray(at - start, end - start)
        yield part
        at += part.length
      }
    }
  }
  const finish = async (): Promise<string> => {
    while (start + chunk.length < medium.size) await advance()
    return hash.digest('hex')
  }
  return { content, finish }
}

/** Reads pieces of an ISO, wherever they lie. @throws {ProvisionError} invalid; unavailable */
export async function* readPieces(medium: Medium, pieces: readonly Extent[]): AsyncGenerator<Buffer> {
  for (const { offset, length } of pieces) {
    for (let done = 0; done < length; done += CHUNK) {
      yield await medium.read(offset + done, Math.min(CHUNK, length - done))
    }
  }
}

/** Reads one chunk ahead, so that the disk works while what came before is written. */
async function* readAhead(medium: Medium, signal: AbortSignal): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)]
  const read = async (offset: number): Promise<Buffer> => {
    const buffer = buffers[(offset / CHUNK) % 2] ?? Buffer.alloc(CHUNK)
    return buffer.subarray(0, await medium.readInto(buffer, offset))
  }
  let next = read(0)
  for (let offset = 0; ; offset += CHUNK) {
    const chunk = await next
    signal.throwIfAborted()
    if (chunk.length === 0) return
    next = read(offset + CHUNK)
    next.catch(() => undefined) // heard of when it is asked for, if it ever is
    yield chunk
  }
}
