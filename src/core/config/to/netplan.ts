import type { JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import { parseCidr } from '../ip.ts'
import type { HostConfig, Link, Network } from '../model.ts'

/**
 * What Linux lets a card be called. cloud-init writes for ifupdown and NetworkManager the name that stands here, whatever the card's address:
 * without `set-name` there would be no such card.
 */
const INTERFACE = /^[^\s/:]{1,15}$/

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
      if (link.mac === undefined) return { match: filled({ name: link.device }) }
      return { match: { macaddress: link.mac }, 'set-name': INTERFACE.test(link.name) ? link.name : undefined }
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
  // As a route to ::/0, cloud-init 22.4 makes ::/64 of it for ifupdown. The key is deprecated, and understood by all.
  const defaults6 = networks.filter(isV6).flatMap(({ gateway }) => gateway ?? [])
  return {
    dhcp4: has('dhcp') || undefined,
    dhcp6: has('dhcp6') || undefined,
    'accept-ra': has('slaac') || has('dhcp6') || undefined,
    addresses: networks.flatMap(({ address }) => address ?? []),
    gateway6: defaults6[0],
    routes: [
      ...defaults6.slice(1).map((via) => ({ to: '::/0', via })),
      ...networks.filter((network) => !isV6(network)).flatMap(defaultOf),
      ...networks.flatMap(({ routes }) => routes.map(({ to, via }) => ({ to, via }))),
    ],
    nameservers: filled({
      addresses: [...new Set(all.flatMap(({ servers }) => servers))],
      search: [...new Set(all.flatMap(({ search }) => search))],
    }),
  }
}

function isV6({ method, address }: Network): boolean {
  return address === undefined ? method !== 'dhcp' : parseCidr(address)?.version === 6
}

function defaultOf({ gateway }: Network): readonly JsonObject[] {
  return gateway === undefined ? [] : [{ to: '0.0.0.0/0', via: gateway }]
}
