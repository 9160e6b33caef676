import fc from 'fast-check'
import { BOND_MODES } from '../../src/core/config/model.ts'
import type { JsonObject } from '../../src/core/json.ts'

const HASH = `$6$salt$${'x'.repeat(86)}`
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me@example.org'

const macAt = (at: number) => `52:54:00:00:01:${at.toString(16).padStart(2, '0')}`

/** Which links there are, and on which of them are which networks. */
const shape = fc.record({
  nics: fc.integer({ min: 1, max: 4 }),
  bonded: fc.integer({ min: 0, max: 2 }),
  mode: fc.constantFrom(...BOND_MODES),
  vlans: fc.uniqueArray(fc.integer({ min: 1, max: 4094 }), { maxLength: 3 }),
  mtu: fc.option(fc.constantFrom(1500, 9000), { nil: undefined }),
  networks: fc.array(
    fc.record({
      on: fc.nat(20),
      method: fc.constantFrom('static', 'static6', 'dhcp', 'dhcp6', 'slaac'),
      gateway: fc.boolean(),
      route: fc.boolean(),
      dns: fc.boolean(),
    }),
    { maxLength: 5 },
  ),
})

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

/** Links and networks that are right, in our own form: what every way in and every way out has. */
export const networkConfigs: fc.Arbitrary<JsonObject> = shape.map(({ nics, bonded, mode, vlans, mtu, networks }) => {
  const cards = Array.from({ length: nics + bonded }, (_, at) => ({ name: `nic${at}`, type: 'nic', mac: macAt(at) }))
  const members = cards.slice(nics).map(({ name }) => name)
  const bond = { name: 'bond0', type: 'bond', members, mode, ...(mtu === undefined ? {} : { mtu }) }
  const bases = [...cards.slice(0, nics).map(({ name }) => name), ...(bonded > 0 ? ['bond0'] : [])]
  const tagged = vlans.map((id, at) => ({
    name: `vlan${id}`,
    type: 'vlan',
    link: bases[at % bases.length] ?? 'nic0',
    id,
  }))
  const usable = [...bases, ...tagged.map(({ name }) => name)]
  return {
    links: [...cards, ...(bonded > 0 ? [bond] : []), ...tagged],
    networks: networks.map((network, at) => networkAt(network, at, usable[network.on % usable.length] ?? 'nic0')),
  }
})

function networkAt({ method, gateway, route, dns }: Shape['networks'][number], at: number, link: string): JsonObject {
  const isV6 = method !== 'static' && method !== 'dhcp'
  const base = isV6 ? `2001:db8:${at}::` : `10.${at}.0.`
  const server = dns ? { dns: { servers: [`${base}53`] } } : {}
  if (!method.startsWith('static')) return { link, method, ...server }
  const to = isV6 ? `2001:db8:ff${at}::/48` : `172.${16 + at}.0.0/16`
  return {
    ...{ link, method: 'static', address: `${base}10/${isV6 ? 64 : 24}` },
    ...(gateway ? { gateway: `${base}1` } : {}),
    ...(route ? { routes: [{ to, via: `${base}2` }] } : {}),
    ...server,
  }
}

/** What stands in a host's description beside its network, as far as every Linux can be told it. */
export const systemConfigs: fc.Arbitrary<JsonObject> = fc.record(
  {
    hostname: fc.constantFrom('esx01', 'esx01.example.org'),
    timezone: fc.constant('Europe/Berlin'),
    ntp: fc.constant({ servers: ['192.0.2.1', 'pool.ntp.org'] }),
    root: fc.record({ passwordHash: fc.constant(HASH), sshKeys: fc.constant([KEY]) }, { requiredKeys: [] }),
    users: fc.uniqueArray(
      fc.record(
        {
          name: fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/).filter((name) => name !== 'root'),
          description: fc.constant('Somebody'),
          admin: fc.constant(true),
          passwordHash: fc.constant(HASH),
          sshKeys: fc.constant([KEY]),
        },
        { requiredKeys: ['name'] },
      ),
      { maxLength: 2, selector: ({ name }) => name },
    ),
    files: fc.uniqueArray(
      fc.record({ path: fc.constantFrom('/etc/motd', '/etc/issue'), content: fc.string(), mode: fc.constant('0640') }),
      { maxLength: 2, selector: ({ path }) => path },
    ),
    commands: fc.record({
      before: fc.array(fc.string({ minLength: 1 })),
      after: fc.array(fc.string({ minLength: 1 })),
    }),
  },
  { requiredKeys: [] },
)
