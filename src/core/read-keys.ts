import { ProvisionError } from './errors.ts'
import { quoted } from './identity.ts'
import type { Json, JsonObject } from './json.ts'
import { nearest, type ReadValue } from './setting-rules.ts'

/** The keys of an object of settings and how each is read. */
export type Rules<T> = { readonly [K in keyof T]: ReadValue<T[K]> }

/** What is said by an object of settings, and what is wrong with it. */
export interface KeysRead<T> {
  readonly values: Partial<T>
  readonly problems: readonly string[]
}

/** Reads an object of settings key by key; all that is wrong is told at once. @param path what stands before the keys, `esxi.` */
export function readKeys<T extends object>(path: string, object: JsonObject, rules: Rules<T>): KeysRead<T> {
  const values: Partial<T> = {}
  const problems: string[] = []
  for (const [key, value] of Object.entries(object)) {
    const problem = isKey(key, rules)
      ? readKey(values, key, { value, read: rules[key], path })
      : unknownKey(path, key, Object.keys(rules))
    if (problem !== undefined) problems.push(problem)
  }
  return { values, problems }
}

function isKey<T extends object>(key: string, rules: Rules<T>): key is Extract<keyof T, string> {
  return Object.hasOwn(rules, key)
}

interface OneKey<T> {
  readonly value: Json
  readonly read: ReadValue<T>
  readonly path: string
}

function readKey<T, K extends keyof T & string>(values: Partial<T>, key: K, one: OneKey<T[K]>): string | undefined {
  // As if nobody had set it: how a host is freed from what is set for its image.
  if (one.value === null) return undefined
  try {
    values[key] = one.read(one.value)
    return undefined
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return `${one.path}${key} ${error.message}`
  }
}

function unknownKey(path: string, key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  const hint = meant === undefined ? '' : `did you mean ${path}${meant}? `
  return `${path}${quoted(key).slice(1, -1)} is no setting: ${hint}There are ${known.join(', ')}`
}
