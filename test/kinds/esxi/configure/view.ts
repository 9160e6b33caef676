import type { Result, SimulatedRoute, State, Switch, Vmk } from './simulate.ts'
import { words } from './simulate.ts'

/** What a golden file holds: the commands, what the server was told, the host's network afterwards. */
export function view({ first, after }: Result): string {
  return [
    '# commands',
    ...first.commands,
    '',
    '# told',
    ...words(first.told),
    ...first.waiting.map((url) => `not told: ${words([url])}`),
    '',
    '# network',
    ...network(after),
    '',
  ].join('\n')
}

/** The same host gives the same lines, in whatever order it was made. */
export function network(state: State): readonly string[] {
  const lines = sorted(state.switches).flatMap((each) => [
    switchText(each),
    ...sorted(state.groups.filter((group) => group.switch === each.name)).flatMap((group) => [
      `  ${group.name}${group.vlan === 0 ? '' : `, VLAN ${group.vlan}`}`,
      ...state.vmks.filter((vmk) => vmk.group === group.name).map((vmk) => `    ${vmkText(vmk)}`),
    ]),
  ])
  lines.push(...state.routes[4].map(routeText).sort(), ...state.routes[6].map(routeText).sort())
  if (state.dns.length > 0) lines.push(`dns ${state.dns.map(({ server }) => server).join(', ')}`)
  if (state.search.length > 0) lines.push(`search ${state.search.join(', ')}`)
  return lines
}

function switchText({ name, uplinks, active, balancing, mtu, cdp, security }: Switch): string {
  const unused = uplinks.filter((uplink) => !active.includes(uplink)).sort()
  const cards = `${active.join(', ') || 'no card'}${unused.length > 0 ? ` (unused: ${unused})` : ''}`
  const { forged, mac, promiscuous } = security
  const allowed = Object.entries({ forged, mac, promiscuous }).filter(([, isAllowed]) => isAllowed)
  const allows = allowed.map(([what]) => what).join(', ') || 'nothing'
  return `${name}: ${cards}, ${balancing}, mtu ${mtu}, cdp ${cdp}, allows ${allows}`
}

function vmkText({ name, mac, mtu, tags, ipv4, ipv6 }: Vmk): string {
  const parts = [`${name} ${mac}`, `mtu ${mtu}`]
  if (ipv4.type === 'STATIC') parts.push(`${ipv4.address}/${ipv4.netmask}`)
  if (ipv4.type === 'DHCP') parts.push(`DHCP ${ipv4.peer_dns ? 'with its name servers' : 'without its name servers'}`)
  parts.push(...ipv6.addresses)
  if (ipv6.dhcp) parts.push('DHCPv6')
  if (ipv6.router) parts.push('router advertisements')
  if (tags.length > 0) parts.push(tags.join(', '))
  return parts.join(', ')
}

function routeText({ network, netmask, gateway, source }: SimulatedRoute): string {
  return `route ${network}${network === 'default' ? '' : `/${netmask}`} via ${gateway}, ${source}`
}

function sorted<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((one, other) => (one.name < other.name ? -1 : 1))
}
