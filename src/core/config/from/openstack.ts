import { ProvisionError } from '../../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import { addressOf, isEverything } from './addresses.ts'
import { type Converted, Source } from './converted.ts'

/** The files of a config drive, parsed; those that are not there are absent. */
export interface ConfigDrive {
  readonly metaData?: Json
  readonly networkData?: Json
}

const METHODS: { readonly [type: string]: string } = {
  ipv4: 'static',
  ipv6: 'static',
  ipv4_dhcp: 'dhcp',
  ipv6_dhcp: 'dhcp6',
  'ipv6_dhcpv6-stateful': 'dhcp6',
  'ipv6_dhcpv6-stateless': 'slaac',
  ipv6_slaac: 'slaac',
}

/**
 * Reads an OpenStack config drive. On ESXi all gets the names that esxi-netinit gives it.
 * @throws {ProvisionError} invalid, with the path of what is wrong
 */
export function fromOpenStack({ metaData, networkData }: ConfigDrive): Converted {
  const meta = metaData === undefined ? { config: {}, warnings: [] } : readMetaData(new Source(metaData, 'meta_data'))
  const network =
    networkData === undefined ? { config: {}, warnings: [] } : readNetworkData(new Source(networkData, 'network_data'))
  return { config: { ...meta.config, ...network.config }, warnings: [...meta.warnings, ...network.warnings] }
}

function readMetaData(meta: Source): Converted {
  const hostname = meta.text('hostname') ?? meta.text('name')
  const password = meta.text('admin_pass') ?? meta.object('meta')?.text('admin_pass')
  const keys = meta.get('public_keys') ?? {}
  if (!isJsonObject(keys)) throw new ProvisionError('invalid', 'meta_data.public_keys must be an object')
  const named = Object.values(keys).filter((key) => typeof key === 'string')
  const listed = meta.objects('keys').flatMap((key) => (key.text('type') === 'ssh' ? [key.need('data')] : []))
  const sshKeys = [...new Set([...named, ...listed].map((key) => key.trim()))]
  meta.ignore(
    'uuid',
    'name',
    'project_id',
    'random_seed',
    'launch_index',
    'availability_zone',
    'devices',
    'dedicated_cpus',
    'meta',
  )
  return { config: filled({ hostname, root: filled({ password, sshKeys }) }), warnings: meta.leftOver }
}

function readNetworkData(data: Source): Converted {
  const warnings: string[] = []
  const links = data.objects('links')
  const networks = data.objects('networks')
  const management = networks.find((one) => defaultRoute(one) !== undefined) ?? networks[0]
  const names = new Names(links, management)
  const servers = dnsServers(data.objects('services'), warnings)
  // Management comes first for its switch, and keeps its place among the networks.
  if (management !== undefined) names.take(management)
  // One way to everywhere for each kind of address: the first.
  const gateways = new Set(['4', '6'].map((kind) => networks.find((one) => kindOfDefault(one) === kind)))
  const read = networks.map((one) => {
    const place = { isManagement: one === management, isGateway: gateways.has(one), portGroup: names.take(one) }
    const config = readNetwork(one, place, warnings)
    warnings.push(...one.leftOver)
    const isSecond = !place.isGateway && defaultRoute(one) !== undefined
    if (isSecond) warnings.push(`${one.path} has a default route, and another network has it already: left out`)
    return config
  })
  const config = { links: links.map((link) => readLink(link, names)), networks: read, dns: filled({ servers }) }
  warnings.push(...links.flatMap((link) => link.leftOver), ...data.leftOver)
  return { config: filled(config), warnings }
}

function readLink(link: Source, names: Names): JsonObject {
  const [name, type] = [link.need('id'), link.need('type')]
  const [mac, mtu] = [link.text('ethernet_mac_address'), link.number('mtu')]
  const common = { name, mtu, vswitch: names.vswitch(name) }
  link.ignore('vif_id', 'name')
  if (type === 'vlan') {
    // That of the parent is the card's.
    link.ignore('ethernet_mac_address')
    const [id, own] = [link.number('vlan_id'), link.text('vlan_mac_address')]
    // Linux has the VLAN's own address, as cloud-init reads it; on ESXi, esxi-netinit leaves it to the system.
    const macs = own === undefined ? {} : { mac: own, vmkMac: 'auto' }
    return filled({ ...common, type, link: link.need('vlan_link'), id, ...macs })
  }
  if (type === 'bond') {
    const mode = link.text('bond_mode')
    for (const key of Object.keys(BOND_EXTRAS)) link.ignore(key)
    return filled({ ...common, type, members: link.texts('bond_links'), mode, mac })
  }
  // Whatever else Nova calls it (phy, vif, ovs, bridge, tap, hw_veb), it is a card to the host.
  return filled({ ...common, type: 'nic', mac })
}

