import { ProvisionError } from '../../core/errors.ts'
import type { Medium } from './medium.ts'

/** Where bytes lie on an ISO. */
export interface Extent {
  readonly offset: number
  readonly length: number
}

/** One of the trees of names that an ISO has of the same files. */
export interface Volume {
  /** Bytes of a logical block, in which places are told. */
  readonly blockSize: number
  readonly root: Extent
}

/** What an ISO says of itself before its first directory. */
export interface Volumes {
  /** The volume's label: `ESXI-8.0U3E-24677879-STANDARD`. */
  readonly label: string
  readonly primary: Volume
  readonly joliet: Volume | undefined
}

/** Bytes of a sector; volume descriptors have one each, and no directory record lies across two (ECMA-119, 6.1). */
export const SECTOR = 2048
const FIRST_DESCRIPTOR = 16
const MOST_DESCRIPTORS = 64

const TYPE = { primary: 1, supplementary: 2, end: 255 } as const

/** The escape sequences by which a supplementary volume says that it is Joliet: UCS-2 of level 1, 2 or 3. */
const JOLIET = new Set(['%/@', '%/C', '%/E'])

/**
 * Reads the volume descriptors.
 * @throws {ProvisionError} invalid, when it is no ISO 9660, or one that no drive could read
 */
export async function readVolumes(medium: Medium): Promise<Volumes> {
  let primary: Buffer | undefined
  let joliet: Buffer | undefined
  for (let index = 0; index < MOST_DESCRIPTORS; index += 1) {
    const descriptor = await medium.read((FIRST_DESCRIPTOR + index) * SECTOR, SECTOR)
    if (descriptor.toString('latin1', 1, 6) !== 'CD001') break
    if (descriptor[0] === TYPE.end) break
    if (descriptor[0] === TYPE.primary) primary ??= descriptor
    if (descriptor[0] === TYPE.supplementary && isJoliet(descriptor)) joliet ??= descriptor
  }
  if (primary === undefined) throw new ProvisionError('invalid', 'it is no ISO 9660: it has no primary volume')
  return {
    label: printableLabel(primary.toString('latin1', 40, 72)),
    primary: volumeOf(primary),
    joliet: joliet === undefined ? undefined : volumeOf(joliet),
  }
}

function isJoliet(descriptor: Buffer): boolean {
  return JOLIET.has(descriptor.toString('latin1', 88, 91))
}

function volumeOf(descriptor: Buffer): Volume {
  const blockSize = descriptor.readUInt16LE(128)
  if (blockSize !== 512 && blockSize !== 1024 && blockSize !== SECTOR) {
    throw new ProvisionError('invalid', `it is a damaged ISO: it has blocks of ${blockSize} bytes`)
  }
  // The record of the root directory: its place, its length, and the blocks of extended attributes before it.
  const start = descriptor.readUInt32LE(156 + 2) + (descriptor[156 + 1] ?? 0)
  return { blockSize, root: { offset: start * blockSize, length: descriptor.readUInt32LE(156 + 10) } }
}

function printableLabel(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ' ').trim()
}
