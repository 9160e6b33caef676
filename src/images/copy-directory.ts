import { createReadStream, type Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { fileError } from './file-errors.ts'
import { isInside } from './locate.ts'
import type { OnProgress } from './progress.ts'
import type { TreeWriter } from './tree-writer.ts'

interface Found {
  readonly name: string
  readonly entry: Dirent
}

/**
 * Copies a directory, file by file. Links within it stay links.
 * @throws {ProvisionError} invalid, when it holds links that lead out, devices or sockets
 */
export async function copyDirectory(source: string, writer: TreeWriter, onProgress: OnProgress): Promise<void> {
  try {
    await copy(await realpath(source), writer, onProgress)
  } catch (error) {
    throw fileError(error, 'what is in it')
  }
}

async function copy(root: string, writer: TreeWriter, onProgress: OnProgress): Promise<void> {
  const found = await walk(root)
  const sizes = await Promise.all(
    found.map(async ({ name, entry }) => (entry.isFile() ? (await stat(join(root, name))).size : 0)),
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)
  let done = 0
  async function* read(name: string): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(join(root, name), { highWaterMark: 256 * 1024 })) {
      done += chunk.length
      onProgress({ step: 'read', done, total, file: name })
      yield chunk
    }
  }
  for (const { name, entry } of found) {
    if (entry.isDirectory()) await writer.addDirectory(name)
    else if (entry.isFile()) await writer.addFile(name, read(name))
    else if (entry.isSymbolicLink()) writer.addSymlink(name, await linkTarget(root, name))
    else throw new ProvisionError('invalid', `${quoted(name)} is neither a file nor a folder`)
  }
}

async function walk(root: string): Promise<Found[]> {
  const found: Found[] = []
  const queue = ['']
  for (let directory = queue.shift(); directory !== undefined; directory = queue.shift()) {
    for (const entry of await readdir(join(root, directory), { withFileTypes: true })) {
      const name = posix.join(directory, entry.name)
      found.push({ name, entry })
      if (entry.isDirectory()) queue.push(name)
    }
  }
  return found
}

/** Relative to the link, whatever way it goes itself. */
async function linkTarget(root: string, name: string): Promise<string> {
  let target: string
  try {
    target = await realpath(join(root, name))
  } catch (error) {
    throw fileError(error, `what the link ${quoted(name)} leads to`)
  }
  if (!isInside(root, target))
    throw new ProvisionError('invalid', `its link ${quoted(name)} leads out of the directory`)
  return posix.relative(posix.dirname(name), relative(root, target)) || '.'
}