/** How a bond finds out that a card is dead is the system's own matter. */
const BOND_EXTRAS = { bond_miimon: true, bond_xmit_hash_policy: true, bond_hash_policy: true }

interface Place {
  readonly isManagement: boolean
  readonly isGateway: boolean
  readonly portGroup: string
}

function readNetwork(network: Source, { isManagement, isGateway, portGroup }: Place, warnings: string[]): JsonObject {
  const type = network.need('type')
  const method = METHODS[type]
  if (method === undefined) {
    throw new ProvisionError('invalid', `${network.at('type')} ${type} is none of ${Object.keys(METHODS).join(', ')}`)
  }
  const address = addressOf(network, { address: 'ip_address', netmask: 'netmask' })
  const gateway = network.text('gateway') ?? defaultRoute(network)
  const routes = network.objects('routes').map((route) => ({ to: destination(route), via: route.need('gateway') }))
  network.ignore('id', 'network_id')
  return filled({
    link: network.need('link'),
    method,
    address: method === 'static' ? address : undefined,
    gateway: isGateway || isManagement ? gateway : undefined,
    routes: routes.filter(({ to }) => !isEverything(to)),
    dns: filled({ servers: dnsServers(network.objects('services'), warnings) }),
    management: isManagement || undefined,
    portGroup,
  })
}

function destination(route: Source): string {
  return addressOf(route, { address: 'network', netmask: 'netmask' }) ?? route.need('network')
}

function kindOfDefault(network: Source): string | undefined {
  const via = defaultRoute(network)
  return via === undefined ? undefined : via.includes(':') ? '6' : '4'
}

/** The gateway of the first route that leads everywhere. */
function defaultRoute(network: Source): string | undefined {
  return network
    .objects('routes')
    .find((route) => isEverything(destination(route)))
    ?.need('gateway')
}

function dnsServers(services: readonly Source[], warnings: string[]): readonly string[] {
  return services.flatMap((service) => {
    const type = service.text('type')
    if (type === 'dns') return [service.need('address')]
    warnings.push(`${service.at('type')} ${type} means nothing here, and is left out`)
    return []
  })
}

/** What esxi-netinit calls switches and groups of ports. */
class Names {
  readonly #links: ReadonlyMap<string, Source>
  readonly #management: Source | undefined
  /** By what a switch stands on. */
  readonly #vswitches = new Map<string, string>()
  readonly #portGroups = new Map<Source, string>()
  /** What has an interface already, with whether that has an IPv4 address. */
  readonly #interfaces: { readonly link: string; readonly portGroup: string; hasV4: boolean }[] = []
  #next = 31

  constructor(links: readonly Source[], management: Source | undefined) {
    this.#links = new Map(links.map((link) => [link.need('id'), link]))
    this.#management = management
  }

  /** Names the switch of a network, when it has none yet, and its group of ports. */
  take(network: Source): string {
    const known = this.#portGroups.get(network)
    if (known !== undefined) return known
    const name = network.need('link')
    const base = this.#base(name)
    const isManagement = network === this.#management
    if (!this.#vswitches.has(base)) {
      this.#vswitches.set(base, isManagement ? 'vSwitch22' : `vSwitch${this.#next}`)
      if (!isManagement) this.#next += 1
    }
    const isV4 = !network.need('type').startsWith('ipv6')
    const portGroup = this.#shared(name, isV4) ?? this.#fresh(name, { isV4, isManagement })
    this.#portGroups.set(network, portGroup)
    return portGroup
  }

  /** IPv4 and IPv6 on a link are one interface; of IPv4 esxi-netinit gives each address one of its own. */
  #shared(link: string, isV4: boolean): string | undefined {
    const found = this.#interfaces.find((one) => one.link === link && !(isV4 && one.hasV4))
    if (found === undefined) return undefined
    found.hasV4 ||= isV4
    return found.portGroup
  }

  #fresh(name: string, { isV4, isManagement }: { readonly isV4: boolean; readonly isManagement: boolean }): string {
    const link = this.#links.get(name)
    const plain = link?.text('type') === 'vlan' ? `internal_net_vid_${link.text('vlan_id')}` : name
    const portGroup = this.#free(isManagement ? 'mgmt' : plain)
    this.#interfaces.push({ link: name, portGroup, hasV4: isV4 })
    return portGroup
  }

  vswitch(link: string): string | undefined {
    return this.#vswitches.get(link)
  }

  #base(name: string): string {
    const link = this.#links.get(name)
    return link?.text('type') === 'vlan' ? link.need('vlan_link') : name
  }

  #free(name: string): string {
    const taken = new Set(this.#portGroups.values())
    for (let at = 0; ; at += 1) {
      const tried = at === 0 ? name : `${name}:${at}`
      if (!taken.has(tried)) return tried
    }
  }
}
