import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { errorCode } from '../images/file-errors.ts'
import { isInside } from '../images/locate.ts'

/**
 * A directory that holds the images folder would be copied into itself without end.
 * @throws {ProvisionError} invalid
 */
export async function refuseOwnFolder(imagesRoot: string, source: string): Promise<void> {
  const realSource = await realpath(source)
  let root = resolve(imagesRoot)
  try {
    root = await realpath(root)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  if (!isInside(realSource, join(root, 'x'))) return
  throw new ProvisionError('invalid', 'that directory holds the images folder itself')
}
