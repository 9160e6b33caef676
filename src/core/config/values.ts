import { ProvisionError } from '../errors.ts'
import { parseMac } from '../identity.ts'
import { line, lineLike, type ReadValue, refuse } from '../setting-rules.ts'
import { isNetwork, parseCidr, parseIp } from './ip.ts'

/** A host's name, alone or with its domain (RFC 1123, §2.1). */
export const hostname: ReadValue<string> = lineLike(
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i,
  'a host name, of letters, digits and dashes in parts with dots between',
)

/** What a service can be reached by: an address or a name. */
export const server: ReadValue<string> = (value) => {
  const text = line(value)
  return parseIp(text) === undefined ? hostname(text) : text
}

export const address: ReadValue<string> = (value) => {
  const text = line(value)
  return parseIp(text) === undefined ? refuse(value, 'must be an IPv4 or IPv6 address') : text
}

/** The address of a host with its prefix. */
export const addressWithPrefix: ReadValue<string> = (value) => {
  const text = line(value)
  const cidr = parseCidr(text)
  if (cidr === undefined || cidr.prefix === 0) return refuse(value, 'must be an address with its prefix, 192.0.2.10/24')
  const width = cidr.version === 4 ? 32 : 128
  const isBroadcast = cidr.version === 4 && (cidr.bits + 1n) % (1n << BigInt(width - cidr.prefix)) === 0n
  // The two addresses of a network of two are both for hosts (RFC 3021; RFC 6164).
  if (cidr.prefix < width - 1 && (isNetwork(cidr) || isBroadcast)) {
    return refuse(value, 'must be the address of a host, not that of the network itself or of all in it')
  }
  return text
}

/** Where a route leads. */
export const network: ReadValue<string> = (value) => {
  const text = line(value)
  const cidr = parseCidr(text)
  if (cidr === undefined) return refuse(value, 'must be a network with its prefix, 10.0.0.0/8')
  if (cidr.prefix === 0) return refuse(value, 'must not lead everywhere: that is what gateway is for')
  return isNetwork(cidr) ? text : refuse(value, `must have nothing behind its prefix of ${cidr.prefix}`)
}

export const mac: ReadValue<ReturnType<typeof parseMac>> = (value) => {
  const parsed = parseMac(line(value))
  const isMulticast = (Number.parseInt(parsed.slice(0, 2), 16) & 1) === 1
  return isMulticast ? refuse(value, 'must be the address of one card, not of a group') : parsed
}

/** The name of a link or a card, as Linux allows them, with the colons and dots of aliases and VLANs. */
export const linkName: ReadValue<string> = lineLike(
  /^[A-Za-z0-9][\w.:@-]{0,63}$/,
  'a name of letters, digits and .:@_-, 64 at most',
)

/** A name on ESXi, of a switch or a group of ports. */
export const esxiName: ReadValue<string> = lineLike(
  /^(?! )[\x20-\x7e]{1,80}(?<! )$/,
  'a name of up to 80 characters, without blanks around it',
)

/** SHA-512 crypt, which every system takes. What was given is never repeated. */
export const passwordHash: ReadValue<string> = (value) => {
  if (typeof value === 'string' && /^\$6\$(?:rounds=\d{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/.test(value))
    return value
  throw new ProvisionError('invalid', 'is no SHA-512 crypt hash, $6$SALT$...')
}

/** A line of `authorized_keys`. */
export const sshKey: ReadValue<string> = lineLike(
  /^(?:[a-z][\w,="@ .*:/-]* )?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-[\w@.-]+) [A-Za-z0-9+/]{16,}={0,3}(?: .*)?$/,
  'a public key, ssh-ed25519 AAAA... comment',
)

/** Any text, of several lines too. */
export const text: ReadValue<string> = (value) => {
  if (typeof value !== 'string') return refuse(value, 'must be a text')
  return value.includes('\0') ? refuse(value, 'must be a text without zeros in it') : value
}

export function pem(what: string): ReadValue<string> {
  const frame = new RegExp(`^-----BEGIN (?:[A-Z]+ )*${what}-----\\n[\\s\\S]+\\n-----END (?:[A-Z]+ )*${what}-----\\n?$`)
  return (value) => {
    const given = text(value).replaceAll('\r\n', '\n')
    if (frame.test(given)) return given
    throw new ProvisionError('invalid', `is no PEM, -----BEGIN ${what}-----`)
  }
}
