import assert from 'node:assert/strict'
import type { HostNic } from './cases/case.ts'
import type { State, Vmk } from './simulate.ts'

/** What of a configuration is about the network; as a case writes it. */
export interface NetworkConfig {
  readonly links?: readonly LinkConfig[]
  readonly networks?: readonly AddressConfig[]
  readonly portGroups?: readonly { readonly name: string; readonly link: string }[]
  readonly dns?: { readonly servers: readonly string[]; readonly search: readonly string[] }
}

interface LinkConfig {
  readonly type: 'nic' | 'bond' | 'vlan'
  readonly name: string
  readonly mac?: string
  readonly device?: string
  readonly mtu?: number
  readonly vswitch?: string
  readonly link?: string
  readonly id?: number
  readonly members?: readonly string[]
  readonly mode?: string
}

interface AddressConfig {
  readonly link: string
  readonly method: 'static' | 'dhcp' | 'dhcp6' | 'slaac'
  readonly address?: string
  readonly gateway?: string
  readonly management: boolean
  readonly portGroup?: string
  readonly routes: readonly { readonly to: string; readonly via: string }[]
  readonly dns: { readonly servers: readonly string[]; readonly search: readonly string[] }
}

const BALANCING: { readonly [mode: string]: string } = {
  'balance-rr': 'srcport',
  'active-backup': 'explicit',
  '802.3ad': 'iphash',
}

/** Holds a host's network to its configuration, read without the program's own code. */
export function expectNetwork(config: NetworkConfig, nics: readonly HostNic[], state: State): void {
  const links = new Map(config.links?.map((link) => [link.name, link]))
  const linkOf = (name: string | undefined): LinkConfig => links.get(name ?? '') ?? assert.fail(`no link ${name}`)
  const baseOf = (link: LinkConfig) => (link.type === 'vlan' ? linkOf(link.link) : link)
  const mtuOf = (link: LinkConfig) => link.mtu ?? baseOf(link).mtu ?? 1500
  const cardsOf = (link: LinkConfig): readonly string[] => {
    const base = baseOf(link)
    const cards = base.type === 'bond' ? (base.members ?? []).map(linkOf) : [base]
    return cards.map(({ mac, device, name }) =>
      mac === undefined
        ? (device ?? name)
        : (nics.find((nic) => nic.mac.toLowerCase() === mac.toLowerCase())?.name ?? assert.fail(`no card ${mac}`)),
    )
  }

  const expectTeam = ({ mode = '', mac, members = [] }: LinkConfig, found: State['switches'][number]) => {
    assert.equal(found.balancing, BALANCING[mode])
    const first = members.map(linkOf).find((member) => mac !== undefined && member.mac === mac)
    assert.equal(found.active[0], cardsOf(first ?? linkOf(members[0]))[0], 'the preferred card')
  }

  /** The port group must be plugged into the link's cards and carry its VLAN. */
  const expectPlace = (groupName: string, link: LinkConfig) => {
    const group = state.groups.find(({ name }) => name === groupName) ?? assert.fail(`no port group ${groupName}`)
    const found = state.switches.find(({ name }) => name === group.switch) ?? assert.fail(`no switch ${group.switch}`)
    assert.equal(group.vlan, link.type === 'vlan' ? link.id : 0, `VLAN of ${groupName}`)
    assert.deepEqual([...found.active].sort(), [...cardsOf(link)].sort(), `cards of ${found.name}`)
    assert.deepEqual([...found.uplinks].sort(), [...cardsOf(link)].sort())
    const base = baseOf(link)
    if (base.type === 'bond') expectTeam(base, found)
    if (link.vswitch !== undefined) assert.equal(found.name, link.vswitch)
    assert.ok(found.mtu >= mtuOf(link), `room on ${found.name}`)
    return found
  }

  const used = new Set<string>()
  for (const network of config.networks ?? []) {
    const link = linkOf(network.link)
    const fitting = state.vmks.filter((vmk) => hasAddress(vmk, network) && isOn(state, vmk, link, cardsOf(link)))
    const vmk = choose(fitting, network, used, config.networks ?? [])
    const place = expectPlace(vmk.group, link)
    assert.equal(vmk.mtu, mtuOf(link), `mtu of ${vmk.name}`)
    if (network.management) {
      assert.ok(groupNames(config, network).includes(vmk.group))
      assert.equal(place.name, link.vswitch ?? baseOf(link).vswitch ?? 'vSwitch0')
    }
    assert.deepEqual(place.security, { forged: false, mac: false, promiscuous: false })
  }
  if (config.networks !== undefined && config.networks.length > 0) {
    const names = new Set([...used].map((key) => key.split(' ')[0]))
    assert.equal(names.size, state.vmks.length, 'no interface is left over')
    assert.equal(state.vmks.filter(({ tags }) => tags.includes('Management')).length, 1)
    expectRoutes(config.networks, state)
  }
  for (const group of config.portGroups ?? []) expectPlace(group.name, linkOf(group.link))
  expectNames(config, state)
}

