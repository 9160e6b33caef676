import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eachAtOnce } from './at-once.ts'

/** Enough for a disk to put the writes in a good order, few enough for open files. */
const AT_ONCE = 16

/** Forces a directory with all that is in it onto the disk: after a power cut a name must not stand for half a file. */
export async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  await eachAtOnce(paths, AT_ONCE, syncDirectory)
  await syncDirectory(directory)
}

/** Forces a directory's list of names onto the disk; a file's content, when it is a file. */
export async function syncDirectory(path: string): Promise<void> {
  await using handle = await open(path)
  await handle.sync()
}
