import { filled } from '../../src/core/config/filled.ts'
import type { HostConfig, Link, Network } from '../../src/core/config/model.ts'
import type { JsonObject } from '../../src/core/json.ts'

/** Writes links and networks as version 1 of cloud-init's network configuration, as MAAS does. */
export function toNetworkV1({ links, networks, dns }: HostConfig): JsonObject {
  const items = links.map((link) => {
    const subnets = networks.filter((one) => one.link === link.name).map(toSubnet)
    return filled({ name: link.name, mtu: link.mtu, ...linkKeys(link), subnets })
  })
  const nameserver = filled({ address: dns.servers, search: dns.search })
  return {
    version: 1,
    config: [...items, ...(Object.keys(nameserver).length > 0 ? [{ type: 'nameserver', ...nameserver }] : [])],
  }
}

function linkKeys(link: Link): { readonly [key: string]: JsonObject[string] | undefined } {
  switch (link.type) {
    case 'nic':
      return { type: 'physical', mac_address: link.mac?.toUpperCase() }
    case 'bond':
      return { type: 'bond', mac_address: link.mac, bond_interfaces: link.members, params: { 'bond-mode': link.mode } }
    case 'vlan':
      return { type: 'vlan', vlan_link: link.link, vlan_id: link.id, mac_address: link.mac }
  }
}

const TYPES = { dhcp: 'dhcp4', dhcp6: 'ipv6_dhcpv6-stateful', slaac: 'ipv6_slaac' } as const

function toSubnet({ method, address, gateway, routes, dns }: Network): JsonObject {
  const names = { dns_nameservers: dns.servers, dns_search: dns.search }
  if (method !== 'static') return { ...filled(names), type: TYPES[method] }
  const type = address?.includes(':') === true ? 'static6' : 'static'
  return {
    ...filled({ address, gateway, routes: routes.map(({ to, via }) => ({ destination: to, gateway: via })), ...names }),
    type,
  }
}
