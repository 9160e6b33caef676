import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TemplateError } from './template-error.ts'

/** A directory with templates, and what messages call it. */
export interface TemplateRoot {
  readonly directory: string
  readonly label: string
}

/** The text of one template, as it was when it was read. Another object means another text. */
export interface TemplateSource {
  readonly root: TemplateRoot
  /** Relative to the root, with `/`. */
  readonly name: string
  /** The name that messages use. */
  readonly shown: string
  readonly text: string
}

/** A place where a template may be. */
export interface TemplatePlace {
  readonly roots: readonly TemplateRoot[]
  readonly name: string
  /** One of KIWIspray's, with `@NAME@`. */
  readonly isLegacy: boolean
}

/** A template, and the place where it was found. */
export interface Found {
  readonly source: TemplateSource
  readonly place: TemplatePlace
}

interface First {
  /** The look at the files in which it was found. */
  readonly look: number
  readonly found: Found | undefined
}

interface Entry {
  /** The look at the files in which it was checked. */
  readonly look: number
  readonly version: string
  readonly source: TemplateSource | undefined
}

/** An edited template counts within this time; until then no file is touched a second time, however many machines boot. */
const FRESH_MS = 1000

/** Reads templates, and reads them again when they have changed. */
export class TemplateFiles {
  /** By root and name: putting a path together for every look would take longer than the look. */
  readonly #entries = new WeakMap<TemplateRoot, Map<string, Entry>>()
  readonly #firsts = new WeakMap<readonly TemplatePlace[], First>()
  readonly #now: () => number
  #look = 0
  #lookedAt = Number.NEGATIVE_INFINITY
  #noted: Set<TemplateSource> | undefined

  /** @param now any clock in ms */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * The template of this name in the first of the roots that has it.
   * @throws {TemplateError} when it is there but cannot be read
   */
  find(roots: readonly TemplateRoot[], name: string): TemplateSource | undefined {
    this.#lookAgain()
    for (const root of roots) {
      const source = this.#read(root, name)
      if (source === undefined) continue
      this.#noted?.add(source)
      return source
    }
    return undefined
  }

  /**
   * The template at the first of the places that has one. Who asks again for the same list is answered at once.
   * @throws {TemplateError} when it is there but cannot be read
   */
  first(places: readonly TemplatePlace[]): Found | undefined {
    this.#lookAgain()
    const known = this.#firsts.get(places)
    const first = known?.look === this.#look ? known : this.#lookThrough(places)
    if (first.found !== undefined) this.#noted?.add(first.found.source)
    return first.found
  }

  #lookThrough(places: readonly TemplatePlace[]): First {
    const look = this.#look
    let found: Found | undefined
    for (const place of places) {
      const source = this.find(place.roots, place.name)
      if (source === undefined) continue
      found = { source, place }
      break
    }
    const first = { look, found }
    this.#firsts.set(places, first)
    return first
  }

  /** Whatever was found before may have changed on the disk since. */
  #lookAgain(): void {
    const now = this.#now()
    if (now - this.#lookedAt < FRESH_MS) return
    this.#lookedAt = now
    this.#look += 1
  }

  /** Does some work, and says which templates were found for it. It is not to wait for anything: others' would be among them. */
  noting<T>(work: () => T): { readonly result: T; readonly found: readonly TemplateSource[] } {
    const outer = this.#noted
    const noted = new Set<TemplateSource>()
    this.#noted = noted
    try {
      return { result: work(), found: [...noted] }
    } finally {
      this.#noted = outer
    }
  }

  #read(root: TemplateRoot, name: string): TemplateSource | undefined {
    const entries = this.#entriesOf(root)
    const known = entries.get(name)
    if (known?.look === this.#look) return known.source
    const path = join(root.directory, name)
    const shown = `${root.label}/${name}`
    try {
      const version = versionOf(path)
      const isSame = known?.version === version
      const source = isSame || version === '' ? known?.source : { root, name, shown, text: readFileSync(path, 'utf8') }
      entries.set(name, { look: this.#look, version, source: version === '' ? undefined : source })
      return version === '' ? undefined : source
    } catch (error) {
      if (!isSystemError(error)) throw error
      throw new TemplateError({ file: shown, line: 0, problem: `cannot be read (${error.code})` }, { cause: error })
    }
  }

  #entriesOf(root: TemplateRoot): Map<string, Entry> {
    const entries = this.#entries.get(root) ?? new Map<string, Entry>()
    this.#entries.set(root, entries)
    return entries
  }
}

/** Changes whenever the file does; empty when there is none. */
function versionOf(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat?.isFile() === true ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : ''
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG')) return ''
    throw error
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
