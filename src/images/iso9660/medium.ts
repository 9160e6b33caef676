import { open } from 'node:fs/promises'
import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { fileError } from '../file-errors.ts'

/** An ISO that is open for reading anywhere in it. */
export interface Medium extends AsyncDisposable {
  readonly path: string
  readonly size: number
  /** Of the open file, for who reads it by himself. */
  readonly descriptor: number
  /**
   * Reads so many bytes, never fewer.
   * @throws {ProvisionError} invalid, when they are not all there; unavailable, when the disk does not give them
   */
  read(offset: number, length: number): Promise<Buffer>
  /**
   * Makes sure that what was read is of one and the same ISO.
   * @throws {ProvisionError} invalid, when it was written to since it was opened
   */
  checkUnchanged(): Promise<void>
}

/** @throws {ProvisionError} not-found; unavailable */
export async function openMedium(path: string): Promise<Medium> {
  try {
    const handle = await open(path)
    const opened = await handle.stat({ bigint: true })
    const size = Number(opened.size)
    const readInto = async (buffer: Uint8Array, offset: number): Promise<number> => {
      let done = 0
      while (done < buffer.length) {
        const { bytesRead } = await handle.read(buffer, done, buffer.length - done, offset + done).catch((error) => {
          throw fileError(error, quoted(path))
        })
        if (bytesRead === 0) break
        done += bytesRead
      }
      return done
    }
    const read = async (offset: number, length: number): Promise<Buffer> => {
      if (offset + length > size) throw cutOff(offset + length, size)
      const buffer = Buffer.alloc(length)
      if ((await readInto(buffer, offset)) < length) throw cutOff(offset + length, size)
      return buffer
    }
    const checkUnchanged = async (): Promise<void> => {
      const now = await handle.stat({ bigint: true })
      if (now.mtimeNs === opened.mtimeNs && now.size === opened.size) return
      throw new ProvisionError('invalid', 'it was changed while it was read; is it still being downloaded?')
    }
    return { path, size, descriptor: handle.fd, read, checkUnchanged, [Symbol.asyncDispose]: () => handle.close() }
  } catch (error) {
    throw fileError(error, quoted(path))
  }
}

/** What is wrong with an ISO that speaks of more bytes than it has. */
export function cutOff(needed: number, size: number): ProvisionError {
  return new ProvisionError(
    'invalid',
    `it is an ISO that is cut off or damaged: it speaks of byte ${needed} and has ${size}`,
  )
}
