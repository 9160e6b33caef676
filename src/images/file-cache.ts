import { CachedFile } from './cached-file.ts'
import type { LocatedFile } from './locate.ts'

/** A file that takes more than this part of the cache stays out of it: one disk image must not drive out all modules. */
const LARGEST_SHARE = 1 / 2
/** So many files that were asked for once are remembered. */
const REMEMBERED = 10_000
/** A file that was written less than this ago may be written to once more without a change of its times, in ms. */
const TOO_YOUNG = 100

/** A loan of a file in memory: it stays there until it is given back. */
export interface Loan extends Disposable {
  readonly file: CachedFile
}

/** What a cache holds just now. */
export interface CacheState {
  readonly bytes: number
  readonly limit: number
  readonly files: number
}

/**
 * Keeps in memory what many machines fetch: the modules of an installer, a kernel. A file gets in when it is asked for the second time,
 * so that what a single machine fetches once drives out nothing; the one that was used least recently leaves first, but never one that
 * is being sent, which would free nothing. So no more memory is used than was allowed, whatever is asked, and that is why
 * it is no library: those that there are forget what is in use.
 */
export class FileCache {
  readonly #limit: number
  #bytes = 0
  /** The one that was used last is the last. */
  readonly #files = new Map<string, CachedFile>()
  readonly #asked = new Set<string>()

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  get state(): CacheState {
    return { bytes: this.#bytes, limit: this.#limit, files: this.#files.size }
  }

  /**
   * Takes a file from memory. Whoever asks for all of it lets it be read into memory, once however many ask.
   * @param from the first byte that is wanted, if not the whole file is
   * @returns `undefined` when it is to be read from the disk
   */
  borrow(file: LocatedFile, from?: number): Loan | undefined {
    if (file.size === 0 || file.size > this.#limit * LARGEST_SHARE) return undefined
    // A changed file is another one, and the old one leaves in its turn.
    const key = `${file.stamp} ${file.path}`
    const known = this.#files.get(key)
    // Somebody who resumes a download does not wait for what he has.
    if (known !== undefined && from !== undefined && !known.has(from)) return undefined
    const found = known ?? (from === undefined ? this.#admit(key, file) : undefined)
    if (found === undefined) return undefined
    this.#files.delete(key)
    this.#files.set(key, found)
    found.users += 1
    let isBack = false
    return {
      file: found,
      [Symbol.dispose]: () => {
        if (!isBack) found.users -= 1
        isBack = true
      },
    }
  }

  #admit(key: string, file: LocatedFile): CachedFile | undefined {
    if (!this.#asked.has(key)) this.#remember(key)
    else if (!isYoung(file) && this.#makeRoom(file.size)) return this.#add(key, file)
    return undefined
  }

  #add(key: string, file: LocatedFile): CachedFile | undefined {
    let added: CachedFile
    try {
      added = new CachedFile(file)
    } catch {
      return undefined // more was allowed than there is
    }
    this.#asked.delete(key)
    this.#files.set(key, added)
    this.#bytes += file.size
    // Its readers are told why.
    added.fill().catch(() => this.#drop(key, added))
    return added
  }

  #remember(key: string): void {
    this.#asked.add(key)
    const [oldest] = this.#asked
    if (this.#asked.size > REMEMBERED && oldest !== undefined) this.#asked.delete(oldest)
  }

  /** Takes nothing out when that would not be enough. */
  #makeRoom(size: number): boolean {
    const leaving: (readonly [string, CachedFile])[] = []
    let left = this.#bytes + size
    for (const entry of this.#files) {
      if (left <= this.#limit) break
      const [, file] = entry
      if (file.users > 0 || file.isFilling) continue
      leaving.push(entry)
      left -= file.size
    }
    if (left > this.#limit) return false
    for (const [key, file] of leaving) {
      this.#drop(key, file)
      file.free()
    }
    return true
  }

  #drop(key: string, file: CachedFile): void {
    if (this.#files.get(key) !== file) return
    this.#files.delete(key)
    this.#bytes -= file.size
  }
}

function isYoung({ mtimeNs }: LocatedFile): boolean {
  return Math.abs(Date.now() - Number(mtimeNs / 1_000_000n)) < TOO_YOUNG
}
