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

interface Entry {
  readonly checkedAt: number
  readonly version: string
  readonly source: TemplateSource | undefined
}

/** An edited template counts within this time; until then no file is touched, however many machines boot. */
const FRESH_MS = 1000

/** Reads templates, and reads them again when they have changed. */
export class TemplateFiles {
  /** By root and name: putting a path together for every look would take longer than the look. */
  readonly #entries = new WeakMap<TemplateRoot, Map<string, Entry>>()
  readonly #now: () => number
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
    const now = this.#now()
    for (const root of roots) {
      const source = this.#read(root, name, now)
      if (source === undefined) continue
      this.#noted?.add(source)
      return source
    }
    return undefined
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

  #read(root: TemplateRoot, name: string, now: number): TemplateSource | undefined {
    const entries = this.#entriesOf(root)
    const known = entries.get(name)
    if (known !== undefined && now - known.checkedAt < FRESH_MS) return known.source
    const path = join(root.directory, name)
    const shown = `${root.label}/${name}`
    try {
      const version = versionOf(path)
      const isSame = known?.version === version
      const source = isSame || version === '' ? known?.source : { root, name, shown, text: readFileSync(path, 'utf8') }
      entries.set(name, { checkedAt: now, version, source: version === '' ? undefined : source })
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
