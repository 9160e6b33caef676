import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { fileError } from './file-errors.ts'

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd'

/** What an image is made of, told by its first bytes, never by its name. */
export type SourceFormat =
  | { readonly kind: 'directory' }
  | { readonly kind: 'iso' }
  | { readonly kind: 'tar'; readonly compression: Compression }

const MAGIC: readonly (readonly [string, Compression])[] = [
  ['1f8b', 'gzip'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
]

/** Formats that people try, and what to do about them. */
const FOREIGN: readonly (readonly [string, string])[] = [
  ['504b0304', 'a zip archive; unpack it and import the directory'],
  ['425a68', 'compressed by bzip2; unpack it, or compress it by xz or gzip'],
  ['377abcaf271c', 'a 7z archive; unpack it and import the directory'],
  ['514649fb', 'a qcow2 disk; no kind of image takes one by itself'],
]

/** Where ISO 9660 has its first volume descriptor. */
const ISO_DESCRIPTOR = 32768

/**
 * Looks what a source is.
 * @throws {ProvisionError} not-found; unavailable; invalid, when it is nothing that can be imported
 */
export async function readSourceFormat(path: string): Promise<SourceFormat> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return { kind: 'directory' }
    if (!stats.isFile()) throw new ProvisionError('invalid', `${quoted(path)} is neither a file nor a directory`)
    return formatOf(await firstBytes(path), stats.size)
  } catch (error) {
    throw fileError(error, quoted(path))
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  await using handle = await open(path)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(ISO_DESCRIPTOR + 2048), 0, ISO_DESCRIPTOR + 2048, 0)
  return buffer.subarray(0, bytesRead)
}

function formatOf(head: Buffer, size: number): SourceFormat {
  if (head.length === 0) throw new ProvisionError('invalid', 'it is empty')
  const starts = (magic: string) => head.subarray(0, magic.length / 2).toString('hex') === magic
  const compression = MAGIC.find(([magic]) => starts(magic))?.[1]
  if (compression !== undefined) return { kind: 'tar', compression }
  const foreign = FOREIGN.find(([magic]) => starts(magic))?.[1]
  if (foreign !== undefined) throw new ProvisionError('invalid', `it is ${foreign}`)
  if (isIso(head)) {
    checkIsoSize(head.subarray(ISO_DESCRIPTOR), size)
    return { kind: 'iso' }
  }
  if (isTarHeader(head.subarray(0, 512))) return { kind: 'tar', compression: 'none' }
  throw new ProvisionError('invalid', 'it is neither a tar archive (plain, .gz, .xz, .zst) nor an ISO')
}

function isIso(head: Buffer): boolean {
  return head.toString('latin1', ISO_DESCRIPTOR + 1, ISO_DESCRIPTOR + 6) === 'CD001'
}

/** An ISO says itself how large it is; a part of one starts like the whole. */
function checkIsoSize(descriptor: Buffer, size: number): void {
  if (descriptor.length < 132) throw new ProvisionError('invalid', 'it is an ISO that is cut off')
  const bytes = descriptor.readUInt32LE(80) * descriptor.readUInt16LE(128)
  if (bytes <= size) return
  throw new ProvisionError('invalid', `it is an ISO that is cut off: it has ${size} bytes of ${bytes}`)
}

/** A header's checksum counts its own field as blanks; this also finds archives from before `ustar`. */
function isTarHeader(block: Buffer): boolean {
  if (block.length < 512) return false
  if (block.every((byte) => byte === 0)) return true // an archive without members
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  const field = block
    .toString('latin1', 148, 156)
    .replace(/[\0 ]+$/, '')
    .trim()
  return /^[0-7]+$/.test(field) && Number.parseInt(field, 8) === sum
}

/** A file that is read once: its chunks, and when they are all read, what they add up to. */
export interface SourceRead {
  readonly chunks: AsyncIterable<Buffer>
  /** `undefined` until the last byte was read. */
  sha256(): string | undefined
}

/** Reads a file from its start to its end, telling how far it is. */
export function readSource(path: string, onBytes: (done: number, total: number) => void): SourceRead {
  const hash = createHash('sha256')
  let digest: string | undefined
  async function* read(): AsyncGenerator<Buffer> {
    let done = 0
    const { size } = await stat(path)
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      hash.update(chunk)
      done += chunk.length
      onBytes(done, size)
      yield chunk
    }
    digest = hash.digest('hex')
  }
  return { chunks: read(), sha256: () => digest }
}
