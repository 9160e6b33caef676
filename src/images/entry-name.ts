import { posix } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'

/**
 * Reads the name of an archive's member, so that it stays below the directory it is unpacked to; `''` is that directory.
 * @throws {ProvisionError} invalid, when it leads out or holds what no file name should
 */
export function readEntryName(name: string): string {
  const refuse = (why: string) => new ProvisionError('invalid', `its member ${quoted(name)} ${why}`)
  if (/[\u0000-\u001f\u007f]/.test(name)) throw refuse('has control characters in its name')
  if (name.startsWith('/')) throw refuse('has an absolute name')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw refuse('leads out of the image by ".."')
  return parts.join('/')
}

/**
 * Where a symbolic link of an image leads, relative to the image.
 * @throws {ProvisionError} invalid, when that is not below the image
 */
export function readLinkTarget(name: string, target: string): string {
  const path = posix.normalize(posix.join(posix.dirname(name), target))
  if (!target.startsWith('/') && path !== '..' && !path.startsWith('../') && !target.includes('\0')) return path
  throw new ProvisionError('invalid', `its link ${quoted(name)} leads out of the image, to ${quoted(target)}`)
}
