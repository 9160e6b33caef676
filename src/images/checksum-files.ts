import { posix } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import type { Compression } from './source.ts'

/** One sum that a checksum file gives, and the file that it is of. */
export interface ExpectedSum {
  readonly algorithm: 'md5' | 'sha256'
  readonly sum: string
  readonly file: string
  /** The sum is of what comes out of the file, not of the file: so KIWI has it. */
  readonly compression: Compression
  /** Bytes that the sum is of, where the checksum file says so. */
  readonly size?: number
  /** The checksum file. */
  readonly from: string
}

/** A checksum file as it was read. */
export interface ChecksumFile {
  readonly name: string
  readonly text: string
}

const DIGITS = { md5: 32, sha256: 64 } as const
const ENDINGS: readonly (readonly [string, Compression])[] = [
  ['', 'none'],
  ['.raw', 'none'],
  ['.xz', 'xz'],
  ['.raw.xz', 'xz'],
  ['.gz', 'gzip'],
  ['.zst', 'zstd'],
]

/** Whether a file is one that {@link readChecksums} reads. */
export function isChecksumFile(name: string): boolean {
  return /\.(?:md5|sha256)$/.test(name)
}

/**
 * Reads a checksum file in the forms that are about:
 *
 *     <sum> <blocks> <block size>              KIWI: of the disk NAME, which is there as NAME.xz
 *     <sum> <blocks> <block size> <b> <size>   KIWI, with those of the compressed file as well
 *     <sum>  <file>                            md5sum; `*` before the file for binary
 *     MD5 (<file>) = <sum>                     BSD
 *     <sum>                                    of the file whose name the checksum file has
 *
 * @param files those of the image
 * @throws {ProvisionError} invalid, when it has none of these forms or its file is not there: nothing was verified then
 */
export function readChecksums(checksums: ChecksumFile, files: readonly string[]): readonly ExpectedSum[] {
  const lines = checksums.text.split('\n').map((line) => line.trimEnd())
  const sums = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (sums.length === 0) throw refusal(checksums, 'is empty')
  return sums.map((line) => readLine(checksums, line, files))
}

function readLine(checksums: ChecksumFile, line: string, files: readonly string[]): ExpectedSum {
  const algorithm = checksums.name.endsWith('.md5') ? 'md5' : 'sha256'
  const sum = `[0-9a-fA-F]{${DIGITS[algorithm]}}`
  const kiwi = new RegExp(`^(${sum})(?: +(\\d+) +(\\d+)(?: +\\d+ +\\d+)?)?$`).exec(line)
  if (kiwi?.[1] !== undefined) {
    const size = kiwi[2] === undefined ? {} : { size: Number(kiwi[2]) * Number(kiwi[3]) }
    return { algorithm, sum: kiwi[1].toLowerCase(), from: checksums.name, ...size, ...sibling(checksums, files) }
  }
  const gnu = new RegExp(`^(?<sum>${sum}) [ *](?<file>.+)$`).exec(line)
  const bsd = new RegExp(`^(?:MD5|SHA256) \\((?<file>.+)\\) = (?<sum>${sum})$`).exec(line)
  const { sum: found, file } = gnu?.groups ?? bsd?.groups ?? {}
  if (found === undefined || file === undefined) throw refusal(checksums, 'is in no form that is known')
  const target = posix.join(posix.dirname(checksums.name), file)
  if (!files.includes(target)) throw refusal(checksums, `speaks of ${JSON.stringify(file)}, which is not there`)
  return { algorithm, sum: found.toLowerCase(), file: target, compression: 'none', from: checksums.name }
}

/** The file that a checksum file belongs to by its name. */
function sibling(checksums: ChecksumFile, files: readonly string[]): Pick<ExpectedSum, 'file' | 'compression'> {
  const stem = checksums.name.replace(/\.(?:md5|sha256)$/, '')
  for (const [ending, compression] of ENDINGS) {
    if (files.includes(stem + ending)) return { file: stem + ending, compression }
  }
  throw refusal(checksums, `has no file ${stem} or ${stem}.xz beside it`)
}

function refusal({ name }: ChecksumFile, why: string): ProvisionError {
  return new ProvisionError('invalid', `${name} ${why}; what it should vouch for was not verified`)
}
