import { ProvisionError } from './errors.ts'
import { quoted } from './identity.ts'
import type { Json } from './json.ts'

/** Reads the value of one setting. @throws {ProvisionError} invalid, in words that go behind the setting's key */
export type ReadValue<T> = (value: Json) => T

/** A setting with a few words to choose from. */
export function oneOf<const T extends string>(...words: readonly T[]): ReadValue<T> {
  return (value) => {
    const found = words.find((word) => word === value)
    return found ?? refuse(value, `must be ${words.join(' or ')}`)
  }
}

/** A setting that is on or off. */
export const flag: ReadValue<boolean> = (value) =>
  typeof value === 'boolean' ? value : refuse(value, 'must be true or false')

/** A whole number between two others. */
export function wholeNumber(least: number, most: number): ReadValue<number> {
  return (value) => {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
    return fits ? value : refuse(value, `must be a whole number from ${least} to ${most}`)
  }
}

/** A text on one line, of characters that every file of an install can hold. */
export const line: ReadValue<string> = (value) => {
  if (typeof value !== 'string') return refuse(value, 'must be a text')
  if (!/^[\x20-\x7e]*$/.test(value)) return refuse(value, 'must be one line of printable ASCII')
  return value
}

/** A {@link line} that is not empty and fulfils a rule. @param rule goes behind `must be` */
export function lineLike(pattern: RegExp, rule: string): ReadValue<string> {
  return (value) => {
    const text = line(value)
    return pattern.test(text) ? text : refuse(value, `must be ${rule}`)
  }
}

/** A list of values; a text counts as a list with commas, as people write it on a command line. */
export function listOf<T>(read: ReadValue<T>): ReadValue<readonly T[]> {
  return (value) => {
    if (typeof value !== 'string' && !Array.isArray(value)) return refuse(value, 'must be a list')
    const parts: readonly Json[] = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value
    return parts.map(read)
  }
}

export function refuse(value: Json, rule: string): never {
  throw new ProvisionError('invalid', `is ${shown(value)}; it ${rule}`)
}

function shown(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The known key that was probably meant, for a hint. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const byDistance = known
    .map((name) => ({ name, steps: distance(plain(key), plain(name)) }))
    .sort((one, other) => one.steps - other.steps)
  const best = byDistance[0]
  return best !== undefined && best.steps <= Math.min(3, Math.floor(best.name.length / 2)) ? best.name : undefined
}

/** How many letters must be put in, taken out or changed to make one word of another (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1]
    for (const [index, other] of [...to].entries()) {
      const change = (row[index] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
