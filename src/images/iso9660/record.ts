import { ProvisionError } from '../../core/errors.ts'

/** One record of a directory (ECMA-119, 9.1). A file of several pieces has one for each. */
export interface DirectoryRecord {
  /** As it stands there: `BOOT.CFG;1`, UCS-2 in Joliet. */
  readonly name: Buffer
  /** The block at which its content starts. */
  readonly block: number
  readonly length: number
  readonly isDirectory: boolean
  /** A Macintosh resource fork or the like, which has the name of the file that it belongs to. */
  readonly isAssociated: boolean
  /** Whether the next record goes on with the same file. */
  readonly hasMore: boolean
  readonly isInterleaved: boolean
  /** The directory itself, or the one above it. */
  readonly isDot: boolean
  /** What stands behind the name: Rock Ridge, if there is any. */
  readonly systemUse: Buffer
}

const FIXED = 33
const FLAG = { directory: 0x02, associated: 0x04, hasMore: 0x80 } as const

/**
 * Reads the record at a place of a sector.
 * @returns `undefined` when the sector has no more of them
 * @throws {ProvisionError} invalid, when it is no whole record
 */
export function readRecord(sector: Buffer, at: number): { record: DirectoryRecord; next: number } | undefined {
  const length = sector[at] ?? 0
  if (length === 0) return undefined
  const bytes = sector.subarray(at, at + length)
  const nameLength = bytes[32] ?? 0
  if (bytes.length < length || nameLength === 0 || FIXED + nameLength > length) {
    throw new ProvisionError('invalid', 'it is a damaged ISO: one of its directories holds no directory records')
  }
  const name = bytes.subarray(FIXED, FIXED + nameLength)
  const flags = bytes[25] ?? 0
  const record: DirectoryRecord = {
    name,
    block: bytes.readUInt32LE(2) + (bytes[1] ?? 0), // what it is told to skip are extended attributes
    length: bytes.readUInt32LE(10),
    isDirectory: (flags & FLAG.directory) !== 0,
    isAssociated: (flags & FLAG.associated) !== 0,
    hasMore: (flags & FLAG.hasMore) !== 0,
    isInterleaved: bytes[26] !== 0 || bytes[27] !== 0,
    isDot: nameLength === 1 && (name[0] ?? 0) <= 1,
    // A name of even length is followed by a byte that makes the rest start at an even one.
    systemUse: bytes.subarray(FIXED + nameLength + (nameLength % 2 === 0 ? 1 : 0)),
  }
  return { record, next: at + length }
}
