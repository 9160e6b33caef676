import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { formatIpv4, parseIpv4 } from './ipv4.ts'

/** Our end of a network: the interface's IPv4 address there. */
export interface Network {
  readonly interface: string
  readonly address: string
  readonly netmask: string
}

/** The addresses that DHCP gives out, both ends among them. */
export interface AddressRange {
  readonly first: string
  readonly last: string
}

/** More than one broadcast domain carries; dnsmasq keeps them all in memory. */
const MOST_ADDRESSES = 4096
/** Where networks are large enough, their lowest addresses are left to routers, servers and what people set by hand. */
const LEFT_FREE = 98

/**
 * Finds our address on an interface.
 * @throws {ProvisionError} not-found, when there is no such interface or it has no IPv4 address; invalid, for a loopback
 */
export function findNetwork(name: string): Network {
  checkName(name)
  const address = networkInterfaces()[name]?.find((entry) => entry.family === 'IPv4')
  if (address?.internal === true) {
    throw new ProvisionError('invalid', `interface ${name} is this machine's own; no other machine reaches it`)
  }
  if (address !== undefined) return { interface: name, address: address.address, netmask: address.netmask }
  if (existsSync(`/sys/class/net/${name}`)) {
    throw new ProvisionError('not-found', `interface ${name} has no IPv4 address, or is down`)
  }
  const others = Object.keys(networkInterfaces()).filter((other) => other !== 'lo')
  throw new ProvisionError('not-found', `there is no interface ${name}, only ${others.join(', ') || 'lo'}`)
}

/** The range to give out when nobody named one: the larger side of our own address. */
export function defaultRange(network: Network): AddressRange {
  const own = parseIpv4(network.address)
  const { lowest, highest } = hostsOf(network)
  const side = highest - own >= own - lowest ? { from: own + 1, to: highest } : { from: lowest, to: own - 1 }
  if (side.to < side.from) {
    throw new ProvisionError('invalid', `the network of ${network.interface} has no address to give out; name a range`)
  }
  const from = side.to - side.from > 2 * LEFT_FREE ? side.from + LEFT_FREE : side.from
  return { first: formatIpv4(from), last: formatIpv4(Math.min(side.to, from + MOST_ADDRESSES - 1)) }
}

/**
 * Reads `--range A,B` and checks that it fits the network.
 * @throws {ProvisionError} invalid
 */
export function parseRange(text: string, network: Network): AddressRange {
  const [first = '', last = '', ...more] = text.split(',').map((part) => part.trim())
  if (more.length > 0 || last === '') {
    throw new ProvisionError('invalid', `${quoted(text)} is not a range; write FIRST,LAST: 10.0.0.100,10.0.0.200`)
  }
  const [from, to] = [parseIpv4(first), parseIpv4(last)]
  const { lowest, highest } = hostsOf(network)
  const refuse = (why: string) => new ProvisionError('invalid', `range ${quoted(text)} ${why}`)
  if (from > to) throw refuse('ends before it begins')
  if (from < lowest || to > highest) {
    const net = `${formatIpv4(lowest)} to ${formatIpv4(highest)}`
    throw refuse(`is not within the network of ${network.interface} (${net})`)
  }
  const own = parseIpv4(network.address)
  if (own >= from && own <= to) throw refuse(`holds this server's own address ${network.address}`)
  return { first: formatIpv4(from), last: formatIpv4(to) }
}

/** The network's own address: what dnsmasq wants to hear of it in proxy mode. */
export function networkAddress(network: Network): string {
  return formatIpv4(hostsOf(network).lowest - 1)
}

function hostsOf(network: Network): { readonly lowest: number; readonly highest: number } {
  const size = 2 ** 32 - parseIpv4(network.netmask)
  const base = Math.floor(parseIpv4(network.address) / size) * size
  return { lowest: base + 1, highest: base + size - 2 }
}

/** An interface's name goes into dnsmasq's configuration as it is. */
function checkName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/.test(name)) {
    throw new ProvisionError('invalid', `${quoted(name)} is not the name of an interface`)
  }
}
