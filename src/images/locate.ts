import type { BigIntStats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { errorCode, fileError } from './file-errors.ts'

/** Where a file is looked for, and how far links may lead. */
export interface Bounds {
  /** The image's own directory. */
  readonly directory: string
  /** No link leads out of here: the images folder, so that images may share files. */
  readonly root: string
}

/** A regular file of an image, to be opened by its path. */
export interface LocatedFile {
  /** Without links. */
  readonly path: string
  readonly size: number
  /** In ns since 1970. */
  readonly mtimeNs: bigint
  /** Changes whenever the file does: fit for a strong ETag, in characters that one may hold. */
  readonly stamp: string
  /** Its path below the root of what it was looked for in: the images folder, for a file of an image. */
  readonly within: string
}

/** What a machine sees as absence: everything that is wrong with a name, never with the disk. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

/**
 * Finds a file below a directory by its relative name, as it came from outside.
 * @throws {ProvisionError} invalid, when it is no such name; not-found, when there is no regular file or a link leads out of bounds
 */
export async function locateFile(bounds: Bounds, file: string): Promise<LocatedFile> {
  if (!isPlainName(file)) throw new ProvisionError('invalid', `${quoted(file)} cannot name a file of an image`)
  const absent = () => new ProvisionError('not-found', `there is no file ${quoted(file)}`)
  try {
    const [root, path] = await Promise.all([realpath(bounds.root), realpath(join(bounds.directory, file))])
    // The target's own name may hold dots: a link into `.staging` is as good as a link out.
    const within = path.slice(root.length + 1)
    if (!isInside(root, path) || !isPlainName(within)) throw absent()
    const stats = await stat(path, { bigint: true })
    if (!stats.isFile()) throw absent()
    return { path, within, size: Number(stats.size), mtimeNs: stats.mtimeNs, stamp: stampOf(stats) }
  } catch (error) {
    if (ABSENT.has(errorCode(error) ?? '')) throw absent()
    throw fileError(error, quoted(file))
  }
}

/** Tells a file or directory from what it was before; the change time also catches what sets the modification time back. */
export function stampOf(stats: BigIntStats): string {
  return `${stats.ino}.${stats.size}.${stats.mtimeNs}.${stats.ctimeNs}`
}

/** Whether a path lies below a directory; both without links. */
export function isInside(directory: string, path: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

/** A relative path without dotfiles, `..`, empty parts or control characters. */
function isPlainName(file: string): boolean {
  if (/[\u0000-\u001f\u007f]/.test(file)) return false
  return file.split('/').every((part) => part !== '' && !part.startsWith('.'))
}
