import type { JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import { parseCidr } from '../ip.ts'
import type { HostConfig, Link, Network } from '../model.ts'

/** Writes links and networks as netplan has them, which is version 2 of cloud-init's network configuration. */
export function toNetplan({ links, networks, dns }: HostConfig): JsonObject {
  const of = (type: Link['type']): JsonObject =>
    Object.fromEntries(
      links
        .filter((link) => link.type === type)
        .map((link) => {
          const own = networks.filter(({ link: name }) => name === link.name)
          return [link.name, filled({ ...linkKeys(link), mtu: link.mtu, ...networkKeys(own, dns) })]
        }),
    )
  return { version: 2, ...filled({ ethernets: of('nic'), bonds: of('bond'), vlans: of('vlan') }) }
}

function linkKeys(link: Link): { readonly [key: string]: JsonObject[string] | undefined } {
  switch (link.type) {
    case 'nic':
      return { match: link.mac === undefined ? filled({ name: link.device }) : { macaddress: link.mac } }
    case 'bond': {
      const [primary] = link.members
      // Only there one card is preferred to the others.
      const parameters = filled({ mode: link.mode, primary: link.mode === 'active-backup' ? primary : undefined })
      return { interfaces: link.members, macaddress: link.mac, parameters }
    }
    case 'vlan':
      return { id: link.id, link: link.link, macaddress: link.mac }
  }
}

/** The networks of one link: what comes by DHCP, and addresses with the ways that lead out of them. */
function networkKeys(
  networks: readonly Network[],
  dns: HostConfig['dns'],
): { readonly [key: string]: JsonObject[string] | undefined } {
  const has = (method: Network['method']) => networks.some((network) => network.method === method)
  // Servers of the whole host stand beside those of the network of its management.
  const all = [
    ...networks.map((network) => network.dns),
    ...(networks.some(({ management }) => management) ? [dns] : []),
  ]
  return {
    dhcp4: has('dhcp') || undefined,
    dhcp6: has('dhcp6') || undefined,
    'accept-ra': has('slaac') || has('dhcp6') || undefined,
    addresses: networks.flatMap(({ address }) => address ?? []),
    routes: networks.flatMap(routesOf),
    nameservers: filled({
      addresses: [...new Set(all.flatMap(({ servers }) => servers))],
      search: [...new Set(all.flatMap(({ search }) => search))],
    }),
  }
}

function routesOf({ method, address, gateway, routes }: Network): readonly JsonObject[] {
  const isV6 = address === undefined ? method !== 'dhcp' : parseCidr(address)?.version === 6
  const everywhere = gateway === undefined ? [] : [{ to: isV6 ? '::/0' : '0.0.0.0/0', via: gateway }]
  return [...everywhere, ...routes.map(({ to, via }) => ({ to, via }))]
}
