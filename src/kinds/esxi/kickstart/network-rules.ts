import { isIPv4 } from 'node:net'

/*
 * What the installer checks of a `network` command. Each function says what is wrong with a value in words that go behind its
 * name, or `undefined`.
 */

/** @param text an address of a host */
export function addressFault(text: string): string | undefined {
  return isIPv4(text) ? undefined : 'is no IPv4 address'
}

export function netmaskFault(text: string): string | undefined {
  const known = addressFault(text)
  if (known !== undefined) return known
  const host = ~bits(text) >>> 0
  if ((host & (host + 1)) !== 0 || host === 0xff_ff_ff_ff || host < 3) return 'is no netmask with room for hosts'
  return undefined
}

/** An address as seen from its own network. */
export interface Placed {
  readonly ip: string
  readonly netmask: string
}

/** Whether a host can have this address in its network. */
export function hostAddressFault({ ip, netmask }: Placed): string | undefined {
  const host = bits(ip) & ~bits(netmask)
  if (host === 0) return 'is the address of the network itself'
  return host === ~bits(netmask) ? 'is the broadcast address of its network' : undefined
}

export function gatewayFault(gateway: string, { ip, netmask }: Placed): string | undefined {
  if ((bits(gateway) & bits(netmask)) !== (bits(ip) & bits(netmask))) {
    return `is outside of the network of ${ip}, netmask ${netmask}`
  }
  return gateway === ip ? 'is the host itself' : hostAddressFault({ ip: gateway, netmask })
}

/** What keeps the installer from taking a host name; `digit` is what it only warns of. */
export function hostnameFault(name: string): { readonly text: string; readonly digit: boolean } | undefined {
  const fault = (text: string) => ({ text, digit: false })
  if (name === '' || name.length > 255) return fault('must have 1 to 255 characters')
  const labels = name.split('.')
  if (labels.some((label) => label === '' || label.length > 63))
    return fault('has a part of no or more than 63 characters')
  if (labels.some((label) => !/^[A-Za-z0-9-]+$/.test(label))) {
    return fault('may have letters, digits and dashes only, in parts with dots between')
  }
  if (labels.some((label) => /^-|-$/.test(label))) return fault('has a part that begins or ends with a dash')
  return /^[0-9]/.test(name) ? { text: 'begins with a digit', digit: true } : undefined
}

/** A network card as a kickstart names it: `vmnic0`, or an address with colons. */
export function deviceFault(text: string): string | undefined {
  return /^(?:vmnic\d{1,4}|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5})$/.test(text)
    ? undefined
    : 'is neither vmnicN nor a MAC address with colons'
}

/** VLANs that the installer takes: 0 is none, 4095 all. */
export const VLANS = { least: 0, most: 4095 } as const

/** An address as a number of 32 bits, signed as JavaScript has it. */
function bits(address: string): number {
  return address.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0)
}
