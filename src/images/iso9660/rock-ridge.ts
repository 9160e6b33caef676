import { ProvisionError } from '../../core/errors.ts'
import { decode } from './names.ts'

/** What Rock Ridge (IEEE P1282) says of a member, as far as an import asks. */
export interface RockRidge {
  readonly name: string | undefined
  /** Where a symbolic link leads. */
  readonly link: string | undefined
  /** The block of a directory that lies elsewhere, since it was too deep for ISO 9660 in its own place. */
  readonly child: number | undefined
  /** Such a directory, where it lies: it is seen in its own place. */
  readonly isRelocated: boolean
  /** Why it is no plain file, when it is none. */
  readonly oddity: string | undefined
}

/** Where a record's entries go on. */
export interface Continuation {
  readonly block: number
  readonly offset: number
  readonly length: number
}

/** Reads what {@link Continuation} speaks of; it counts what is asked of it, and refuses when that is too much. */
export type Continue = (more: Continuation) => Promise<Buffer>

interface Entry {
  readonly signature: string
  readonly data: Buffer
}

/** Of `st_mode`: what is neither a file, a directory nor a link. */
const ODD_MODES: { readonly [mode: number]: string } = {
  4096: 'a fifo',
  8192: 'a character device',
  24576: 'a block device',
  49152: 'a socket',
}

/** A name of 255 bytes and a link of 4096 fit into three areas. */
const MOST_AREAS = 16
const LONGEST_NAME = 255
const LONGEST_LINK = 4096

/**
 * Whether the root's own record says that the system use areas follow the protocol by which Rock Ridge is written (SUSP).
 * @returns how many bytes of each one come before it; `undefined` when there is no Rock Ridge
 */
export function findRockRidge(rootSystemUse: Buffer): number | undefined {
  const { data, signature } = entriesOf(rootSystemUse).next().value ?? {}
  if (signature !== 'SP' || data === undefined || data.length < 3) return undefined
  return data.readUInt16BE(0) === 0xbeef ? data[2] : undefined
}

/**
 * Reads the Rock Ridge of one member.
 * @throws {ProvisionError} invalid, when it is damaged
 */
export async function readRockRidge(systemUse: Buffer, more: Continue): Promise<RockRidge> {
  const entries: Entry[] = []
  let area: Buffer | undefined = systemUse
  for (let areas = 0; area !== undefined; areas += 1) {
    if (areas > MOST_AREAS) throw damaged()
    const own: Entry[] = [...entriesOf(area)]
    entries.push(...own)
    const next = own.find(({ signature }) => signature === 'CE')
    area = next === undefined ? undefined : await more(continuationOf(next))
  }
  const data = (signature: string) =>
    entries.filter((entry) => entry.signature === signature).map((entry) => entry.data)
  const name = nameOf(data('NM'))
  const link = data('SL').length === 0 ? undefined : linkOf(data('SL'))
  return {
    name,
    link,
    child: data('CL')[0] === undefined ? undefined : uint32(data('CL')[0]),
    isRelocated: data('RE').length > 0,
    oddity: oddityOf(data),
  }
}

function* entriesOf(area: Buffer): Generator<Entry, undefined> {
  let at = 0
  while (at + 4 <= area.length) {
    const length = area[at + 2] ?? 0
    const signature = area.toString('latin1', at, at + 2)
    // What is no entry is padding, or somebody else's.
    if (length < 4 || at + length > area.length || signature === 'ST') return undefined
    yield { signature, data: area.subarray(at + 4, at + length) }
    at += length
  }
  return undefined
}

function continuationOf({ data }: Entry): Continuation {
  if (data.length < 24) throw damaged()
  return { block: data.readUInt32LE(0), offset: data.readUInt32LE(8), length: data.readUInt32LE(16) }
}

function uint32(data: Buffer | undefined): number {
  if (data === undefined || data.length < 4) throw damaged()
  return data.readUInt32LE(0)
}

function nameOf(data: readonly Buffer[]): string | undefined {
  // Flags for `.` and `..` stand in those two records, which nobody asks for their names.
  const parts = data.filter((part) => ((part[0] ?? 0) & 0x06) === 0).map((part) => part.subarray(1))
  const bytes = Buffer.concat(parts)
  if (bytes.length > LONGEST_NAME) throw damaged()
  return bytes.length === 0 ? undefined : decode(bytes)
}

/** Of a link's component: how it goes on, or what it stands for. */
const COMPONENT = { goesOn: 0x01, here: 0x02, above: 0x04, root: 0x08 } as const

function linkOf(data: readonly Buffer[]): string {
  let target = ''
  let isWithin = true // nothing stands before the first component that it would have to be parted from
  for (const { flags, content } of data.flatMap((entry) => [...componentsOf(entry.subarray(1))])) {
    const slash = isWithin || target.endsWith('/') ? '' : '/'
    target += slash + componentText(flags, content)
    isWithin = (flags & COMPONENT.goesOn) !== 0
    if (target.length > LONGEST_LINK) throw damaged()
  }
  return target
}

function* componentsOf(data: Buffer): Generator<{ flags: number; content: Buffer }> {
  let at = 0
  while (at + 2 <= data.length) {
    const end = at + 2 + (data[at + 1] ?? 0)
    if (end > data.length) throw damaged()
    yield { flags: data[at] ?? 0, content: data.subarray(at + 2, end) }
    at = end
  }
}

function componentText(flags: number, content: Buffer): string {
  if (flags & COMPONENT.root) return '/'
  if (flags & COMPONENT.above) return '..'
  if (flags & COMPONENT.here) return '.'
  return decode(content)
}

function oddityOf(data: (signature: string) => readonly Buffer[]): string | undefined {
  if (data('ZF').length > 0) return 'compressed within the ISO (zisofs)'
  if (data('SF').length > 0) return 'stored with holes'
  const mode = data('PX')[0]
  return mode === undefined ? undefined : ODD_MODES[uint32(mode) & 0xf000]
}

function damaged(): ProvisionError {
  return new ProvisionError('invalid', 'it is a damaged ISO: its Rock Ridge names cannot be read')
}
