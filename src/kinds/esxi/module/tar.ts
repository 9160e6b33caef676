import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { ProvisionError } from '../../../core/errors.ts'

const BLOCK = 512

/** A directory's name ends with its slash, and one byte is for C's NUL. Longer names need records that the kernel does not know. */
const LONGEST_NAME = 99

/** Where a tar header has what is patched here; offset and length in bytes. */
const MAGIC = { at: 257, text: 'ustar  \0' }
const CHECKSUM = { at: 148, length: 8 }
const SIZE = { at: 124, length: 11 }

/** What is packed, by path: the file's whole content. */
export type Packed = ReadonlyMap<string, string | Uint8Array>

/**
 * Packs files as ESXi's kernel mounts them over its root (visorfs): an old GNU tar in one gzip member, each folder with an entry of its
 * own before what is in it. The same files give the same bytes.
 * @throws {ProvisionError} invalid, for a name that such an archive cannot hold
 */
export async function packModule(files: Packed): Promise<Buffer> {
  const archive = pack()
  const entries = new Map([...foldersOf(files.keys()).map((name) => [name, undefined] as const), ...files])
  // By code unit, not by language: the slash sorts a folder before all that is in it.
  for (const name of [...entries.keys()].toSorted(byCode)) {
    checkName(name)
    const content = entries.get(name)
    const common = { name, uid: 0, gid: 0, mtime: new Date(0) }
    if (content === undefined) archive.entry({ ...common, type: 'directory', mode: 0o755 })
    else archive.entry({ ...common, type: 'file', mode: 0o644 }, Buffer.from(content))
  }
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return gzipSync(withGnuHeaders(Buffer.concat(chunks)), { level: 9 })
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Every folder on the way to a file, with its slash. */
function foldersOf(names: Iterable<string>): readonly string[] {
  const folders = new Set<string>()
  for (const name of names) {
    const parts = name.split('/').slice(0, -1)
    parts.forEach((_, index) => {
      folders.add(`${parts.slice(0, index + 1).join('/')}/`)
    })
  }
  return [...folders]
}

function checkName(name: string): void {
  const bare = name.replace(/\/$/, '')
  const isPlain = /^[\x21-\x7e]+$/.test(bare) && bare.split('/').every((part) => !['', '.', '..'].includes(part))
  if (isPlain && name.length <= LONGEST_NAME) return
  throw new ProvisionError('invalid', `${JSON.stringify(name)} is no name for a file of a module of ESXi`)
}

/** POSIX headers as tar-stream writes them become GNU ones, the only ones that the kernel takes. */
function withGnuHeaders(archive: Buffer): Buffer {
  let at = 0
  // The archive ends with blocks of zeros.
  while (at < archive.length && archive[at] !== 0) {
    const header = archive.subarray(at, at + BLOCK)
    header.write(MAGIC.text, MAGIC.at, 'latin1')
    writeChecksum(header)
    const size = Number.parseInt(header.toString('latin1', SIZE.at, SIZE.at + SIZE.length), 8)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return archive
}

/** The sum of all bytes of a header with blanks where the sum itself stands. */
function writeChecksum(header: Buffer): void {
  header.fill(' ', CHECKSUM.at, CHECKSUM.at + CHECKSUM.length)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1')
}
