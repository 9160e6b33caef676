import { ProvisionError } from '../../errors.ts'
import { parseCidr, parseIp, prefixOf } from '../ip.ts'
import type { Source } from './converted.ts'

/**
 * An address with its prefix, out of one text or of two.
 * @throws {ProvisionError} invalid
 */
export function addressOf(
  source: Source,
  { address, netmask }: { address: string; netmask: string },
): string | undefined {
  const given = source.text(address)
  const mask = source.text(netmask)
  if (given === undefined || given.includes('/')) return given
  if (mask === undefined) throw new ProvisionError('invalid', `${source.path} needs ${netmask}`)
  return `${given}/${maskLength(mask, source.at(netmask))}`
}

/** @throws {ProvisionError} invalid */
function maskLength(mask: string, path: string): number {
  if (/^\d{1,3}$/.test(mask)) return Number(mask)
  try {
    return prefixOf(mask)
  } catch {
    throw new ProvisionError('invalid', `${path} ${mask} is no netmask`)
  }
}

/** Whether a text names all addresses there are: the destination of a default route. */
export function isEverything(to: string): boolean {
  return to === 'default' || parseCidr(to)?.prefix === 0
}

/** The kind of an address, with or without prefix. @throws {ProvisionError} invalid */
export function versionOf(address: string, path: string): 4 | 6 {
  const version = parseIp(address.replace(/\/.*$/, ''))?.version
  if (version === undefined) throw new ProvisionError('invalid', `${path} ${address} is no address`)
  return version
}
