import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { errorCode, fileError } from './file-errors.ts'
import { currentOwner, formatOwner, ownerState, parseOwner } from './owner.ts'
import { syncDirectory, syncTree } from './sync-tree.ts'

const STAGING = '.staging'
/** Work of processes that cannot be seen from here is given up after so long without a sign of it. */
const UNSEEN_MS = 24 * 60 * 60 * 1000

/** A directory that becomes an image, or is gone when its scope ends. */
export interface Staging extends AsyncDisposable {
  /** Empty at first; without links in its path. */
  readonly path: string
  /**
   * Makes the directory the image, by one rename.
   * @throws {ProvisionError} conflict, when there is one of that name and it is not to be replaced
   */
  publish(replace: boolean): Promise<void>
}

/**
 * Opens a directory for a new image, on the file system of the images.
 * @param root the images folder, which is made when it is not there
 * @throws {ProvisionError} unavailable, when the folder cannot be written
 */
export async function openStaging(root: string, name: string): Promise<Staging> {
  // A comma is in no image's name: what stands before the first one is.
  const directoryName = `${name},${formatOwner(currentOwner())},${randomBytes(4).toString('hex')}`
  try {
    await mkdir(join(root, STAGING), { recursive: true })
    const realRoot = await realpath(root)
    const directory = join(realRoot, STAGING, directoryName)
    const path = join(directory, 'tree')
    await mkdir(path, { recursive: true })
    return {
      path,
      publish: (replace) => publish({ root: realRoot, name, directory }, replace),
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
    }
  } catch (error) {
    throw fileError(error, 'the images folder')
  }
}

interface Place {
  readonly root: string
  readonly name: string
  /** The staging directory, with `tree` and perhaps `old` in it. */
  readonly directory: string
}

async function publish({ root, name, directory }: Place, replace: boolean): Promise<void> {
  const target = join(root, name)
  try {
    await syncTree(join(directory, 'tree'))
    // Two renames, since no call of Node's swaps two directories. Between them the image is absent; a process that dies
    // just there has its `old` put back by the next sweep.
    const replaced = replace && (await moveAway(target, join(directory, 'old')))
    try {
      await refuseExisting(root, name)
      await rename(join(directory, 'tree'), target)
    } catch (error) {
      if (replaced) await rename(join(directory, 'old'), target)
      throw error
    }
    await syncDirectory(root)
  } catch (error) {
    // A directory that came in between; rename tells so in one of these ways.
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw existing(name)
    throw fileError(error, `image ${name}`)
  }
}

/** A replacement is two renames; one that has stopped between them is not waited for much longer. */
const REPLACED_MS = 200

/**
 * Waits until an image that is being replaced is there again.
 * @returns whether it is being replaced; what was absent a moment ago may be there now
 */
export async function outlastReplacement(root: string, name: string): Promise<boolean> {
  const entries = await readdir(join(root, STAGING)).catch(() => [])
  const own = entries.filter((entry) => entry.startsWith(`${name},`))
  const replacing = await Promise.all(own.map((entry) => exists(join(root, STAGING, entry, 'old'))))
  if (!replacing.includes(true)) return false
  const until = performance.now() + REPLACED_MS
  while (performance.now() < until && !(await exists(join(root, name)))) await setTimeout(2)
  return true
}

/** @throws {ProvisionError} conflict, when there is an image, or anything else, of that name */
export async function refuseExisting(root: string, name: string): Promise<void> {
  if (await exists(join(root, name))) throw existing(name)
}

function existing(name: string): ProvisionError {
  return new ProvisionError(
    'conflict',
    `there is an image ${name} already; choose another name, or replace it (--replace)`,
  )
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw fileError(error, quoted(path))
  }
}

async function moveAway(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/**
 * Takes an image away: it is absent at once, however long its files take to go.
 * @throws {ProvisionError} not-found
 */
export async function removeTree(root: string, name: string): Promise<void> {
  if (!(await exists(join(root, name)))) throw new ProvisionError('not-found', `there is no image ${name}`)
  await using staging = await openStaging(root, name)
  try {
    await rename(join(root, name), join(staging.path, 'gone'))
    await syncDirectory(root)
  } catch (error) {
    throw fileError(error, `image ${name}`)
  }
}

/**
 * Clears away what processes that are no more have left in the images folder, and puts back an image that one of them was
 * about to replace.
 * @param now in ms since 1970
 * @returns the names of the images that were being worked on
 */
export async function sweepStaging(root: string, now: number): Promise<string[]> {
  const swept: string[] = []
  try {
    for (const entry of await readdir(join(root, STAGING))) {
      const [name = '', ...rest] = entry.split(',')
      const directory = join(root, STAGING, entry)
      if (await isInUse(directory, rest.slice(0, -1).join(','), now)) continue
      if (!(await exists(join(root, name)))) await moveAway(join(directory, 'old'), join(root, name))
      await rm(directory, { recursive: true, force: true })
      swept.push(name)
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return swept // no folder yet, or another process was faster
    throw fileError(error, `the folder ${STAGING} of the images`)
  }
  return swept
}

async function isInUse(directory: string, ownerText: string, now: number): Promise<boolean> {
  const owner = parseOwner(ownerText)
  const state = owner === undefined ? 'unknown' : ownerState(owner)
  if (state !== 'unknown') return state === 'alive'
  return now - (await stat(directory)).mtimeMs < UNSEEN_MS
}
