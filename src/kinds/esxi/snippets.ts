import { ProvisionError } from '../../core/errors.ts'

/** Folders of an image with scripts of the operator's own, in the order in which the installer comes to them. */
const FOLDERS = ['pre', 'post', 'firstboot']

/** Whether a file is one of these scripts. */
export function isSnippet(file: string): boolean {
  return FOLDERS.includes(file.split('/')[0] ?? '') && SNIPPET.test(file)
}

const SNIPPET = /^[^/]+\/[^/]+\.(?:sh|py)$/

/**
 * Finds an image's scripts, in the order in which they run: `pre/10-disks.sh`, `post/20-users.py`.
 * @throws {ProvisionError} invalid, for a file there that the installer has no interpreter for
 */
export function findSnippets(files: readonly string[]): readonly string[] {
  const found = FOLDERS.flatMap((folder) => files.filter((file) => file.startsWith(`${folder}/`)).toSorted())
  const wrong = found.filter((file) => !SNIPPET.test(file))
  if (wrong.length === 0) return found
  throw new ProvisionError(
    'invalid',
    `the installer runs *.sh and *.py in ${FOLDERS.join(', ')}, and cannot run ${wrong.join(', ')}`,
  )
}
