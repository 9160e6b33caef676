import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type Json } from '../../core/json.ts'
import { type Rules, readKeys } from '../../core/read-keys.ts'
import { flag, line, listOf, oneOf, refuse, wholeNumber } from '../../core/setting-rules.ts'

/** What a disk must be to be installed on. Everything that is said must fit. */
export interface DiskMatch {
  /** A part of the model's name, in any case: `PERC H730`. */
  readonly model: string
  /** A part of the vendor's name, in any case. */
  readonly vendor: string
  /** Sizes in GB of 10^9 bytes, as on a disk's label; a disk's own size is rounded for it. */
  readonly minGb: number
  readonly maxGb: number
  /** Whether it has no spinning parts. */
  readonly ssd: boolean
  /** Whether it is the host's own and no LUN of a network. */
  readonly local: boolean
  /** Which one when several fit: `only` refuses to choose, the others refuse among equals. */
  readonly pick: 'only' | 'smallest' | 'largest'
}

/** The disk that ESXi is put on. */
export type DiskChoice =
  /** The first that the installer finds, by its own filters in order; without any: local, remote, usb. */
  | { readonly by: 'first'; readonly filters: readonly string[] }
  | { readonly by: 'name'; readonly name: string }
  /** Looked for by a script of ours on the host, before the installer reads the rest. */
  | { readonly by: 'match'; readonly match: Partial<DiskMatch> }

const MATCH_RULES: Rules<DiskMatch> = {
  model: filled,
  vendor: filled,
  minGb: wholeNumber(1, 10_000_000),
  maxGb: wholeNumber(1, 10_000_000),
  ssd: flag,
  local: flag,
  pick: oneOf('only', 'smallest', 'largest'),
}

/** The installer's own filters, which may be said without `firstdisk=`; all others are parts of names. */
const FILTER = '(?:local|remote|usb|esx|localesx|remoteesx)'
const FILTERS = new RegExp(`^${FILTER}(?: *, *${FILTER})*$`, 'i')

const NAME = /^(?:\/vmfs\/devices\/disks\/|\/dev\/disks\/)?(?:naa|eui|t10|mpx|vml)\.[!-~]+$/

/**
 * Reads the setting `disk`: `firstdisk`, `firstdisk=local,usb` or `local,usb`, a disk's name, or an object that describes the disk.
 * @throws {ProvisionError} invalid
 */
export function readDiskChoice(value: Json): DiskChoice {
  if (isJsonObject(value)) return readMatch(value)
  const text = line(value).trim()
  const [, named] = /^(?:--)?firstdisk(?:=(.*))?$/.exec(text) ?? [undefined, undefined]
  const filters = FILTERS.test(text) ? text : named
  if (/^(?:--)?firstdisk$/.test(text)) return { by: 'first', filters: [] }
  if (filters !== undefined) return { by: 'first', filters: listOf(filled)(filters) }
  if (NAME.test(text)) return { by: 'name', name: text }
  return refuse(
    value,
    'must be firstdisk, firstdisk=FILTER,..., local (or remote, usb, esx), a disk as ESXi names it (naa. eui. t10. mpx. vml.) or an object like {"minGb": 100}',
  )
}

function readMatch(value: { readonly [key: string]: Json }): DiskChoice {
  const { values, problems } = readKeys<DiskMatch>('disk.', value, MATCH_RULES)
  const { pick, minGb = 0, maxGb = Number.POSITIVE_INFINITY, ...rest } = values
  const said = [rest.model, rest.vendor, rest.ssd, rest.local, values.minGb, values.maxGb, pick === 'only' ? 0 : pick]
  const more = [
    ...(minGb > maxGb ? [`minGb ${minGb} is more than maxGb ${maxGb}`] : []),
    ...(problems.length === 0 && said.every((part) => part === undefined || part === 0)
      ? ['says nothing of the disk; firstdisk takes any']
      : []),
  ]
  const all = [...problems, ...more]
  if (all.length > 0) throw new ProvisionError('invalid', all.join('; '))
  return { by: 'match', match: values }
}

function filled(value: Json): string {
  const text = line(value).trim()
  return text === '' ? refuse(value, 'must not be empty') : text
}
