import { createHash } from 'node:crypto'

const SIZE = 64
const ROUNDS = 5000
const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * SHA-512 crypt of a password, `$6$SALT$HASH`, as crypt(3) makes it with its own 5000 rounds: other numbers would stand in the hash,
 * and ESXi's installer takes none that has `rounds=`. After Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512", version 0.6.
 * @param salt up to 16 letters of crypt's alphabet; see {@link saltOf}
 */
export function sha512Crypt(password: string, salt: string): string {
  const key = Buffer.from(password, 'utf8')
  const grain = Buffer.from(salt, 'latin1')
  const mixed = sha512(key, grain, key)
  const bits = [...key.length.toString(2)].reverse()
  let digest = sha512(key, grain, repeated(mixed, key.length), ...bits.map((bit) => (bit === '1' ? mixed : key)))
  const p = repeated(sha512(...Array<Buffer>(key.length).fill(key)), key.length)
  const s = repeated(sha512(...Array<Buffer>(16 + (digest[0] ?? 0)).fill(grain)), grain.length)
  for (let round = 0; round < ROUNDS; round++) {
    const isOdd = round % 2 === 1
    digest = sha512(
      isOdd ? p : digest,
      ...(round % 3 === 0 ? [] : [s]),
      ...(round % 7 === 0 ? [] : [p]),
      isOdd ? digest : p,
    )
  }
  return `$6$${salt}$${encoded(digest)}`
}

/** A salt of 12 random bytes: 16 letters, as many as crypt reads. */
export function saltOf(random: Uint8Array): string {
  let salt = ''
  for (let at = 0; at + 2 < random.length; at += 3) {
    salt += letters([random[at + 2] ?? 0, random[at + 1] ?? 0, random[at] ?? 0], 4)
  }
  return salt.slice(0, 16)
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** A digest over and over, to so many bytes. */
function repeated(digest: Buffer, bytes: number): Buffer {
  return Buffer.alloc(bytes, digest)
}

/** The digest in crypt's alphabet: three bytes that lie 21 apart at a time, in turn from each of the three, and the last alone. */
function encoded(digest: Buffer): string {
  let text = ''
  for (let group = 0; group < SIZE / 3 - 1; group++) {
    const first = group % 3
    const at = [0, 1, 2].map((step) => group + 21 * ((step + first) % 3))
    text += letters(
      at.map((index) => digest[index] ?? 0),
      4,
    )
  }
  return text + letters([0, 0, digest[SIZE - 1] ?? 0], 2)
}

/** The lowest six bits first. @param bytes three, the highest first */
function letters(bytes: readonly number[], many: number): string {
  let bits = bytes.reduce((all, byte) => (all << 8) | byte, 0)
  let text = ''
  for (let index = 0; index < many; index++, bits >>= 6) text += LETTERS[bits & 63] ?? ''
  return text
}