/** An interface has one IPv4 address, or DHCP, and whatever of IPv6. */
function choose(
  fitting: readonly Vmk[],
  network: AddressConfig,
  used: Set<string>,
  all: readonly AddressConfig[],
): Vmk {
  const isIpv4 = network.method === 'dhcp' || network.address?.includes(':') === false
  const key = (vmk: Vmk) => `${vmk.name} ${isIpv4 ? 4 : 6}`
  const allowed = fitting.filter(
    (vmk) => !(isIpv4 && used.has(key(vmk))) && (!network.management || vmk.tags.includes('Management')),
  )
  const others = new Set(all.filter((one) => one !== network).map(({ portGroup }) => portGroup))
  const named = (one: Vmk) => network.portGroup !== undefined && one.group.startsWith(network.portGroup)
  const free = (one: Vmk) => !used.has(key(one)) && !others.has(one.group)
  const plain = (one: Vmk) => free(one) && one.tags.includes('Management') === network.management
  const vmk =
    [named, plain, free, () => true].map((fits) => allowed.find(fits)).find((one) => one !== undefined) ??
    assert.fail(`nothing is ${JSON.stringify(network)}`)
  used.add(key(vmk))
  return vmk
}

/** What the port group of the management may be called: IPv4 and IPv6 on a link share one, and either may have named it. */
function groupNames({ networks = [] }: NetworkConfig, { link, portGroup }: AddressConfig): readonly string[] {
  if (portGroup !== undefined) return [portGroup]
  return ['Management Network', ...networks.flatMap((one) => (one.link === link ? (one.portGroup ?? []) : []))]
}

function isOn(state: State, vmk: Vmk, link: LinkConfig, cards: readonly string[]): boolean {
  const group = state.groups.find(({ name }) => name === vmk.group)
  const uplinks = state.switches.find(({ name }) => name === group?.switch)?.uplinks ?? []
  return group?.vlan === (link.type === 'vlan' ? link.id : 0) && cards.every((card) => uplinks.includes(card))
}

function hasAddress(vmk: Vmk, { method, address = '' }: AddressConfig): boolean {
  if (method === 'dhcp') return vmk.ipv4.type === 'DHCP'
  if (method === 'dhcp6') return vmk.ipv6.dhcp
  if (method === 'slaac') return vmk.ipv6.router
  const [plain = '', prefix = ''] = address.split('/')
  if (plain.includes(':')) return vmk.ipv6.addresses.some((each) => sameIpv6(each, address))
  return vmk.ipv4.type === 'STATIC' && vmk.ipv4.address === plain && vmk.ipv4.netmask === netmask(Number(prefix))
}

function sameIpv6(one: string, other: string): boolean {
  return plainIp(one) === plainIp(other)
}

/** An address as it is written in one way alone, its prefix behind it. */
function plainIp(text: string): string {
  const [address = '', ...prefix] = text.split('/')
  return [address.includes(':') ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address, ...prefix].join('/')
}

function netmask(prefix: number): string {
  const bits = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}

function expectRoutes(networks: readonly AddressConfig[], state: State): void {
  const managed = [...networks].sort((one, other) => Number(other.management) - Number(one.management))
  for (const [version, isOurs] of [
    ['4', (text: string) => !text.includes(':')],
    ['6', (text: string) => text.includes(':')],
  ] as const) {
    const gateway = managed.map((network) => network.gateway).find((via) => via !== undefined && isOurs(via))
    const routes = networks.flatMap((network) => network.routes).filter(({ via }) => isOurs(via))
    const wanted = new Set(routes.map(({ to, via }) => `${plainIp(to)} ${plainIp(via)}`))
    if (gateway !== undefined) wanted.add(`default ${plainIp(gateway)}`)
    const found = state.routes[version]
      .filter(({ source }) => source === 'MANUAL')
      .map(
        ({ network, netmask: mask, gateway: via }) =>
          `${network === 'default' ? network : plainIp(`${network}/${prefixOf(mask)}`)} ${plainIp(via)}`,
      )
    assert.deepEqual(found.sort(), [...wanted].sort())
  }
}

function prefixOf(mask: string | number): number {
  if (typeof mask === 'number') return mask
  return mask
    .split('.')
    .flatMap((part) => [...Number(part).toString(2)])
    .filter((bit) => bit === '1').length
}

function expectNames(config: NetworkConfig, state: State): void {
  const managed = [...(config.networks ?? [])].sort((one, other) => Number(other.management) - Number(one.management))
  const all = [config.dns, ...managed.map(({ dns }) => dns)]
  const servers = [...new Set(all.flatMap((dns) => dns?.servers ?? []))]
  const search = [...new Set(all.flatMap((dns) => dns?.search ?? []))]
  if (servers.length > 0)
    assert.deepEqual(
      state.dns.map(({ server }) => server),
      servers,
    )
  if (search.length > 0) assert.deepEqual(state.search, search)
}
