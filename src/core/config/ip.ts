import { ProvisionError } from '../errors.ts'

/** An address of either kind, as a number. */
export interface Ip {
  readonly version: 4 | 6
  readonly bits: bigint
}

/** An address with the length of its network's prefix. */
export interface Cidr extends Ip {
  readonly prefix: number
}

/**
 * Reads an address, `192.0.2.1` or `2001:db8::1` (RFC 4291, §2.2).
 * @returns `undefined` when it is none
 */
export function parseIp(text: string): Ip | undefined {
  const bits = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return bits === undefined ? undefined : { version: text.includes(':') ? 6 : 4, bits }
}

/** Reads an address with its prefix, `192.0.2.1/24`. @returns `undefined` when it is none */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const ip = parseIp(address)
  const prefix = Number(length)
  return ip === undefined || prefix > widthOf(ip) ? undefined : { ...ip, prefix }
}

function widthOf({ version }: Ip): number {
  return version === 4 ? 32 : 128
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  // A leading zero would be octal for some that read it, and not for others.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = withoutDots(text)?.split('::') ?? ['x']
  if (more.length > 0) return undefined
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const all = [...before, ...Array<string>(Math.max(missing, 0)).fill('0'), ...after]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

/** `::ffff:192.0.2.1` with its last two groups as groups. */
function withoutDots(text: string): string | undefined {
  const [, start, dotted] = /^(.*:)([^:]*\..*)$/.exec(text) ?? []
  if (start === undefined || dotted === undefined) return text
  const bits = parseIpv4(dotted)
  return bits === undefined ? undefined : `${start}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`
}

/** Whether an address is in the network of another one. */
export function isIn(ip: Ip, { version, bits, prefix }: Cidr): boolean {
  const host = BigInt(widthOf(ip) - prefix)
  return ip.version === version && ip.bits >> host === bits >> host
}

/** Whether nothing is left of an address behind its prefix: it names a network. */
export function isNetwork({ bits, prefix, ...ip }: Cidr): boolean {
  const host = BigInt(widthOf({ ...ip, bits }) - prefix)
  return (bits >> host) << host === bits
}

/**
 * Reads a netmask, `255.255.255.0`.
 * @returns the length of the prefix
 * @throws {ProvisionError} invalid
 */
export function prefixOf(netmask: string): number {
  const ip = parseIp(netmask)
  const ones = (ip?.bits ?? 0n).toString(2)
  const zeros = /0*$/.exec(ones)?.[0].length ?? 0
  const width = ip === undefined ? 0 : widthOf(ip)
  const isMask =
    ip !== undefined && (ip.bits === 0n || (ones.length === width && !ones.slice(0, width - zeros).includes('0')))
  if (!isMask) throw new ProvisionError('invalid', 'is no netmask')
  return ip.bits === 0n ? 0 : width - zeros
}
