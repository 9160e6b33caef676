import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { DirectoryReader } from './directory.ts'
import { cutOff, type Medium } from './medium.ts'
import { jolietName, pathBelow, plainName } from './names.ts'
import type { DirectoryRecord } from './record.ts'
import { type Continue, findRockRidge, type RockRidge, readRockRidge } from './rock-ridge.ts'
import { type Extent, readVolumes, SECTOR, type Volume, type Volumes } from './volumes.ts'

/** A file on an ISO: where its bytes lie, in the order in which they make it up. */
export interface IsoFile {
  readonly name: string
  readonly size: number
  readonly pieces: readonly Extent[]
}

/** What an ISO has, by names relative to its root. Directories are not told of, nor are its boot images, which are no files. */
export interface IsoListing {
  readonly label: string
  /** Which of its trees of names this is. */
  readonly names: 'Rock Ridge' | 'Joliet' | 'plain'
  readonly files: readonly IsoFile[]
  readonly links: readonly { readonly name: string; readonly target: string }[]
  /** What is neither, or no file that can be read here, and why. */
  readonly others: readonly { readonly name: string; readonly what: string }[]
}

const MOST_MEMBERS = 100_000
const DEEPEST = 64

/**
 * Lists what an ISO 9660 has: by its Rock Ridge names, or else Joliet's, or else the plain ones in upper case.
 * @throws {ProvisionError} invalid, when it is none, is damaged or cut off, or has names that lead out
 */
export async function listIso(medium: Medium): Promise<IsoListing> {
  const volumes = await readVolumes(medium)
  const directories = new DirectoryReader(medium)
  const skip = await rockRidgeOf(directories, volumes.primary)
  const walk = new Walk(medium, directories, chooseNames(volumes, skip))
  await walk.all()
  return { label: volumes.label, ...walk.found() }
}

/** A tree of names, and how its names are read. */
interface Names {
  readonly kind: IsoListing['names']
  readonly volume: Volume
  readonly decode: (bytes: Buffer) => string
  /** Bytes of a system use area before Rock Ridge begins; `undefined` without it. */
  readonly skip: number | undefined
}

function chooseNames({ primary, joliet }: Volumes, skip: number | undefined): Names {
  if (skip !== undefined) return { kind: 'Rock Ridge', volume: primary, decode: plainName, skip }
  if (joliet !== undefined) return { kind: 'Joliet', volume: joliet, decode: jolietName, skip: undefined }
  return { kind: 'plain', volume: primary, decode: plainName, skip: undefined }
}

async function rockRidgeOf(directories: DirectoryReader, { root }: Volume): Promise<number | undefined> {
  for await (const own of directories.records({ ...root, length: Math.min(root.length, SECTOR) })) {
    return findRockRidge(own.systemUse)
  }
  return undefined
}

interface Directory {
  /** With a slash at its end; `''` is the root. */
  readonly path: string
  readonly extent: Extent
  readonly depth: number
}

interface Started {
  readonly name: string
  readonly pieces: Extent[]
}

class Walk {
  readonly #medium: Medium
  readonly #directories: DirectoryReader
  readonly #names: Names
  readonly #queue: Directory[]
  readonly #places = new Set<number>()
  readonly #seen = new Set<string>()
  readonly #files: IsoFile[] = []
  readonly #links: { readonly name: string; readonly target: string }[] = []
  readonly #others: { readonly name: string; readonly what: string }[] = []
  /** A file of several pieces of which the last one has not come yet. */
  #started: Started | undefined

  constructor(medium: Medium, directories: DirectoryReader, names: Names) {
    this.#medium = medium
    this.#directories = directories
    this.#names = names
    this.#queue = [{ path: '', extent: names.volume.root, depth: 0 }]
  }

  found(): Omit<IsoListing, 'label'> {
    return { names: this.#names.kind, files: this.#files, links: this.#links, others: this.#others }
  }

  async all(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#directory(next)
  }

  async #directory(directory: Directory): Promise<void> {
    if (this.#places.has(directory.extent.offset)) throw damaged('its folders lead back into themselves')
    if (directory.depth > DEEPEST) throw damaged('its folders are nested too deeply')
    this.#places.add(directory.extent.offset)
    for await (const record of this.#directories.records(directory.extent)) {
      if (!record.isDot && !record.isAssociated) await this.#member(directory, record)
    }
    if (this.#started !== undefined) throw damaged(`the last piece of ${quoted(this.#started.name)} is missing`)
  }

  async #member(directory: Directory, record: DirectoryRecord): Promise<void> {
    const ridge = await this.#rockRidge(record)
    if (ridge?.isRelocated === true) return
    const name = pathBelow(directory.path, ridge?.name ?? this.#names.decode(record.name))
    if (record.isDirectory || ridge?.child !== undefined) {
      const extent = await this.#directoryExtent(record, ridge?.child)
      this.#claim(name)
      this.#queue.push({ path: `${name}/`, extent, depth: directory.depth + 1 })
    } else this.#file(name, record, ridge)
  }

  async #rockRidge(record: DirectoryRecord): Promise<RockRidge | undefined> {
    const { skip } = this.#names
    return skip === undefined ? undefined : readRockRidge(record.systemUse.subarray(skip), this.#continue)
  }

  readonly #continue: Continue = ({ block, offset, length }) => {
    if (length > 2 * SECTOR) throw damaged('its Rock Ridge names cannot be read')
    return this.#directories.read(block * this.#names.volume.blockSize + offset, length)
  }

  async #directoryExtent({ block, length }: DirectoryRecord, child: number | undefined): Promise<Extent> {
    const { blockSize } = this.#names.volume
    if (child === undefined) return { offset: block * blockSize, length }
    const offset = child * blockSize
    return { offset, length: await this.#directories.lengthAt(offset) }
  }

  #file(name: string, record: DirectoryRecord, ridge: RockRidge | undefined): void {
    if (ridge?.link !== undefined) {
      this.#claim(name)
      this.#links.push({ name, target: ridge.link })
      return
    }
    const oddity = record.isInterleaved ? 'stored interleaved with others' : ridge?.oddity
    if (oddity !== undefined) {
      this.#claim(name)
      this.#others.push({ name, what: oddity })
      return
    }
    this.#piece(name, record)
  }

  #piece(name: string, { block, length, hasMore }: DirectoryRecord): void {
    const before = this.#started
    if (before === undefined) this.#claim(name)
    else if (before.name !== name) throw damaged(`the last piece of ${quoted(before.name)} is missing`)
    const file = before ?? { name, pieces: [] }
    const extent = { offset: block * this.#names.volume.blockSize, length }
    // Where nothing is, a writer may put any place.
    if (length > 0) {
      if (extent.offset + length > this.#medium.size) throw cutOff(extent.offset + length, this.#medium.size)
      file.pieces.push(extent)
    }
    this.#started = hasMore ? file : undefined
    if (hasMore) return
    this.#files.push({ ...file, size: file.pieces.reduce((sum, piece) => sum + piece.length, 0) })
  }

  #claim(name: string): void {
    if (this.#started !== undefined) throw damaged(`the last piece of ${quoted(this.#started.name)} is missing`)
    if (this.#seen.has(name)) throw damaged(`${quoted(name)} is there twice`)
    if (this.#seen.size >= MOST_MEMBERS) {
      throw new ProvisionError('invalid', `it has more than ${MOST_MEMBERS} files; no image needs so many`)
    }
    this.#seen.add(name)
  }
}

function damaged(why: string): ProvisionError {
  return new ProvisionError('invalid', `it is a damaged ISO: ${why}`)
}
