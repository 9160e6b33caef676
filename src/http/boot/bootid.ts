import { hash, randomFillSync } from 'node:crypto'

const RANDOM_BYTES = 16
const BOOTID = /^[0-9a-f]{32}$/
/** Random bytes are fetched in larger pieces: asking the system for each bootid would cost more than finding its host. */
const pool = Buffer.alloc(256 * RANDOM_BYTES)
let used = pool.length

/** A new bootid: 128 random bits in hex, the only key to one boot's files and callbacks. */
export function newBootid(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += RANDOM_BYTES
  return pool.toString('hex', used - RANDOM_BYTES, used)
}

/** What is stored of a new bootid. */
export function hashOf(bootid: string): string {
  return hash('sha256', bootid, 'base64url')
}

/**
 * The hash of what claims to be a bootid. A boot is found by this hash in an index: whoever measures how long that takes learns of
 * hashes, from which no bootid can be made, so the look-up needs no comparison in constant time of its own.
 * @returns `undefined` for a text that cannot be a bootid
 */
export function hashBootid(bootid: string | undefined): string | undefined {
  if (bootid === undefined || !BOOTID.test(bootid)) return undefined
  return hashOf(bootid)
}

/** A part of one, too, as a text that was cut short may have it: who knows half of a key has no key. */
const LOOKS_LIKE_ONE = /[0-9a-f]{16,}/gi

/** A text without anything that could be a bootid: for the log, where nobody looks for the names of disks. */
export function hideBootids(text: string): string {
  return text.replace(LOOKS_LIKE_ONE, '...')
}

/** A text that came from a machine, for people: the URL of something of its boot holds the key to that boot. */
export function hideBootid(text: string, bootid: string | undefined): string {
  if (bootid === undefined || !BOOTID.test(bootid)) return text
  return text.replace(new RegExp(`${bootid.slice(0, 16)}[0-9a-f]*`, 'gi'), '...')
}
