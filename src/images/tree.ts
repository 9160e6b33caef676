import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { type Bounds, locateFile, stampOf } from './locate.ts'

/** An image's directory, as a kind looks at it. */
export interface Tree {
  /** All files, relative to the directory, with `/`, sorted. Links that lead out of it are not among them. */
  readonly files: readonly string[]
  /**
   * Reads a small text file.
   * @throws {ProvisionError} not-found; invalid, when it is not small or not text
   */
  readText(file: string): Promise<string>
}

/** A directory as it was found: its files, and what tells later whether it is still the same. */
export interface WalkedTree extends Tree {
  /** Bytes of all files together. */
  readonly bytes: number
  /** Of each file. */
  readonly sizes: ReadonlyMap<string, number>
  /** By path, relative to the directory (`.` is the directory itself): changes whenever the file or directory does. */
  readonly stamps: ReadonlyMap<string, string>
  /** Directories, relative to the directory. */
  readonly directories: readonly string[]
  /** The files that were read so far. */
  readonly read: ReadonlySet<string>
}

const MOST_FILES = 100_000
const DEEPEST = 32
const LARGEST_TEXT = 1024 * 1024

/**
 * Looks through an image's directory. Dotfiles are no part of it; links to files count when they stay within bounds.
 * @throws {ProvisionError} invalid, when it is too large or too deep to be an image
 */
export async function walkTree(bounds: Bounds): Promise<WalkedTree> {
  const found = {
    files: [] as string[],
    directories: [] as string[],
    bytes: 0,
    sizes: new Map<string, number>(),
    stamps: new Map<string, string>(),
  }
  const queue = ['.']
  for (let directory = queue.shift(); directory !== undefined; directory = queue.shift()) {
    const below = directory === '.' ? '' : `${directory}/`
    // Taken before the listing: what is added in between makes the stamp old, not the listing complete.
    found.stamps.set(directory, stampOf(await stat(join(bounds.directory, directory), { bigint: true })))
    found.directories.push(directory)
    if (directory.split('/').length > DEEPEST) throw new ProvisionError('invalid', 'its folders are nested too deeply')
    const entries = (await readdir(join(bounds.directory, directory), { withFileTypes: true })).filter(
      (entry) => !entry.name.startsWith('.'),
    )
    queue.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => below + entry.name))
    const links = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map((entry) => below + entry.name)
    for (const file of await Promise.all(links.map((name) => look(bounds, name)))) {
      if (file === undefined) continue
      found.files.push(file.name)
      found.stamps.set(file.name, file.stamp)
      found.sizes.set(file.name, file.size)
      found.bytes += file.size
    }
    if (found.files.length > MOST_FILES) throw new ProvisionError('invalid', `it has more than ${MOST_FILES} files`)
  }
  const read = new Set<string>()
  const known = new Set(found.files)
  const readText = (file: string): Promise<string> => {
    if (!known.has(file)) throw new ProvisionError('not-found', `it has no file ${quoted(file)}`)
    read.add(file)
    return readSmallText(join(bounds.directory, file))
  }
  return { ...found, files: found.files.sort(), read, readText }
}

/** Bytes of each file that an image's parts name. */
export function partSizes(
  { sizes }: WalkedTree,
  parts: { readonly [role: string]: readonly string[] },
): { readonly [file: string]: number } {
  const files = Object.values(parts).flat()
  return Object.fromEntries(files.map((file) => [file, sizes.get(file) ?? 0]))
}

async function look(bounds: Bounds, name: string): Promise<{ name: string; size: number; stamp: string } | undefined> {
  try {
    const { size, stamp } = await locateFile(bounds, name)
    return { name, size, stamp }
  } catch (error) {
    // A link that leads nowhere or out, a socket, a file that has just gone: no file of the image.
    if (error instanceof ProvisionError) return undefined
    throw error
  }
}

/**
 * Reads a text file that is meant to be small, and never more of it than that.
 * @throws {ProvisionError} invalid, when it is larger or not UTF-8
 */
export async function readSmallText(path: string, largest: number = LARGEST_TEXT): Promise<string> {
  await using handle = await open(path)
  const { size } = await handle.stat()
  const name = quoted(path.slice(path.lastIndexOf('/') + 1))
  if (size > largest) throw new ProvisionError('invalid', `${name} is larger than a text file of an image may be`)
  const bytes = await handle.readFile()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ProvisionError('invalid', `${name} is not a text file in UTF-8`, { cause: error })
  }
}
