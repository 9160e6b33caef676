import { type ErrorKind, ProvisionError } from '../core/errors.ts'

/** What the codes of failed file operations mean for the person who caused or can mend them. */
const MEANING: { readonly [code: string]: readonly [ErrorKind, string] } = {
  ENOENT: ['not-found', 'does not exist'],
  ENOTDIR: ['invalid', 'lies below something that is no folder'],
  EISDIR: ['invalid', 'is a folder'],
  EEXIST: ['invalid', 'is there twice, as different things'],
  ELOOP: ['invalid', 'is a link that leads to itself'],
  ENAMETOOLONG: ['invalid', 'has a name that is too long'],
  EACCES: ['unavailable', 'may not be used by this user (permission denied)'],
  EPERM: ['unavailable', 'may not be used by this user (operation not permitted)'],
  ENOSPC: ['unavailable', 'does not fit: no space is left on the disk'],
  EDQUOT: ['unavailable', "does not fit: this user's disk quota is used up"],
  EFBIG: ['unavailable', 'does not fit: the file system takes no file of this size'],
  EROFS: ['unavailable', 'is on a file system that is mounted read-only'],
  EIO: ['unavailable', 'cannot be used: the disk reports an error'],
  EXDEV: ['unavailable', 'is on another file system than the images folder'],
}

/** The code of a failed file operation or of a program that could not be started. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Says of which file a failed file operation speaks, and what is wrong; any other error comes back as it is. */
export function fileError(error: unknown, what: string): unknown {
  const meaning = MEANING[errorCode(error) ?? '']
  if (meaning === undefined || error instanceof ProvisionError) return error
  return new ProvisionError(meaning[0], `${what} ${meaning[1]}`, { cause: error })
}
