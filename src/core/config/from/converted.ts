import { ProvisionError } from '../../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'

/**
 * What another form of metadata says, in ours. It still has to be read: whether it is right is judged there.
 * A `password` in it is a clear one, which is hashed before anything is kept.
 */
export interface Converted {
  readonly config: JsonObject
  /** What it says beyond that and is left out, a sentence each. */
  readonly warnings: readonly string[]
}

/** An object that is being read; what nobody asked for is told. */
export class Source {
  readonly path: string
  readonly #object: JsonObject
  readonly #asked = new Set<string>()

  /** @throws {ProvisionError} invalid */
  constructor(value: Json | undefined, path: string) {
    if (value === undefined || !isJsonObject(value)) throw new ProvisionError('invalid', `${path} must be an object`)
    this.path = path
    this.#object = value
  }

  /** The value of a key; `undefined` when there is none, or null. */
  get(key: string): Json | undefined {
    this.#asked.add(key)
    return (Object.hasOwn(this.#object, key) ? this.#object[key] : undefined) ?? undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** Says that these keys are known and mean nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#asked.add(key)
  }

  /** @throws {ProvisionError} invalid, when there is one that is no text */
  text(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    throw new ProvisionError('invalid', `${this.at(key)} must be a text`)
  }

  /** A number, which some write as a text. Whether it is a right one is judged later. */
  number(key: string): Json | undefined {
    const value = this.get(key)
    return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  }

  /** @throws {ProvisionError} invalid, when it is not there or no text */
  need(key: string): string {
    const value = this.text(key)
    if (value === undefined || value === '') throw new ProvisionError('invalid', `${this.path} needs ${key}`)
    return value
  }

  /** The items of a list, none when it is not there. @throws {ProvisionError} invalid, when it is no list */
  list(key: string): readonly Json[] {
    const value = this.get(key) ?? []
    if (!Array.isArray(value)) throw new ProvisionError('invalid', `${this.at(key)} must be a list`)
    return value
  }

  /** The texts of a list, or the one that stands in its place. @throws {ProvisionError} invalid */
  texts(key: string): readonly string[] {
    const value = this.get(key)
    if (typeof value === 'string') return [value]
    return this.list(key).map((item, at) => {
      if (typeof item === 'string') return item
      throw new ProvisionError('invalid', `${this.at(key)}[${at}] must be a text`)
    })
  }

  /** The objects of a list. @throws {ProvisionError} invalid */
  objects(key: string): readonly Source[] {
    return this.list(key).map((item, at) => new Source(item, `${this.at(key)}[${at}]`))
  }

  /** An object below, `undefined` when it is not there. @throws {ProvisionError} invalid */
  object(key: string): Source | undefined {
    const value = this.get(key)
    return value === undefined ? undefined : new Source(value, this.at(key))
  }

  /** Objects by name. @throws {ProvisionError} invalid */
  entries(key: string): readonly (readonly [string, Source])[] {
    const value = this.get(key) ?? {}
    if (!isJsonObject(value)) throw new ProvisionError('invalid', `${this.at(key)} must be an object`)
    return Object.entries(value).map(([name, inner]) => [name, new Source(inner, `${this.at(key)}.${name}`)])
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  /** What nobody asked for, a sentence each. */
  get leftOver(): readonly string[] {
    return this.#unasked().map((path) => `${path} means nothing here, and is left out`)
  }

  /** For what would be something else without the rest of it. @throws {ProvisionError} invalid, when something was not asked for */
  end(): void {
    const [path] = this.#unasked()
    if (path !== undefined) throw new ProvisionError('invalid', `${path} is not understood`)
  }

  #unasked(): readonly string[] {
    const keys = Object.keys(this.#object).filter((key) => !this.#asked.has(key))
    return keys.map((key) => this.at(key))
  }
}

/** Several parts as one. What is in two of them is put together: lists one behind the other, of values the last. */
export function joined(parts: readonly Converted[]): Converted {
  return {
    config: parts.reduce<JsonObject>((all, { config }) => added(all, config), {}),
    warnings: parts.flatMap(({ warnings }) => warnings),
  }
}

function added(all: JsonObject, more: JsonObject): JsonObject {
  const sum: { [key: string]: Json } = { ...all }
  for (const [key, value] of Object.entries(more)) {
    const before = sum[key]
    if (Array.isArray(value) && Array.isArray(before)) sum[key] = [...before, ...value]
    else sum[key] = isJsonObject(value) && before !== undefined && isJsonObject(before) ? added(before, value) : value
  }
  return sum
}
