import { ProvisionError } from '../errors.ts'
import { quoted } from '../identity.ts'
import { isJsonObject, type Json } from '../json.ts'
import { nearest, type ReadValue } from '../setting-rules.ts'

/** Collects all that is wrong, each with the path of the value. */
export type Problems = string[]

/** Reads a value of any depth. @returns `undefined` when it is wrong, which was added to the problems, or not set */
export type ReadPart<T> = (value: Json, path: string, problems: Problems) => T | undefined

/** A value without others in it. */
export function one<T>(read: ReadValue<T>): ReadPart<T> {
  return (value, path, problems) => {
    try {
      return read(value)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      problems.push(`${path} ${error.message}`)
      return undefined
    }
  }
}

/** What an object may hold; what else there is in it is wrong. Null counts as not set. */
export function object<T extends object>(parts: { readonly [K in keyof T]-?: ReadPart<T[K]> }): ReadPart<Partial<T>> {
  const known = Object.keys(parts)
  const isKnown = (key: string): key is Extract<keyof T, string> => Object.hasOwn(parts, key)
  return (value, path, problems) => {
    if (!isJsonObject(value)) return wrong(path, 'must be an object', problems)
    const read: Partial<T> = {}
    for (const [key, inner] of Object.entries(value)) {
      if (!isKnown(key)) problems.push(unknown(path, key, known))
      else if (inner !== null) read[key] = parts[key](inner, `${path}.${key}`, problems)
    }
    return read
  }
}

/** A list. A single value counts as a list of it, and a text with commas as several: `--set config.dns.servers=192.0.2.1,192.0.2.2`. */
export function list<T>(part: ReadPart<T>): ReadPart<readonly T[]> {
  return (value, path, problems) => {
    const items: readonly Json[] = Array.isArray(value) ? value : typeof value === 'string' ? split(value) : [value]
    const read = items.map((item, at) => part(item, `${path}[${at}]`, problems))
    return read.filter((item): item is Awaited<T> & (T & {}) => item !== undefined)
  }
}

/** A list whose texts may have commas in them: commands, keys. */
export function lines<T>(part: ReadPart<T>): ReadPart<readonly T[]> {
  const many = list(part)
  return (value, path, problems) => many(typeof value === 'string' ? [value] : value, path, problems)
}

function split(text: string): readonly string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  // Of blanks and commas alone nobody knows what they were to be.
  return parts.length === 0 && text !== '' ? [text] : parts
}

/** Whether an object lacks a key that it needs; null counts as not set. Of what is no object, something else was told. */
export function lacks(value: Json, key: string): boolean {
  return isJsonObject(value) && (value[key] ?? null) === null
}

/** Adds a problem. */
export function wrong(path: string, text: string, problems: Problems): undefined {
  problems.push(`${path} ${text}`)
  return undefined
}

function unknown(path: string, key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  const hint = meant === undefined ? '' : `did you mean ${path}.${meant}? `
  return `${path}.${quoted(key).slice(1, -1)} is no setting: ${hint}There are ${known.join(', ')}`
}
