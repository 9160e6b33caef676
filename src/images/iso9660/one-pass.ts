import { type HashThread, startHashThread } from '../hash-thread.ts'
import { cutOff, type Medium } from './medium.ts'
import type { Extent } from './volumes.ts'

/** An ISO that is read once, from its start to its end, whatever is wanted out of it on the way. */
export interface OnePass extends AsyncDisposable {
  /**
   * The bytes of pieces that all lie behind whatever was asked for before; a chunk is good until the next one is asked for.
   * @throws {ProvisionError} invalid, when the ISO has become shorter; unavailable
   */
  content(pieces: readonly Extent[]): AsyncGenerator<Buffer>
  /** Reads what is left. @returns the SHA-256 sum of the whole ISO @throws as {@link OnePass.content} */
  finish(): Promise<string>
}

const CHUNK = 1024 * 1024
/** Chunks in memory: one is worked on, the others are ahead of it. */
const CHUNKS = 8

/** Starts reading an ISO. @param onBytes hears how far it is */
export function readOnce(medium: Medium, onBytes: (done: number) => void, signal: AbortSignal): OnePass {
  const hash = startHashThread()
  const chunks = readAhead(medium, hash, signal)
  let chunk: Buffer = Buffer.alloc(0)
  /** Where the chunk starts on the ISO. */
  let start = 0
  const advance = async (): Promise<void> => {
    start += chunk.length
    const next = await chunks.next()
    if (next.done === true) throw cutOff(medium.size, start)
    chunk = next.value
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
    return hash.digest()
  }
  return { content, finish, [Symbol.asyncDispose]: () => hash[Symbol.asyncDispose]() }
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
  #hashed: Promise<void> = Promise.resolve()
  #read: Promise<Buffer> = Promise.resolve(this.#buffer)

  /**
   * Starts filling it as soon as what was in it is added to the sum; adds what comes to the sum.
   * @param before the slot with the bytes before these: reads of a file that are under way together may end in any order, and a sum may not
   */
  fill(medium: Medium, hash: HashThread, { offset, before }: { offset: number; before: Slot }): void {
    const ready = Promise.all([this.#hashed, before.#read])
    this.#read = ready.then(async () => this.#buffer.subarray(0, await medium.readInto(this.#buffer, offset)))
    // The end is read several times, ahead, and the sum may be complete by then.
    this.#hashed = this.#read.then((chunk) => (chunk.length > 0 ? hash.update(chunk) : undefined))
    this.#hashed.catch(() => undefined) // heard of when it is asked for, if it ever is
  }

  take(): Promise<Buffer> {
    return this.#read
  }
}

/** Reads some chunks ahead, so that disk, sum and whoever writes work at the same time. */
async function* readAhead(medium: Medium, hash: HashThread, signal: AbortSignal): AsyncGenerator<Buffer> {
  const slots: Slot[] = []
  let last = new Slot()
  for (let at = 0; at < CHUNKS; at += 1) {
    const slot = new Slot()
    slot.fill(medium, hash, { offset: at * CHUNK, before: last })
    slots.push(slot)
    last = slot
  }
  for (let at = 0; ; at += 1) {
    const slot = slots[at % CHUNKS]
    const chunk = await slot?.take()
    signal.throwIfAborted()
    if (slot === undefined || chunk === undefined || chunk.length === 0) return
    yield chunk
    slot.fill(medium, hash, { offset: (at + CHUNKS) * CHUNK, before: last })
    last = slot
  }
}
