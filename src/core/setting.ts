import { ProvisionError } from './errors.ts'
import { quoted } from './identity.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** The keys that lead to a value in nested objects: `esxi.network.ip` is `['esxi', 'network', 'ip']`. */
export type SettingPath = readonly string[]

/** A value to be put somewhere, or to be taken away from there. */
export interface SettingChange {
  readonly path: SettingPath
  /** Absent takes away what is there. */
  readonly value?: Json
}

const DEEPEST = 32
const LONGEST_KEY = 200
/** Keys that name something else than a value in a JavaScript object: whoever copies settings key by key must not meet them. */
const NO_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads a path as people type it, with dots between the keys.
 * @throws {ProvisionError} invalid, saying what is wrong with it
 */
export function readSettingPath(text: string): SettingPath {
  const path = text.split('.')
  if (path.length > DEEPEST) throw new ProvisionError('invalid', `is deeper than ${DEEPEST} keys`)
  for (const key of path) {
    if (key.trim() === '') throw new ProvisionError('invalid', 'has an empty key; keys are parted by dots: esxi.disk')
    checkKey(key)
  }
  return path
}

/**
 * Reads `esxi.network.vlan=20`. What is JSON is taken as that, everything else as text. A number that would be printed in
 * another way (`1.10`, `007`, one of twenty digits) is a text too: it is a version or a serial, and must stay what it is.
 * @throws {ProvisionError} invalid
 */
export function readSettingChange(text: string): Required<SettingChange> {
  const at = text.indexOf('=')
  if (at < 0) throw new ProvisionError('invalid', 'has no value; it is meant like esxi.disk=local')
  const value = readSettingValue(text.slice(at + 1))
  checkValue(value)
  return { path: readSettingPath(text.slice(0, at).trim()), value }
}

function readSettingValue(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch {
    return text
  }
  return typeof value === 'number' && String(value) !== text.trim() ? text : value
}

/**
 * Checks a value of any depth for keys that cannot be one.
 * @throws {ProvisionError} invalid
 */
export function checkValue(value: Json, levels = DEEPEST): void {
  if (typeof value !== 'object' || value === null) return
  if (levels === 0) throw new ProvisionError('invalid', `is nested deeper than ${DEEPEST} levels`)
  if (isJsonObject(value)) Object.keys(value).forEach(checkKey)
  for (const item of Object.values(value)) checkValue(item, levels - 1)
}

function checkKey(key: string): void {
  if (NO_KEYS.has(key)) throw new ProvisionError('invalid', `has the key ${key}, which cannot be one`)
  if (key.length > LONGEST_KEY) throw new ProvisionError('invalid', `has a key longer than ${LONGEST_KEY} characters`)
}

/** A path as {@link readSettingPath} reads it. */
export function formatPath(path: SettingPath): string {
  return path.join('.')
}

/** The value that a path leads to; `undefined` when there is none. */
export function settingAt(settings: JsonObject, path: SettingPath): Json | undefined {
  const [key, ...rest] = path
  if (key === undefined) return settings
  const value = Object.hasOwn(settings, key) ? settings[key] : undefined
  if (rest.length === 0) return value
  return value !== undefined && isJsonObject(value) ? settingAt(value, rest) : undefined
}

/** Says what changes have changed, in words without values: those may be secrets. */
export function describeChanges(
  before: JsonObject,
  after: JsonObject,
  changes: readonly SettingChange[],
): readonly string[] {
  return changes
    .filter(({ path }) => JSON.stringify(settingAt(before, path)) !== JSON.stringify(settingAt(after, path)))
    .map(({ path, value }) => `${formatPath(path)} ${value === undefined ? 'taken away' : 'set'}`)
}

/** Nested settings one by one, with their paths, in order of these. */
export function flatSettings(settings: JsonObject, prefix = ''): readonly (readonly [path: string, value: Json])[] {
  return Object.entries(settings)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) =>
      isJsonObject(value) && Object.keys(value).length > 0
        ? flatSettings(value, `${prefix}${key}.`)
        : [[prefix + key, value] as const],
    )
}

/** The value of a setting as people type it: texts as they are, unless they could be taken for something else. */
export function formatValue(value: Json): string {
  return typeof value === 'string' && readSettingValue(value) === value ? value : JSON.stringify(value)
}

/**
 * Makes changes in order. Objects on the way to a new value are made; those that a removal leaves empty are gone too.
 * @throws {ProvisionError} conflict, when a value that is no object stands in the way
 */
export function changeSettings(settings: JsonObject, changes: readonly SettingChange[]): JsonObject {
  return changes.reduce(
    (changed, { path, value }) => (value === undefined ? without(changed, path) : having(changed, path, value)),
    settings,
  )
}

function having(settings: JsonObject, path: SettingPath, value: Json, before: SettingPath = []): JsonObject {
  const [key = '', ...rest] = path
  if (rest.length === 0) return { ...settings, [key]: value }
  const inner = settingAt(settings, [key]) ?? {}
  const way = [...before, key]
  if (isJsonObject(inner)) return { ...settings, [key]: having(inner, rest, value, way) }
  const [there, wanted] = [quoted(formatPath(way)), quoted(formatPath([...before, ...path]))]
  throw new ProvisionError('conflict', `${there} is a value, so that ${wanted} cannot be; unset it in the same command`)
}

function without(settings: JsonObject, path: SettingPath): JsonObject {
  const [key = '', ...rest] = path
  const inner = settingAt(settings, [key])
  if (inner === undefined) return settings
  const { [key]: _gone, ...others } = settings
  if (rest.length === 0) return others
  if (!isJsonObject(inner)) return settings
  const left = without(inner, rest)
  if (left === inner) return settings
  return Object.keys(left).length === 0 ? others : { ...settings, [key]: left }
}
