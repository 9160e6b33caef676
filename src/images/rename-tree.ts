import { mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { fileError } from './file-errors.ts'
import type { Written, WrittenFile } from './tree-writer.ts'

/**
 * Gives every file of a directory another name, links and what they lead to among them. Files that get the same name must be the
 * same, byte for byte; then one of them is kept.
 * @param newName of a path relative to the directory; each part of it for itself, so that a link's target can be told by it too
 * @returns what was written, under its names from now on
 * @throws {ProvisionError} invalid, when different files would get the same name
 */
export async function renameTree(
  directory: string,
  written: Written,
  newName: (name: string) => string,
): Promise<Written> {
  const entries = (await readdir(directory, { withFileTypes: true, recursive: true })).map((entry) => ({
    name: relative(directory, join(entry.parentPath, entry.name)),
    isDirectory: entry.isDirectory(),
    isLink: entry.isSymbolicLink(),
  }))
  if (entries.every(({ name }) => newName(name) === name)) return written
  checkTwins(entries, written, newName)
  const aside = `${directory}.renamed`
  const files = new Map<string, WrittenFile>()
  const made = new Set<string>()
  const makeFolder = async (name: string): Promise<void> => {
    if (made.has(name)) return
    await mkdir(join(aside, name), { recursive: true })
    made.add(name)
  }
  try {
    // Files before links: what a link's name shares with a file's is that file.
    for (const { name, isDirectory, isLink } of entries.sort((a, b) => Number(a.isLink) - Number(b.isLink))) {
      const target = newName(name)
      await makeFolder(isDirectory ? target : dirname(target))
      if (isDirectory || files.has(target)) continue
      if (isLink) await symlink(newName(await readlink(join(directory, name))), join(aside, target))
      else await rename(join(directory, name), join(aside, target))
      const file = written.files.get(name)
      if (file !== undefined) files.set(target, file)
    }
    await rm(directory, { recursive: true })
    await rename(aside, directory)
  } catch (error) {
    throw fileError(error, 'what is in it')
  }
  return { ...written, files }
}

interface Entry {
  readonly name: string
  readonly isDirectory: boolean
}

function checkTwins(entries: readonly Entry[], { files }: Written, newName: (name: string) => string): void {
  const twins = Map.groupBy(entries, ({ name }) => newName(name))
  for (const [, [first, ...others]] of twins) {
    // Folders become one.
    const isSame = ({ name, isDirectory }: Entry) =>
      isDirectory === first?.isDirectory && (isDirectory || files.get(name)?.sha256 === files.get(first.name)?.sha256)
    const other = others.find((entry) => !isSame(entry))
    if (first === undefined || other === undefined) continue
    const names = `${quoted(first.name)} and ${quoted(other.name)} would both be ${quoted(newName(first.name))}`
    const why = first.isDirectory === other.isDirectory ? 'they are different files' : 'one of them is a folder'
    throw new ProvisionError('invalid', `${names}, and ${why}`)
  }
}
