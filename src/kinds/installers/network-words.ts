import type { Address, Management } from '../../core/config/to/management.ts'

/** How an installer is told the network, and what it cannot be told. */
export interface Told<T> {
  readonly told: T
  readonly left: readonly string[]
}

/** The arguments of kickstart's `network`, of RHEL 8 and later. */
export function kickstartNetwork(management: Management | undefined, fqdn: string): Told<readonly string[]> {
  const name = `--hostname=${fqdn}`
  if (management === undefined) return { told: ['--bootproto=dhcp', '--device=link', '--activate', name], left: [] }
  const { link, v4, v6, nameservers, search } = management
  const device = kickstartDevice(management)
  const words = [
    ...device.told,
    ...(v4 === undefined ? ['--noipv4'] : fourWords(v4)),
    ...sixWords(v6),
    ...(nameservers.length === 0 ? [] : [`--nameserver=${nameservers.join(',')}`]),
    ...(link.mtu === undefined ? [] : [`--mtu=${link.mtu}`]),
  ]
  return {
    told: [...words, '--onboot=yes', '--activate', name],
    left: [...device.left, ...mtuBelow(management), ...ownAddresses(management), ...searching(search)],
  }
}

/** Bonds and VLANs have the address of their first card there. */
export function ownAddresses(management: Management | undefined): readonly string[] {
  const made = [management?.bond, management?.link.type === 'vlan' ? management.link : undefined]
  return made.flatMap((link) => (link?.mac === undefined ? [] : [`the address ${link.mac} of ${link.name}`]))
}

function searching(search: readonly string[]): readonly string[] {
  return search.length === 0 ? [] : ['the search domains']
}

/** One line makes a VLAN with what is below it, and has one MTU for both. */
function mtuBelow({ cards, bond, vlan }: Management): readonly string[] {
  const base = bond ?? cards[0]
  return vlan === undefined || base?.mtu === undefined ? [] : [`the MTU of ${base.name}`]
}

function fourWords(v4: Address): readonly string[] {
  if (v4.method !== 'static') return ['--bootproto=dhcp']
  const gateway = v4.gateway === undefined ? [] : [`--gateway=${v4.gateway}`]
  return ['--bootproto=static', `--ip=${v4.address}`, `--netmask=${v4.netmask}`, ...gateway]
}

function sixWords(v6: Address | undefined): readonly string[] {
  if (v6 === undefined) return []
  if (v6.method !== 'static') return [`--ipv6=${v6.method}`]
  const gateway = v6.gateway === undefined ? [] : [`--ipv6gateway=${v6.gateway}`]
  return [`--ipv6=${v6.address}/${v6.prefix}`, ...gateway]
}

function kickstartDevice({ link, cards, bond, vlan }: Management): Told<readonly string[]> {
  const tag = vlan === undefined ? [] : [`--vlanid=${vlan}`, `--interfacename=${link.name}`]
  const [first] = cards
  const card = first?.device ?? first?.mac ?? 'link'
  if (bond === undefined) return { told: [`--device=${card}`, ...tag], left: [] }
  const names = cards.flatMap(({ device }) => device ?? [])
  // It takes cards of a bond by their names alone, and these nobody knows before.
  if (names.length < cards.length) {
    return { told: [`--device=${card}`, ...tag], left: [`the bond ${bond.name}, whose cards need a device each`] }
  }
  const primary = bond.mode === 'active-backup' ? [`primary=${names[0]}`] : []
  const options = [`mode=${bond.mode}`, 'miimon=100', ...primary].join(',')
  return {
    told: [`--device=${bond.name}`, `--bondslaves=${names.join(',')}`, `--bondopts=${options}`, ...tag],
    left: [],
  }
}

/** What Debian's netcfg can be told: one card, IPv4. */
export interface PreseedNetwork {
  readonly device: string | undefined
  readonly mac: string | undefined
  /** Without it, DHCP. */
  readonly v4: Extract<Address, { method: 'static' }> | undefined
  readonly nameservers: readonly string[]
}

/** Of the management's network, what a preseed file can say. */
export function preseedNetwork(management: Management | undefined): Told<PreseedNetwork> {
  const none = { device: undefined, mac: undefined, v4: undefined, nameservers: [] }
  if (management === undefined) return { told: none, left: [] }
  const { link, cards, bond, vlan, v4, v6, nameservers, search } = management
  if (bond !== undefined || vlan !== undefined) {
    return { told: none, left: [`the ${link.type} ${link.name} and its network: DHCP on a card that has a link`] }
  }
  const [card] = cards
  const isStatic = v4?.method === 'static'
  return {
    told: { device: card?.device, mac: card?.mac, v4: isStatic ? v4 : undefined, nameservers },
    left: [
      ...(v6 === undefined ? [] : [`IPv6 on ${link.name}`]),
      ...(link.mtu === undefined ? [] : [`the MTU of ${link.name}`]),
      ...searching(search),
    ],
  }
}

/** A card that AutoYaST names, by its address when the system's name of it is not known. */
export interface NamedCard {
  readonly name: string
  readonly mac: string | undefined
}

/** The cards below the management's network with the names that they will have. */
export function namedCards(management: Management | undefined): readonly NamedCard[] {
  const cards = management?.cards ?? []
  return cards.map(({ device, mac }, at) => ({
    name: device ?? `eth${at}`,
    mac: device === undefined ? mac : undefined,
  }))
}

/** AutoYaST's own form of an interface has one address; with DHCP for one kind, the other comes by itself or not at all. */
export function secondOfBoth(management: Management | undefined): readonly string[] {
  if (management?.v4 === undefined || management.v6 === undefined) return []
  const { link, v4, v6 } = management
  if (v4.method === 'static') return [`IPv6 on ${link.name}`]
  return v6.method === 'static' ? [`DHCP for IPv4 on ${link.name}`] : []
}
