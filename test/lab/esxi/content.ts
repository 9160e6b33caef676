import { createCipheriv, createHash } from 'node:crypto'
import { crc32, gzipSync } from 'node:zlib'

/** Bytes that no compression makes smaller, always the same for one seed: each file of a fixture has its own. */
export function noise(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

/** A number from 0 to 1 that belongs to a seed. */
export function fraction(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32LE(0) / 2 ** 32
}

/** One gzip member, as media have it. Noise does not get smaller, so nothing is tried. */
export function packed(data: Uint8Array): Buffer {
  return gzipSync(data, { level: data.length > 256 * 1024 ? 0 : 1 })
}

/** A gzip member of nothing that has a name, so that no two are the same. */
export function packedNothing(name: string): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3])
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(''), 0)
  return Buffer.concat([header, Buffer.from(`${name}\0`), Buffer.from([0x03, 0x00]), trailer])
}

/** A 64-bit executable to whoever looks at its first bytes only. */
export function elf(seed: string, length: number): Buffer {
  const blob = noise(seed, length)
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]).copy(blob)
  return blob
}

/** Begins with the given bytes and goes on with noise. */
export function beginning(bytes: readonly number[], seed: string, length: number): Buffer {
  const blob = noise(seed, length)
  Buffer.from(bytes).copy(blob)
  return blob
}
