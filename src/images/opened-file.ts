import { type FileHandle, open } from 'node:fs/promises'
import { ProvisionError } from '../core/errors.ts'
import { type LocatedFile, stampOf } from './locate.ts'

/** What a machine is told whose file became another one between two looks at it. */
export function changed(): ProvisionError {
  return new ProvisionError('unavailable', 'the file was changed just now; ask again')
}

/** @throws {ProvisionError} unavailable, when it is not the one any more that was found */
export async function openLocated(file: LocatedFile): Promise<FileHandle> {
  const handle = await open(file.path)
  try {
    if (stampOf(await handle.stat({ bigint: true })) !== file.stamp) throw changed()
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/**
 * Asked before the last bytes of a file are given out: all of them are of one version then. That the file is gone from its folder by now,
 * as one of an image that was replaced, changes nothing of them.
 * @throws {ProvisionError} unavailable, when it was written to
 */
export async function requireUnwritten(handle: FileHandle, file: LocatedFile): Promise<void> {
  const { size, mtimeNs } = await handle.stat({ bigint: true })
  if (Number(size) !== file.size || mtimeNs !== file.mtimeNs) throw changed()
}
