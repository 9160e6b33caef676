import { readdir, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Written } from './tree-writer.ts'

/**
 * Takes the one folder away in which people pack an image (`tar -cf one.tar one/`): what is in it becomes the tree.
 * @returns what was written, under its names from now on
 */
export async function hoistSingleFolder(directory: string, written: Written): Promise<Written> {
  const [only, ...others] = await readdir(directory, { withFileTypes: true })
  if (only === undefined || others.length > 0 || !only.isDirectory()) return written
  // Aside first: the folder may hold one of its own name.
  const aside = `${directory}.hoisted`
  await rename(join(directory, only.name), aside)
  await rmdir(directory)
  await rename(aside, directory)
  const files = [...written.files].map(([name, file]) => [name.slice(only.name.length + 1), file] as const)
  return { ...written, files: new Map(files) }
}
