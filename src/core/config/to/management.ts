import { parseCidr } from '../ip.ts'
import type { Bond, HostConfig, Link, Network, Nic } from '../model.ts'
import { netmask } from './openstack.ts'

/** An address, or a way to get one, in the pieces that installers want. */
export type Address =
  | { readonly method: 'dhcp' | 'auto' }
  | {
      readonly method: 'static'
      readonly address: string
      readonly prefix: number
      readonly netmask: string
      readonly gateway: string | undefined
    }

/** The network over which a host is managed, as installers that know one network want it. */
export interface Management {
  /** What the network is on. */
  readonly link: Link
  /** The cards below it, one without a bond. */
  readonly cards: readonly Nic[]
  readonly bond: Bond | undefined
  /** The tag of its VLAN. */
  readonly vlan: number | undefined
  readonly v4: Address | undefined
  readonly v6: Address | undefined
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
}

/** Finds the management's network and takes it apart. @returns `undefined` when nothing is said of networks */
export function managementOf({ links, networks, dns }: HostConfig): Management | undefined {
  const chosen = networks.find(({ management }) => management)
  const find = (name: string) => links.find((link) => link.name === name)
  const link = chosen && find(chosen.link)
  if (link === undefined) return undefined
  const base = link.type === 'vlan' ? find(link.link) : link
  const bond = base?.type === 'bond' ? base : undefined
  const members = bond?.members ?? (base === undefined ? [] : [base.name])
  const cards = members.map(find).filter((one): one is Nic => one?.type === 'nic')
  const own = networks.filter((one) => one.link === link.name)
  const [v4] = own.filter((one) => !isV6(one))
  const [v6] = own.filter(isV6)
  const all = [...new Set([dns, ...own.map((one) => one.dns)])]
  return {
    ...{ link, cards, bond, vlan: link.type === 'vlan' ? link.id : undefined },
    v4: v4 && addressOf(v4),
    v6: v6 && addressOf(v6),
    nameservers: [...new Set(all.flatMap(({ servers }) => servers))],
    search: [...new Set(all.flatMap(({ search }) => search))],
  }
}

/** What there is of networks beside {@link managementOf}, a few words each. */
export function besideManagement({ links, networks }: HostConfig): readonly string[] {
  const name = networks.find(({ management }) => management)?.link
  const own = networks.filter(({ link }) => link === name)
  const more = [own.filter((one) => !isV6(one)), own.filter(isV6)].flatMap((of) => of.slice(1))
  const others = links.filter((link) => link.name !== name && networks.some((one) => one.link === link.name))
  return [
    ...more.map(({ address, method }) => `${address ?? method} on ${name}`),
    ...others.map((link) => `the networks on ${link.name}`),
    ...own.flatMap(({ routes }) => routes).map(({ to }) => `the route to ${to}`),
  ]
}

function isV6({ method, address }: Network): boolean {
  return address === undefined ? method !== 'dhcp' : parseCidr(address)?.version === 6
}

function addressOf({ method, address, gateway }: Network): Address {
  if (method !== 'static') return { method: method === 'slaac' ? 'auto' : 'dhcp' }
  const [ip = '', length = ''] = (address ?? '').split('/')
  const prefix = Number(length)
  return { method, address: ip, prefix, netmask: netmask(prefix, ip.includes(':')), gateway }
}
