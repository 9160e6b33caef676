import type { FileHandle } from 'node:fs/promises'
import type { LocatedFile } from './locate.ts'
import { changed, openLocated, requireUnwritten } from './opened-file.ts'

/** Bytes read at a time: as many are in memory for each answer under way. */
const READ = 512 << 10
/** So many buffers wait for their next use. New ones cost more than reading into them: the system hands out their pages one by one. */
const SPARE = 64

const spare: Buffer[] = []

/** A file that is read from the disk for one answer, piece by piece. */
export class DiskFile implements AsyncDisposable {
  readonly #file: LocatedFile
  readonly #handle: FileHandle
  readonly #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(READ)
  #isSpoilt = false

  private constructor(file: LocatedFile, handle: FileHandle) {
    this.#file = file
    this.#handle = handle
  }

  /** @throws {ProvisionError} unavailable, when it is not the one any more that was found */
  static async open(file: LocatedFile): Promise<DiskFile> {
    return new DiskFile(file, await openLocated(file))
  }

  /**
   * Reads some bytes from a place, at least one and none at `end` or beyond. They are good until the next piece is read.
   * @throws {ProvisionError} unavailable, when the file was changed
   */
  async piece(start: number, end: number): Promise<Buffer> {
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, Math.min(READ, end - start), start)
    if (bytesRead === 0) throw changed()
    if (start + bytesRead === end) await requireUnwritten(this.#handle, this.#file)
    return this.#buffer.subarray(0, bytesRead)
  }

  /** Says that its last piece may still be looked at by somebody: the memory is used for nothing else. */
  spoil(): void {
    this.#isSpoilt = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isSpoilt && spare.length < SPARE) spare.push(this.#buffer)
    await this.#handle.close()
  }
}
