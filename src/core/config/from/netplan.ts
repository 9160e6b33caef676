import { ProvisionError } from '../../errors.ts'
import type { Json, JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import { isIn, parseCidr, parseIp } from '../ip.ts'
import { isEverything, versionOf } from './addresses.ts'
import { type Converted, Source } from './converted.ts'
import { modeOf } from './network-v1.ts'

/** What is for the system that netplan runs on: how it starts, sleeps, and is called. */
const OF_THE_SYSTEM = [
  ...[
    'optional',
    'optional-addresses',
    'set-name',
    'wakeonlan',
    'renderer',
    'critical',
    'dhcp-identifier',
    'ipv6-privacy',
  ],
  ...['dhcp4-overrides', 'dhcp6-overrides', 'link-local', 'activation-mode', 'ignore-carrier', 'emit-lldp'],
]
/** How quickly a bond notices dead cards and the like. */
const BOND_DETAILS = [
  ...['mii-monitor-interval', 'up-delay', 'down-delay', 'lacp-rate', 'transmit-hash-policy', 'ad-select', 'min-links'],
  ...['gratuitious-arp', 'gratuitous-arp', 'fail-over-mac-policy'],
]
/** What is none of a host's configuration here. */
const UNKNOWN = [
  'bridges',
  'wifis',
  'modems',
  'tunnels',
  'vrfs',
  'dummy-devices',
  'virtual-ethernets',
  'openvswitch',
  'nm-devices',
]

/**
 * Reads netplan's configuration, which is version 2 of cloud-init's too.
 * @param document with `ethernets` and so on, or with these below `network`
 * @throws {ProvisionError} invalid, with the path of what is wrong
 */
export function fromNetplan(document: Json): Converted {
  const outer = new Source(document, 'network-config')
  const network = outer.object('network') ?? outer
  network.ignore('version', 'renderer')
  for (const key of UNKNOWN) {
    if (network.entries(key).length > 0) {
      throw new ProvisionError('invalid', `${network.at(key)} cannot be made; there are ethernets, bonds and vlans`)
    }
  }
  const groups = [
    ...network.entries('ethernets').map(([name, link]) => readLink(name, link, nicOf(name, link))),
    ...network.entries('bonds').map(([name, link]) => readLink(name, link, bondOf(link))),
    ...network.entries('vlans').map(([name, link]) => readLink(name, link, vlanOf(link))),
  ]
  const config = { links: groups.map(({ link }) => link), networks: groups.flatMap(({ networks }) => networks) }
  return { config: filled(config), warnings: [...groups.flatMap(({ warnings }) => warnings), ...network.leftOver] }
}

/** A network that is still being put together. */
type Loose = { [key: string]: Json | undefined }

type Part = { readonly [key: string]: Json | undefined }

function nicOf(name: string, link: Source): Part {
  const match = link.object('match')
  match?.ignore('driver')
  const mac = match?.text('macaddress')
  // `macaddress` beside `match` is an address to be set; whoever has no match means the card of that address.
  link.ignore('macaddress')
  return { type: 'nic', mac, device: mac === undefined ? (match?.text('name') ?? name) : undefined }
}

function bondOf(link: Source): Part {
  const parameters = link.object('parameters')
  const primary = parameters?.text('primary')
  const members = link.texts('interfaces').toSorted((a, b) => Number(b === primary) - Number(a === primary))
  const mode = parameters === undefined ? undefined : modeOf(parameters, 'mode')
  parameters?.ignore(...BOND_DETAILS)
  parameters?.end()
  return { type: 'bond', members, mode: mode ?? 'balance-rr', mac: link.text('macaddress') }
}

function vlanOf(vlan: Source): Part {
  return { type: 'vlan', link: vlan.need('link'), id: vlan.number('id'), mac: vlan.text('macaddress') }
}

interface Group {
  readonly link: JsonObject
  readonly networks: readonly JsonObject[]
  readonly warnings: readonly string[]
}

function readLink(name: string, source: Source, part: Part): Group {
  const link = filled({ name, mtu: source.number('mtu'), ...part })
  source.ignore(...OF_THE_SYSTEM)
  const networks = readNetworks(name, source)
  return { link, networks, warnings: source.leftOver }
}

/** Each address is a network here; what is said for all of a link goes to the first of its kind. */
function readNetworks(link: string, source: Source): readonly JsonObject[] {
  const networks: Loose[] = source.list('addresses').map((address, at) => {
    if (typeof address === 'string') return { link, method: 'static', address }
    // `{"192.0.2.10/24": {"label": "x"}}`
    const [text] = typeof address === 'object' && address !== null ? Object.keys(address) : []
    if (text === undefined) throw new ProvisionError('invalid', `${source.at('addresses')}[${at}] is no address`)
    return { link, method: 'static', address: text }
  })
  if (source.get('dhcp4') === true) networks.push({ link, method: 'dhcp' })
  if (source.get('dhcp6') === true) networks.push({ link, method: 'dhcp6' })
  // Router advertisements are taken by default; alone they make a network only when they are asked for.
  if (source.get('accept-ra') === true && source.get('dhcp6') !== true) networks.push({ link, method: 'slaac' })
  for (const way of waysOf(source)) addWay(networks, way, source)
  const nameservers = source.object('nameservers')
  const dns = filled({ servers: nameservers?.texts('addresses'), search: nameservers?.texts('search') })
  const first = networks[0]
  if (first !== undefined) first['dns'] = dns
  return networks.map(filled)
}

interface Way {
  readonly to: string
  readonly via: string
}

function waysOf(source: Source): readonly Way[] {
  const old = (['gateway4', 'gateway6'] as const).flatMap((key) => source.text(key) ?? [])
  const routes = source.objects('routes').map((route) => {
    route.ignore('metric', 'on-link', 'type', 'scope', 'table', 'from', 'mtu')
    return { to: route.need('to'), via: route.need('via') }
  })
  return [...old.map((via) => ({ to: 'default', via })), ...routes]
}

/** Gives a way to the network that it leads out of: the one that has the router in it, else the first of its kind. */
function addWay(networks: readonly Loose[], { to, via }: Way, source: Source): void {
  const version = versionOf(via, source.at('routes'))
  const router = parseIp(via)
  const ofKind = networks.filter(({ method, address }) =>
    typeof address === 'string'
      ? versionOf(address, source.at('addresses')) === version
      : (method === 'dhcp') === (version === 4),
  )
  const holds = ({ address }: Loose) => {
    const own = typeof address === 'string' ? parseCidr(address) : undefined
    return own !== undefined && router !== undefined && isIn(router, own)
  }
  const network = ofKind.find(holds) ?? ofKind[0]
  if (network === undefined) {
    throw new ProvisionError('invalid', `${source.path} has a way by IPv${version}, and no such network`)
  }
  const { routes = [] } = network
  if (isEverything(to)) network['gateway'] ??= via
  else network['routes'] = [...(Array.isArray(routes) ? routes : []), { to, via }]
}
