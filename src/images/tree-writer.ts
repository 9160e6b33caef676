import { createHash } from 'node:crypto'
import { type FileHandle, link, mkdir, open, realpath, rm, symlink } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { readEntryName, readLinkTarget } from './entry-name.ts'
import { errorCode, fileError } from './file-errors.ts'
import { isInside } from './locate.ts'

/** What is known of a file that was written. */
export interface WrittenFile {
  readonly size: number
  readonly sha256: string
}

/** What an import has put into its directory. */
export interface Written {
  /** Files by name, links to files among them. */
  readonly files: ReadonlyMap<string, WrittenFile>
  /** What is odd but no reason to refuse. */
  readonly warnings: readonly string[]
}

const MOST_MEMBERS = 100_000

/** Links to be made: name by name, where they lead. */
type Links = Map<string, string>

/**
 * Fills an empty directory with files whose names nobody has checked. Links are made last, when nothing is
 * written any more: no name can lead through one of them to a place outside.
 */
export class TreeWriter {
  readonly root: string
  readonly #signal: AbortSignal
  readonly #files = new Map<string, WrittenFile>()
  readonly #folders = new Set<string>()
  readonly #symlinks: Links = new Map()
  readonly #hardlinks: Links = new Map()
  readonly #byLowerCase = new Map<string, string>()
  readonly #warnings: string[] = []
  #members = 0
  #current = ''

  /** @param root an empty directory; its path has no links in it */
  constructor(root: string, signal: AbortSignal) {
    this.root = root
    this.#signal = signal
  }

  /** The name of the file that is being written. */
  get current(): string {
    return this.#current
  }

  /** @throws {ProvisionError} invalid, for a bad name; unavailable, when the disk does not take it */
  async addDirectory(memberName: string): Promise<void> {
    const name = this.#claim(memberName)
    await this.#guarded(name, () => mkdir(join(this.root, name), { recursive: true }))
  }

  /** Writes a file, or writes it anew when the archive holds it twice. @throws as {@link TreeWriter.addDirectory} */
  async addFile(memberName: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.addCopy(memberName, (path) => writeChunks(path, chunks, this.#signal))
  }

  /**
   * Has a file written by somebody else; several may be on their way at the same time.
   * @param copy writes it to the path that it is told
   * @throws as {@link TreeWriter.addDirectory}
   */
  async addCopy(memberName: string, copy: (path: string) => Promise<WrittenFile>): Promise<WrittenFile> {
    const name = this.#claim(memberName)
    this.#current = name
    this.#symlinks.delete(name)
    this.#hardlinks.delete(name)
    const file = await this.#guarded(name, async () => {
      await this.#makeFolder(posix.dirname(name))
      return await copy(join(this.root, name))
    })
    this.#files.set(name, file)
    return file
  }

  /** @throws {ProvisionError} invalid, when it leads out */
  addSymlink(memberName: string, target: string): void {
    const name = this.#claim(memberName)
    this.#symlinks.set(name, readLinkTarget(name, target))
  }

  /** @param target as archives have it: another member's name @throws {ProvisionError} invalid, when it leads out */
  addHardlink(memberName: string, target: string): void {
    this.#hardlinks.set(this.#claim(memberName), readEntryName(target))
  }

  /**
   * Makes the links. Nothing may be added afterwards.
   * @throws {ProvisionError} invalid, when one leads out or nothing was written at all
   */
  async finish(): Promise<Written> {
    this.#signal.throwIfAborted()
    for (const [name, target] of this.#hardlinks) await this.#makeHardlink(name, target)
    for (const [name, target] of this.#symlinks) await this.#makeSymlink(name, target)
    for (const name of this.#symlinks.keys()) await this.#checkSymlink(name)
    if (this.#files.size === 0) throw new ProvisionError('invalid', 'it holds no files')
    return { files: this.#files, warnings: this.#warnings }
  }

  #claim(memberName: string): string {
    this.#signal.throwIfAborted()
    const name = readEntryName(memberName)
    this.#members += 1
    if (this.#members > MOST_MEMBERS) {
      throw new ProvisionError('invalid', `it has more than ${MOST_MEMBERS} files; no image needs so many`)
    }
    const lower = name.toLowerCase()
    const other = this.#byLowerCase.get(lower) ?? name
    this.#byLowerCase.set(lower, name)
    if (other !== name) this.#warnings.push(`${quoted(other)} and ${quoted(name)} differ in upper and lower case only`)
    return name
  }

  async #makeHardlink(name: string, target: string): Promise<void> {
    const file = this.#files.get(target)
    if (file === undefined) {
      throw new ProvisionError(
        'invalid',
        `its hard link ${quoted(name)} leads to ${quoted(target)}, which is no file of it`,
      )
    }
    if (name === target) return
    await this.#guarded(name, async () => {
      await mkdir(join(this.root, posix.dirname(name)), { recursive: true })
      await rm(join(this.root, name), { force: true })
      await link(join(this.root, target), join(this.root, name))
    })
    this.#files.set(name, file)
  }

  async #makeSymlink(name: string, target: string): Promise<void> {
    const through = [...this.#symlinks.keys()].find((other) => name.startsWith(`${other}/`))
    if (through !== undefined) {
      throw new ProvisionError('invalid', `its member ${quoted(name)} lies below the link ${quoted(through)}`)
    }
    // Written anew from where it leads, so that it has no detour through other links.
    await this.#guarded(name, async () => {
      await mkdir(join(this.root, dirname(name)), { recursive: true })
      await symlink(posix.relative(posix.dirname(name), target) || '.', join(this.root, name))
    })
  }

  async #checkSymlink(name: string): Promise<void> {
    const path = join(this.root, name)
    try {
      const target = await realpath(path)
      if (target === this.root) return
      if (isInside(this.root, target)) {
        const file = this.#files.get(target.slice(this.root.length + 1))
        if (file !== undefined) this.#files.set(name, file)
        return
      }
    } catch (error) {
      if (!['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw fileError(error, quoted(name))
      this.#warnings.push(`the link ${quoted(name)} leads nowhere and was left out`)
      await rm(path, { force: true })
      return
    }
    throw new ProvisionError('invalid', `its link ${quoted(name)} leads out of the image`)
  }

  async #makeFolder(name: string): Promise<void> {
    if (this.#folders.has(name)) return
    await mkdir(join(this.root, name), { recursive: true })
    this.#folders.add(name)
  }

  async #guarded<T>(name: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      throw fileError(error, `its member ${quoted(name)}`)
    }
  }
}

async function writeChunks(path: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<WrittenFile> {
  await using handle = await open(path, 'w', 0o644)
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    const written = writeAll(handle, chunk)
    hash.update(chunk) // while the disk works
    size += chunk.length
    await written
  }
  return { size, sha256: hash.digest('hex') }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done)).bytesWritten
}
