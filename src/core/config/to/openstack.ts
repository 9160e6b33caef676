import type { Host } from '../../host.ts'
import type { JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import type { HostConfig, Link, Network } from '../model.ts'
import { nameOfHost } from './names.ts'

/** Writes `meta_data.json` of a config drive. */
export function toMetaData(host: Host, config: HostConfig): JsonObject {
  const name = nameOfHost(host, config)
  const keys = config.root.sshKeys.map((key, at) => [`key${at}`, key])
  return { uuid: host.uuid ?? null, hostname: name, name, ...filled({ public_keys: Object.fromEntries(keys) }) }
}

/** Writes `network_data.json` of a config drive. A host that nothing is said of gets DHCP on its first card. */
export function toNetworkData(host: Host, config: HostConfig): JsonObject {
  const links = config.links.length > 0 ? config.links.map(toLink) : host.macs.map((mac, at) => card(`nic${at}`, mac))
  const networks =
    config.links.length > 0
      ? config.networks.map((network, at) => toNetwork(network, `network${at}`))
      : links.slice(0, 1).map(({ id = null }) => ({ id: 'network0', type: 'ipv4_dhcp', link: id }))
  return { links, networks, services: config.dns.servers.map(toService) }
}

function card(id: string, mac: string | undefined): JsonObject {
  return { id, type: 'phy', ethernet_mac_address: mac ?? null, mtu: null }
}

function toLink(link: Link): JsonObject {
  const common = { id: link.name, mtu: link.mtu ?? null }
  switch (link.type) {
    case 'nic':
      return { ...card(link.name, link.mac), ...common, ...filled({ name: link.device }) }
    case 'bond':
      return {
        ...common,
        type: 'bond',
        bond_links: link.members,
        bond_mode: link.mode,
        ...filled({ ethernet_mac_address: link.mac }),
      }
    case 'vlan':
      return {
        ...common,
        type: 'vlan',
        vlan_link: link.link,
        vlan_id: link.id,
        ...filled({ vlan_mac_address: link.mac }),
      }
  }
}

const TYPES = { dhcp: 'ipv4_dhcp', dhcp6: 'ipv6_dhcp', slaac: 'ipv6_slaac' } as const

function toNetwork({ link, method, address, gateway, routes, dns }: Network, id: string): JsonObject {
  const services = filled({ services: dns.servers.map(toService) })
  if (method !== 'static') return { id, type: TYPES[method], link, ...services }
  const [ip = '', prefix = ''] = (address ?? '').split('/')
  const isV6 = ip.includes(':')
  const all = isV6 ? { network: '::', netmask: '::' } : { network: '0.0.0.0', netmask: '0.0.0.0' }
  return {
    ...{ id, type: isV6 ? 'ipv6' : 'ipv4', link, ip_address: ip, netmask: netmask(Number(prefix), isV6) },
    routes: [
      ...(gateway === undefined ? [] : [{ ...all, gateway }]),
      ...routes.map(({ to, via }) => {
        const [network = '', length = ''] = to.split('/')
        return { network, netmask: netmask(Number(length), isV6), gateway: via }
      }),
    ],
    ...services,
  }
}

function toService(address: string): JsonObject {
  return { type: 'dns', address }
}

/** The mask of so many bits, as an address. */
export function netmask(prefix: number, isV6: boolean): string {
  const [width, size] = isV6 ? [128n, 16n] : [32n, 8n]
  const bits = ((1n << BigInt(prefix)) - 1n) << (width - BigInt(prefix))
  const parts = Array.from(
    { length: Number(width / size) },
    (_, at) => (bits >> (width - size * BigInt(at + 1))) & ((1n << size) - 1n),
  )
  return isV6 ? parts.map((part) => part.toString(16)).join(':') : parts.join('.')
}
