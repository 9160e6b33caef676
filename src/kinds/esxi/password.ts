import { encrypt } from 'unixcrypt'
import { ProvisionError } from '../../core/errors.ts'

/** What the installer takes as a clear password; longer ones would lock people out of a console that takes no more. */
const SHORTEST = 7
const LONGEST = 40

/**
 * Whether a text is a password hash as the product stores and sends it: SHA-512 crypt, `$6$SALT$HASH`. The installer knows MD5
 * and DES hashes too, which are too weak to keep, and refuses `$6$rounds=…`, `$5$`, `$2b$` and `$y$`.
 */
export function isRootHash(text: string): boolean {
  return /^\$6\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/.test(text)
}

/**
 * Looks at a clear root password by the installer's rules for clear ones, although a hash of any password would pass.
 * @returns advice, a sentence each; empty for a password that ESXi itself would take
 * @throws {ProvisionError} invalid, for one that must not be: too short, too long, or with characters that a console cannot type
 */
export function checkRootPassword(clear: string): readonly string[] {
  if (clear === '') throw new ProvisionError('invalid', 'the root password is empty')
  if (/[\r\n]/.test(clear)) throw new ProvisionError('invalid', 'the root password has more than one line')
  if (!/^[\x20-\x7e]*$/.test(clear)) {
    throw new ProvisionError('invalid', 'the root password has other characters than printable ASCII')
  }
  if (clear.length < SHORTEST || clear.length > LONGEST) {
    throw new ProvisionError(
      'invalid',
      `the root password has ${clear.length} characters; ESXi wants ${SHORTEST} to ${LONGEST}`,
    )
  }
  if (passwordClasses(clear) >= 3) return []
  return ['it has fewer than three of lower case, upper case, digits and others: ESXi would not take it from a person']
}

/**
 * Makes the hash of a root password that is kept and sent in its place.
 * @param random 12 bytes from a source fit for keys
 * @throws {ProvisionError} invalid, as {@link checkRootPassword}
 */
export function hashRootPassword(clear: string, random: Uint8Array): string {
  checkRootPassword(clear)
  // 16 letters, as many as crypt reads. No number of rounds: with one in it, ESXi's installer takes no hash.
  const salt = Buffer.from(random).toString('base64').replaceAll('+', '.')
  return encrypt(clear, `$6$${salt}`)
}

/** How many kinds of characters count: a capital at the start and a digit at the end do not (passwdqc, as ESXi sets it). */
export function passwordClasses(clear: string): number {
  const counted = clear.replace(/^[A-Z]/, '').replace(/[0-9]$/, '')
  return [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(counted)).length
}
