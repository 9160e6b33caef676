import { ProvisionError } from '../../errors.ts'
import type { Json, JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import { addressOf, isEverything, versionOf } from './addresses.ts'
import { type Converted, Source } from './converted.ts'

/** How an interface of network config v1 gets an address; `manual` is without one. */
const DYNAMIC: { readonly [type: string]: string } = {
  dhcp: 'dhcp',
  dhcp4: 'dhcp',
  dhcp6: 'dhcp6',
  'ipv6_dhcpv6-stateful': 'dhcp6',
  'ipv6_dhcpv6-stateless': 'slaac',
  ipv6_slaac: 'slaac',
}
const STATIC = new Set(['static', 'static4', 'static6'])

/** Parameters of bonds that say how quickly a dead card is noticed and the like: the system's own matter. */
const BOND_DETAILS = [
  ...['bond-miimon', 'bond-downdelay', 'bond-updelay', 'bond-lacp-rate', 'bond-xmit-hash-policy', 'bond-ad-select'],
  ...['bond-num-grat-arp', 'bond-gratuitous-arp', 'bond-min-links'],
]

/** What is read so far: servers and routes stand in items of their own. */
interface Found {
  readonly links: JsonObject[]
  readonly networks: JsonObject[]
  readonly servers: string[]
  readonly search: string[]
  readonly routes: Source[]
  readonly warnings: string[]
}

/**
 * Reads version 1 of cloud-init's and curtin's network configuration, which MAAS gives to machines.
 * @param document with `version` and `config`, or with these below `network`
 * @throws {ProvisionError} invalid, with the path of what is wrong
 */
export function fromNetworkV1(document: Json): Converted {
  const found: Found = { links: [], networks: [], servers: [], search: [], routes: [], warnings: [] }
  const outer = new Source(document, 'network-config')
  const network = outer.object('network') ?? outer
  network.ignore('version')
  for (const item of network.objects('config')) {
    readItem(item, found)
    found.warnings.push(...item.leftOver)
  }
  found.warnings.push(...network.leftOver)
  for (const route of found.routes) placeRoute(route, found)
  const { links, networks, servers, search, warnings } = found
  return { config: filled({ links, networks, dns: filled({ servers, search }) }), warnings }
}

function readItem(item: Source, found: Found): void {
  const type = item.need('type')
  const read = ITEMS[type]
  if (read === undefined) {
    throw new ProvisionError('invalid', `${item.at('type')} ${type} is none of ${Object.keys(ITEMS).join(', ')}`)
  }
  read(item, found)
}

const ITEMS: { readonly [type: string]: (item: Source, found: Found) => void } = {
  physical: (item, found) => {
    addLink(item, found, { type: 'nic', mac: item.text('mac_address'), device: deviceOf(item) })
  },
  bond: (item, found) => {
    addLink(item, found, { type: 'bond', mac: item.text('mac_address'), ...bondOf(item) })
  },
  vlan: (item, found) => {
    const [link, id] = [item.need('vlan_link'), item.number('vlan_id')]
    addLink(item, found, { type: 'vlan', link, id, mac: item.text('mac_address') })
  },
  nameserver: (item, { servers, search }) => {
    servers.push(...item.texts('address'))
    search.push(...item.texts('search'))
    item.ignore('interface')
  },
  route: (item, { routes }) => {
    routes.push(item)
    item.ignore('metric', 'id')
    for (const key of ['destination', 'to', 'network', 'netmask', 'gateway', 'via']) item.ignore(key)
  },
  loopback: (item) => {
    item.ignore('name', 'subnets')
  },
}

/** Without an address, a card is found by its name. */
function deviceOf(item: Source): string | undefined {
  return item.has('mac_address') ? undefined : item.text('name')
}

function bondOf(item: Source): { readonly [key: string]: Json | undefined } {
  const params = item.object('params')
  const primary = params?.text('bond-primary')
  const members = item.texts('bond_interfaces').toSorted((a, b) => Number(b === primary) - Number(a === primary))
  const mode = params === undefined ? undefined : modeOf(params, 'bond-mode')
  params?.ignore(...BOND_DETAILS)
  params?.end()
  return { members, mode }
}

const MODES = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb']

/** The mode of a bond, which Linux knows by number too. */
export function modeOf(params: Source, key: string): string | undefined {
  const mode = params.text(key)
  return mode !== undefined && /^[0-6]$/.test(mode) ? MODES[Number(mode)] : mode
}

function addLink(item: Source, found: Found, link: { readonly [key: string]: Json | undefined }): void {
  const name = item.need('name')
  found.links.push(filled({ name, mtu: item.number('mtu'), ...link }))
  item.ignore('id', 'accept-ra', 'keep_configuration', 'set-name')
  for (const subnet of item.objects('subnets')) {
    const network = readSubnet(subnet, name)
    if (network !== undefined) found.networks.push(network)
    found.warnings.push(...subnet.leftOver)
  }
}

function readSubnet(subnet: Source, link: string): JsonObject | undefined {
  const type = subnet.need('type')
  subnet.ignore('id', 'metric')
  if (type === 'manual') return undefined
  const method = STATIC.has(type) ? 'static' : DYNAMIC[type]
  if (method === undefined)
    throw new ProvisionError('invalid', `${subnet.at('type')} ${type} is no way to get an address that is known`)
  const routes = subnet.objects('routes').map(readRoute)
  const everywhere = routes.find(({ to }) => isEverything(to))
  return filled({
    link,
    method,
    address: method === 'static' ? addressOf(subnet, { address: 'address', netmask: 'netmask' }) : undefined,
    gateway: subnet.text('gateway') ?? everywhere?.via,
    routes: routes.filter(({ to }) => !isEverything(to)),
    dns: filled({ servers: words(subnet, 'dns_nameservers'), search: words(subnet, 'dns_search') }),
  })
}

/** Lists that some write as one text with blanks between. */
function words(source: Source, key: string): readonly string[] {
  return source.texts(key).flatMap((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
}

function readRoute(route: Source): { readonly to: string; readonly via: string } {
  const key = route.has('destination') ? 'destination' : route.has('to') ? 'to' : 'network'
  route.ignore('metric', 'id', 'type')
  const to = addressOf(route, { address: key, netmask: 'netmask' })
  if (to === undefined) throw new ProvisionError('invalid', `${route.path} needs destination`)
  return { to, via: route.has('via') ? route.need('via') : route.need('gateway') }
}

/** A route that stands alone belongs to the first network of its kind. */
function placeRoute(source: Source, { networks, warnings }: Found): void {
  const { to, via } = readRoute(source)
  const version = versionOf(via, source.at('gateway'))
  const at = networks.findIndex((one) => familyOf(one) === version)
  const found = networks[at]
  if (found === undefined) {
    warnings.push(`${source.path} has no network of its kind, and is left out`)
    return
  }
  const { routes = [] } = found
  networks[at] = isEverything(to)
    ? { gateway: via, ...found }
    : { ...found, routes: [...(Array.isArray(routes) ? routes : []), { to, via }] }
}

function familyOf({ method, address }: JsonObject): 4 | 6 {
  if (typeof address === 'string') return versionOf(address, 'address')
  return method === 'dhcp' ? 4 : 6
}
