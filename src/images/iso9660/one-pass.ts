import { type HashThread, startHashThread } from '../hash-thread.ts'
import type { Content } from '../tree-writer.ts'
import { cutOff, type Medium } from './medium.ts'
import type { Extent } from './volumes.ts'

/** An ISO that is read once, from its start to its end, whatever is wanted out of it on the way. */
export interface OnePass extends AsyncDisposable {
  /**
   * The bytes of pieces that all lie behind whatever was asked for before; a chunk is good until the next one is asked for.
   * @throws {ProvisionError} invalid, when the ISO has become shorter; unavailable
   */
  content(pieces: readonly Extent[]): Required<Content>
  /** Reads what is left. @returns the SHA-256 sum of the whole ISO @throws as {@link OnePass.content} */
  finish(): Promise<string>
}

const CHUNK = 2 * 1024 * 1024
/** Chunks in memory: one is worked on, the others are ahead of it. */
const CHUNKS = 8

/** Starts reading an ISO. @param onBytes hears how far it is */
export function readOnce(medium: Medium, onBytes: (done: number) => void, signal: AbortSignal): OnePass {
  // The sum of the ISO is one long chain, and no faster than the rest of an import; those of its files need a thread of their own.
  const [whole, files] = [startHashThread(), startHashThread()]
  const slots = readAhead(medium, whole, signal)
  let slot: Slot | undefined
  let chunk: Buffer = Buffer.alloc(0)
  /** Where the chunk starts on the ISO. */
  let start = 0
  const advance = async (): Promise<void> => {
    start += chunk.length
    slot = (await slots.next()).value
    chunk = (await slot?.take()) ?? Buffer.alloc(0)
    if (chunk.length < Math.min(CHUNK, medium.size - start)) throw cutOff(medium.size, start + chunk.length)
    onBytes(start + chunk.length)
  }
  const content = (pieces: readonly Extent[]): Required<Content> => {
    async function* read(): AsyncGenerator<Buffer> {
      for (const { offset, length } of pieces) {
        const end = offset + length
        for (let at = offset; at < end; ) {
          while (at >= start + chunk.length) await advance()
          const part = chunk.subarray(at - start, end - start)
          slot?.keepFor(files.update(part))
          yield part
          at += part.length
        }
      }
    }
    return { chunks: read(), sha256: () => files.digest() }
  }
  const finish = async (): Promise<string> => {
    while (start + chunk.length < medium.size) await advance()
    return whole.digest()
  }
  const stop = async (): Promise<void> => {
    await Promise.all([whole, files].map((thread) => thread[Symbol.asyncDispose]()))
  }
  return { content, finish, [Symbol.asyncDispose]: stop }
}

/** Reads pieces of an ISO, wherever they lie. @throws {ProvisionError} invalid; unavailable */
export async function* readPieces(medium: Medium, pieces: readonly Extent[]): AsyncGenerator<Buffer> {
  for (const { offset, length } of pieces) {
    for (let done = 0; done < length; done += CHUNK) {
      yield await medium.read(offset + done, Math.min(CHUNK, length - done))
    }
  }
}

/** A place in memory for a chunk, and what is under way with it. */
class Slot {
  readonly #buffer = Buffer.from(new SharedArrayBuffer(CHUNK))
  #needed: Promise<unknown> = Promise.resolve()
  #read: Promise<Buffer> = Promise.resolve(this.#buffer)

  /**
   * Starts filling it as soon as what was in it is needed no more; adds what comes to the sum.
   * @param before the slot with the bytes before these: reads of a file that are under way together may end in any order, and a sum may not
   */
  fill(medium: Medium, hash: HashThread, { offset, before }: { offset: number; before: Slot | undefined }): void {
    const ready = Promise.all([this.#needed, before?.take()])
    // What is written behind its end meanwhile is no part of it.
    const length = Math.max(0, Math.min(CHUNK, medium.size - offset))
    this.#read = ready.then(async () => {
      const chunk = this.#buffer.subarray(0, length)
      return chunk.subarray(0, await medium.readInto(chunk, offset))
    })
    // Behind the end nothing is added: the sum may be complete by then.
    this.#needed = Promise.resolve()
    this.keepFor(this.#read.then((chunk) => (chunk.length > 0 ? hash.update(chunk) : undefined)))
  }

  /** Keeps what is in it until that is done. */
  keepFor(work: Promise<unknown>): void {
    this.#needed = Promise.all([this.#needed, work])
    this.#needed.catch(() => undefined) // heard of when it is to be filled again, if it ever is
  }

  take(): Promise<Buffer> {
    return this.#read
  }
}

/** Reads some chunks ahead, so that disk, sums and whoever writes work at the same time. */
async function* readAhead(medium: Medium, hash: HashThread, signal: AbortSignal): AsyncGenerator<Slot, undefined> {
  const slots = Array.from({ length: CHUNKS }, () => new Slot())
  let last: Slot | undefined
  for (const [at, slot] of slots.entries()) {
    slot.fill(medium, hash, { offset: at * CHUNK, before: last })
    last = slot
  }
  for (let at = 0; ; at += 1) {
    const slot = slots[at % CHUNKS]
    if (slot === undefined) return
    signal.throwIfAborted()
    yield slot
    slot.fill(medium, hash, { offset: (at + CHUNKS) * CHUNK, before: last })
    last = slot
  }
}
