import type { LocatedFile } from './locate.ts'
import { changed, openLocated, requireUnwritten } from './opened-file.ts'

/** Bytes that are read from the disk at a time. */
const READ = 1 << 20

/** A file in memory. It may be read while it still comes from the disk: nobody waits for more than what he reads next. */
export class CachedFile {
  readonly size: number
  /** How many answers are being sent from it. */
  users = 0
  readonly #file: LocatedFile
  readonly #bytes: Buffer<ArrayBuffer>
  #filled = 0
  #fault: Error | undefined
  #waiting: (() => void)[] = []

  /** @throws RangeError when there is no memory for it */
  constructor(file: LocatedFile) {
    this.#file = file
    this.size = file.size
    this.#bytes = Buffer.allocUnsafeSlow(file.size)
  }

  /** Whether the byte at this place is there. */
  has(place: number): boolean {
    return place < this.#filled
  }

  get isFilling(): boolean {
    return this.#filled < this.size && this.#fault === undefined
  }

  /**
   * Waits until the byte at a place is there.
   * @returns it and what follows it, at most so many bytes and none beyond `end`; not a copy
   * @throws {ProvisionError} unavailable, when the file turned out to be another one; what the file system says
   */
  async piece(start: number, end: number, most: number): Promise<Buffer> {
    while (!this.has(start)) {
      if (this.#fault !== undefined) throw this.#fault
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.#bytes.subarray(start, Math.min(end, start + most, this.#filled))
  }

  /**
   * Reads the file, once.
   * @throws what its readers get thrown too
   */
  async fill(): Promise<void> {
    try {
      await this.#read()
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(String(error))
      throw this.#fault
    } finally {
      this.#wake()
    }
  }

  async #read(): Promise<void> {
    await using handle = await openLocated(this.#file)
    let at = 0
    while (at < this.size) {
      const { bytesRead } = await handle.read(this.#bytes, at, Math.min(READ, this.size - at), at)
      if (bytesRead === 0) throw changed()
      at += bytesRead
      if (at === this.size) await requireUnwritten(handle, this.#file)
      this.#filled = at
      this.#wake()
    }
  }

  /** Gives its memory back at once, whenever the collector would. Nobody may be using it. */
  free(): void {
    this.#bytes.buffer.transfer(0)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
