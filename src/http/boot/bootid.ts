import { createHash, randomBytes } from 'node:crypto'

/** A new bootid: 128 random bits in hex, the only key to one boot's files and callbacks. */
export function newBootid(): string {
  return randomBytes(16).toString('hex')
}

/** What is stored of a new bootid. */
export function hashOf(bootid: string): string {
  return createHash('sha256').update(bootid).digest('hex')
}

/**
 * The hash of what claims to be a bootid. A boot is found by this hash in an index: whoever measures how long that takes learns of hashes,
 * from which no bootid can be made, so the look-up needs no comparison in constant time of its own.
 * @returns `undefined` for a text that cannot be a bootid
 */
export function hashBootid(bootid: string | undefined): string | undefined {
  if (bootid === undefined || !/^[0-9a-f]{32}$/.test(bootid)) return undefined
  return hashOf(bootid)
}
