import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import type { FindImage, Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { readImageName } from '../core/plan.ts'
import { errorCode, fileError } from './file-errors.ts'
import { IMAGE_JSON, readImageJson } from './image-json.ts'
import { isInside, type LocatedFile, locateFile, stampOf } from './locate.ts'
import { outlastReplacement } from './staging.ts'
import { partSizes, readSmallText, type Tree, type WalkedTree, walkTree } from './tree.ts'

/** Says what a directory is, or refuses it. It is given by whoever knows the kinds. */
export type Recognise = (
  tree: Tree,
  settings: JsonObject,
) => Promise<Pick<Image, 'kind' | 'label' | 'parts' | 'kernelOptions' | 'settings' | 'description'>>

/** A directory in the images folder: an image, or what keeps it from being one. */
export type ImageEntry =
  | { readonly name: string; readonly image: Image }
  | { readonly name: string; readonly image?: undefined; readonly problem: string }

/** The images at one moment. */
export interface ImageSnapshot {
  readonly find: FindImage
  /** By name. */
  readonly list: readonly ImageEntry[]
}

/** The images folder, for reading. */
export interface ImageLibrary {
  /** The images as they are, or were a second ago: the same promise for all who ask within it. */
  snapshot(): Promise<ImageSnapshot>
  /** The images as they are now. */
  refresh(): Promise<ImageSnapshot>
  /**
   * Finds a file of an image for a machine; no name leads out of the images folder, to a dotfile or to image.json.
   * @throws {ProvisionError} invalid, not-found
   */
  locate(name: string, file: string): Promise<LocatedFile>
  /**
   * Reads a small text file of an image.
   * @throws {ProvisionError} not-found; invalid, when it is not small or not text
   */
  readText(name: string, file: string): Promise<string>
}

/** How long a look at the folder is good for: `/bootstrap` asks many times a second. */
const FRESH_MS = 1000
/** So many files of an image are watched one by one; of the others, only those that its kind has read or named. */
const WATCHED_FILES = 20

interface Known {
  readonly entry: ImageEntry
  /** Paths below the image's directory with their stamps; the entry holds while all of them do. */
  readonly stamps: ReadonlyMap<string, string>
}

/**
 * Opens an images folder. Directories may come, go and change at any time; only what changed is looked at again.
 * @param now a clock in ms that never goes back
 */
export function openImageLibrary(
  root: string,
  recognise: Recognise,
  now: () => number = () => performance.now(),
): ImageLibrary {
  let known: ReadonlyMap<string, Known> = new Map()
  let last: { readonly at: number; readonly snapshot: Promise<ImageSnapshot> } | undefined
  let running: Promise<ImageSnapshot> | undefined

  const listImages = async (): Promise<string[]> => {
    const names = await listDirectories(root)
    const gone = [...known.keys()].filter((name) => !names.includes(name))
    const replaced = await Promise.all(gone.map((name) => outlastReplacement(root, name)))
    return replaced.includes(true) ? listDirectories(root) : names
  }

  const look = async (): Promise<ImageSnapshot> => {
    const at = now()
    const names = await listImages()
    const found = await Promise.all(
      names.map(async (name) => [name, await lookAt({ root, name, recognise }, known.get(name))] as const),
    )
    known = new Map(found)
    const snapshot = snapshotOf(found.map(([, { entry }]) => entry))
    last = { at, snapshot: Promise.resolve(snapshot) }
    return snapshot
  }

  const refresh = (): Promise<ImageSnapshot> => {
    running ??= look().finally(() => {
      running = undefined
    })
    return running
  }

  const locate = async (name: string, file: string): Promise<LocatedFile> => {
    // It may set passwords, and machines have no use for it.
    if (file === IMAGE_JSON) throw new ProvisionError('not-found', `${IMAGE_JSON} is not for machines`)
    const bounds = { directory: join(root, readImageName(name)), root }
    try {
      return await locateFile(bounds, file)
    } catch (error) {
      // A loader gives up at the first file that is not there.
      if (!(await outlastReplacement(root, name))) throw error
      return locateFile(bounds, file)
    }
  }

  return {
    refresh,
    snapshot: () => (last !== undefined && now() - last.at < FRESH_MS ? last.snapshot : refresh()),
    locate,
    readText: async (name, file) => readSmallText((await locate(name, file)).path),
  }
}

function snapshotOf(list: readonly ImageEntry[]): ImageSnapshot {
  const images = new Map(list.flatMap(({ name, image }) => (image === undefined ? [] : [[name, image]])))
  const problem = (name: string) => {
    const entry = list.find((one) => one.name === name)
    return entry?.image === undefined ? entry?.problem : undefined
  }
  return { list, find: Object.assign((name: string) => images.get(name), { problem }) }
}

/** Directories and links that may lead to one; a folder that is not there yet has no images. */
async function listDirectories(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true })
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw fileError(error, 'the images folder')
  }
}

interface Place {
  readonly root: string
  readonly name: string
  readonly recognise: Recognise
}

async function lookAt(place: Place, before: Known | undefined): Promise<Known> {
  const directory = join(place.root, place.name)
  if (before !== undefined && (await isUnchanged(directory, before.stamps))) return before
  let tree: WalkedTree | undefined
  try {
    readImageName(place.name)
    tree = await walk(place)
    const image = await recogniseTree(place, tree)
    return { entry: { name: place.name, image }, stamps: watched(tree, image) }
  } catch (error) {
    const refusal = fileError(error, quoted(place.name))
    if (!(refusal instanceof ProvisionError)) throw refusal
    const stamps = tree === undefined ? new Map<string, string>() : watched(tree, undefined)
    return { entry: { name: place.name, problem: refusal.message }, stamps }
  }
}

async function walk({ root, name }: Place): Promise<WalkedTree> {
  const [realRoot, directory] = await Promise.all([realpath(root), realpath(join(root, name))])
  if (!isInside(realRoot, directory)) throw new ProvisionError('invalid', 'it is a link out of the images folder')
  return walkTree({ directory, root: realRoot })
}

async function recogniseTree({ root, name, recognise }: Place, tree: WalkedTree): Promise<Image> {
  const directory = join(root, name)
  const [settings, stats] = await Promise.all([readImageJson(directory), stat(directory)])
  const recognised = await recognise(tree, settings)
  const sizes = partSizes(tree, recognised.parts)
  const files = tree.files.filter((file) => file !== IMAGE_JSON).length
  return { name, ...recognised, sizes, files, bytes: tree.bytes, changedAt: Math.floor(stats.ctimeMs) }
}

/** What an entry depends on. A file that comes or goes changes its directory, so absent ones need no watching. */
function watched(tree: WalkedTree, image: Image | undefined): Map<string, string> {
  const parts = image === undefined ? [] : Object.values(image.parts).flat()
  const paths = [...tree.directories, ...tree.files.slice(0, WATCHED_FILES), IMAGE_JSON, ...tree.read, ...parts]
  return new Map(
    paths.flatMap((path) => {
      const stamp = tree.stamps.get(path)
      return stamp === undefined ? [] : [[path, stamp]]
    }),
  )
}

async function isUnchanged(directory: string, stamps: ReadonlyMap<string, string>): Promise<boolean> {
  if (stamps.size === 0) return false
  try {
    const same = await Promise.all(
      [...stamps].map(async ([path, stamp]) => stampOf(await stat(join(directory, path), { bigint: true })) === stamp),
    )
    return same.every(Boolean)
  } catch {
    return false // gone or unreadable: the look that follows says which
  }
}
