import { ProvisionError } from '../../../core/errors.ts'
import { quoted } from '../../../core/identity.ts'
import type { BootCfg, ListedFile } from './boot-cfg.ts'
import { findKey, KEYS, type Key, type ListKey, type NumberKey, type TextKey } from './keys.ts'

/** C's isspace() without the newline: what mboot squeezes to one blank. JavaScript's `\s` has more, which mboot does not know. */
const BLANKS = /[ \t\v\f\r]+/g

/** Stands between two files of a list, wherever it stands: a file name with it in the middle is two names. */
const SEPARATOR = '---'

/** mboot's numbers are C's `int`. */
const LARGEST = 2 ** 31 - 1

interface Found {
  readonly texts: { [K in TextKey]?: string | undefined }
  readonly numbers: { [K in NumberKey]?: number }
  readonly lists: { [K in ListKey]?: readonly ListedFile[] }
  readonly others: string[]
}

/**
 * Reads a boot.cfg exactly as mboot does, which is more generous than it looks and in places less: keys may be cut short, but a blank
 * before the `=` hides the line. A kernel is not asked for.
 * @throws {ProvisionError} invalid, for a number that is none: mboot then refuses the whole file
 */
export function parseBootCfg(text: string): BootCfg {
  const found: Found = { texts: {}, numbers: {}, lists: {}, others: [] }
  for (const [index, raw] of text.split('\n').entries()) {
    const line = squeeze(raw)
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? undefined : findKey(line.slice(0, equals))
    if (key === undefined) found.others.push(line)
    else take(found, key, line.slice(equals + 1).trimStart(), index + 1)
  }
  const { texts, numbers, lists, others } = found
  return {
    kernel: texts.kernel,
    kernelopt: texts.kernelopt,
    title: texts.title,
    prefix: texts.prefix,
    crypto: texts.crypto,
    modules: lists.modules ?? [],
    acpitables: lists.acpitables ?? [],
    numbers,
    others,
  }
}

function take(found: Found, key: Key, value: string, line: number): void {
  // The last line of a key wins.
  switch (KEYS.get(key)) {
    case 'text':
      found.texts[key as TextKey] = value === '' ? undefined : value
      break
    case 'number':
      found.numbers[key as NumberKey] = readNumber(key, value, line)
      break
    default:
      found.lists[key as ListKey] = parseList(value)
  }
}

function readNumber(key: Key, value: string, line: number): number {
  if (value === '') return 0
  const number = Number(value)
  if (/^-?\d+$/.test(value) && Math.abs(number) <= LARGEST) return number === 0 ? 0 : number
  throw new ProvisionError(
    'invalid',
    `line ${line} of boot.cfg: ${key}=${quoted(value)} is no number, and mboot refuses the whole file for it`,
  )
}

/** Reads a list of files: `---` between them, blanks around it or not; a file's name ends at its first blank. */
export function parseList(value: string): readonly ListedFile[] {
  return value.split(SEPARATOR).flatMap((item) => {
    const [path = '', ...options] = squeeze(item).split(' ')
    return path === '' ? [] : [{ path, options: options.join(' ') }]
  })
}

/** Makes one blank of each run of them, and none at either end. */
export function squeeze(text: string): string {
  return text.replace(BLANKS, ' ').replace(/^ | $/g, '')
}
