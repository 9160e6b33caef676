import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Image } from '../core/image.ts'
import { fileError } from '../images/file-errors.ts'
import type { ReadHead } from '../kinds/kind.ts'
import { readKind } from '../kinds/kinds.ts'

/** Files of an image that its kind is to look into. */
export interface Parts {
  readonly kind: string
  readonly parts: Image['parts']
  readonly directory: string
}

/**
 * Has the kind of an image look into the files that it boots from.
 * @returns what is wrong with them, a sentence each
 * @throws {ProvisionError} unavailable, when one cannot be read
 */
export async function verifyParts({ kind, parts, directory }: Parts): Promise<readonly string[]> {
  const readHead: ReadHead = async (file, bytes) => {
    try {
      await using handle = await open(join(directory, file))
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0)
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      throw fileError(error, file)
    }
  }
  return (await readKind(kind).verify?.(parts, readHead)) ?? []
}
