/** What the values of a key of boot.cfg are to mboot. */
export type KeyType = 'text' | 'number' | 'list'

/** Keys whose value is a text. */
export type TextKey = 'kernel' | 'kernelopt' | 'title' | 'prefix' | 'crypto'

/** Keys whose value is a whole number. */
export type NumberKey =
  | 'nobootif'
  | 'timeout'
  | 'noquirks'
  | 'norts'
  | 'nativehttp'
  | 'runtimewd'
  | 'runtimewdtimeout'
  | 'tftpblksize'
  | 'skip'
  | 'errtimeout'

/** Keys whose value is a list of files, each with options of its own. */
export type ListKey = 'modules' | 'acpitables'

export type Key = TextKey | NumberKey | ListKey

/**
 * Every key that some release of mboot knows. The order counts: a key may be cut short (`mod=`), and then means the first one here that
 * begins like it (`t=` is the title).
 */
export const KEYS: ReadonlyMap<Key, KeyType> = new Map<Key, KeyType>([
  ['kernel', 'text'],
  ['kernelopt', 'text'],
  ['modules', 'list'],
  ['title', 'text'],
  ['prefix', 'text'],
  ['nobootif', 'number'],
  ['timeout', 'number'],
  ['noquirks', 'number'],
  ['norts', 'number'],
  ['nativehttp', 'number'],
  ['crypto', 'text'],
  ['runtimewd', 'number'],
  ['runtimewdtimeout', 'number'],
  ['tftpblksize', 'number'],
  ['acpitables', 'list'],
  ['skip', 'number'],
  ['errtimeout', 'number'],
])

/** Finds the key that mboot takes a name for: without regard to case, and also by its first letters alone, or none at all. */
export function findKey(name: string): Key | undefined {
  const lower = name.toLowerCase()
  for (const key of KEYS.keys()) if (key.startsWith(lower)) return key
  return undefined
}
