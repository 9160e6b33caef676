import { ProvisionError } from '../../core/errors.ts'
import type { Medium } from './medium.ts'
import { type DirectoryRecord, readRecord } from './record.ts'
import { type Extent, SECTOR } from './volumes.ts'

/** Directories are read in pieces of so many sectors. */
const SECTORS_AT_ONCE = 32

/** So much may be read of directories and what belongs to them: a hundred thousand files need a tenth of it. */
const MOST_BYTES = 256 * 1024 * 1024

/** Reads directories, and keeps count: an ISO that was made to be read for hours is refused. */
export class DirectoryReader {
  readonly #medium: Medium
  #left = MOST_BYTES

  constructor(medium: Medium) {
    this.#medium = medium
  }

  /** @throws {ProvisionError} invalid, when it is not there or too much was asked for already */
  read(offset: number, length: number): Promise<Buffer> {
    // A read costs time, however short it is.
    this.#left -= Math.max(length, SECTOR)
    if (this.#left < 0) throw new ProvisionError('invalid', 'it is a damaged ISO: its directories have no end')
    return this.#medium.read(offset, length)
  }

  /**
   * The records of a directory, itself and its parent first.
   * @throws {ProvisionError} invalid, when it holds none
   */
  async *records({ offset, length }: Extent): AsyncGenerator<DirectoryRecord> {
    for (let done = 0; done < length; done += SECTORS_AT_ONCE * SECTOR) {
      const piece = await this.read(offset + done, Math.min(SECTORS_AT_ONCE * SECTOR, length - done))
      for (let at = 0; at < piece.length; at += SECTOR) yield* recordsOf(piece.subarray(at, at + SECTOR))
    }
  }

  /** The length of a directory of which only the place is known. */
  async lengthAt(offset: number): Promise<number> {
    const own = readRecord(await this.read(offset, SECTOR), 0)?.record
    if (own?.isDot !== true) throw new ProvisionError('invalid', 'it is a damaged ISO: one of its directories is none')
    return own.length
  }
}

function* recordsOf(sector: Buffer): Generator<DirectoryRecord> {
  for (let found = readRecord(sector, 0); found !== undefined; found = readRecord(sector, found.next)) {
    yield found.record
  }
}
