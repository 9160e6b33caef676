import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'

/** A name as plain ISO 9660 has it, without the version and the dot of a name that has no extension: `BOOT.CFG;1`, `README.;1`. */
export function plainName(bytes: Buffer): string {
  return withoutVersion(decode(bytes))
}

/** A name as Joliet has it: UCS-2, the high byte first. */
export function jolietName(bytes: Buffer): string {
  return withoutVersion(
    Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le'),
  )
}

/** Bytes that are meant to be UTF-8, and are Latin-1 on some older media. */
export function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function withoutVersion(name: string): string {
  return name.replace(/;\d*$/, '').replace(/\.$/, '')
}

const LONGEST_PATH = 1024

/**
 * A directory's path with a name behind it.
 * @throws {ProvisionError} invalid, when that is no name of something in that directory
 */
export function pathBelow(directory: string, name: string): string {
  const refuse = (why: string) => new ProvisionError('invalid', `its member ${quoted(directory + name)} ${why}`)
  if (name === '..' || name === '.' || name.includes('/')) throw refuse('leads out of its folder by its name')
  if (name === '') throw refuse('has no name')
  if (/[\u0000-\u001f\u007f]/.test(name)) throw refuse('has control characters in its name')
  if (directory.length + name.length > LONGEST_PATH) throw refuse('has a name that is too long')
  return directory + name
}
