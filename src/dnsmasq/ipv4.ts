import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'

/**
 * Reads an IPv4 address as a number.
 * @throws {ProvisionError} invalid
 */
export function parseIpv4(text: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text.trim())?.slice(1).map(Number)
  if (parts === undefined || parts.some((part) => part > 255)) {
    throw new ProvisionError('invalid', `${quoted(text)} is not an IPv4 address`)
  }
  return parts.reduce((address, part) => address * 256 + part, 0)
}

/** Prints what {@link parseIpv4} reads. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
