import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseYaml } from '../../../../src/commands/config/parse-yaml.ts'
import type { Converted } from '../../../../src/core/config/from/converted.ts'
import { fromNetplan } from '../../../../src/core/config/from/netplan.ts'
import { fromNetworkV1 } from '../../../../src/core/config/from/network-v1.ts'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'
import { isJsonObject, type Json } from '../../../../src/core/json.ts'

const V1 = `
network:
  version: 1
  config:
    - {type: physical, name: eth0, mac_address: '52:54:00:00:00:01', mtu: 9000, subnets: [{type: manual}]}
    - {type: physical, name: eth1, mac_address: '52:54:00:00:00:02', subnets: []}
    - {type: physical, name: vmnic5, subnets: [{type: dhcp4}, {type: ipv6_slaac}]}
    - type: bond
      name: bond0
      mac_address: '52:54:00:00:00:02'
      bond_interfaces: [eth0, eth1]
      mtu: 9000
      params: {bond-mode: active-backup, bond-primary: eth1, bond-miimon: 100}
      subnets:
        - type: static
          address: 192.0.2.10/24
          gateway: 192.0.2.1
          dns_nameservers: [192.0.2.53]
          dns_search: lab.example.org example.org
          routes: [{destination: 10.0.0.0/8, gateway: 192.0.2.2}]
        - {type: static, address: 192.0.2.11, netmask: 255.255.255.0}
        - {type: static6, address: '2001:db8::10/64', gateway: '2001:db8::1'}
    - type: vlan
      name: bond0.100
      vlan_link: bond0
      vlan_id: 100
      subnets: [{type: dhcp6}]
    - {type: nameserver, address: [198.51.100.53], search: [example.com]}
    - {type: route, destination: 172.16.0.0/12, gateway: 192.0.2.3, metric: 5}
`

const NETPLAN = `
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0: {match: {macaddress: '52:54:00:00:00:01'}, set-name: eth0, mtu: 9000}
    eth1: {match: {macaddress: '52:54:00:00:00:02'}}
    vmnic5: {dhcp4: true, accept-ra: true, optional: true}
  bonds:
    bond0:
      interfaces: [eth0, eth1]
      macaddress: '52:54:00:00:00:02'
      mtu: 9000
      parameters: {mode: active-backup, primary: eth1, mii-monitor-interval: 100}
      addresses: [192.0.2.10/24, {192.0.2.11/24: {label: x}}, '2001:db8::10/64']
      routes:
        - {to: default, via: 192.0.2.1}
        - {to: 10.0.0.0/8, via: 192.0.2.2}
        - {to: 172.16.0.0/12, via: 192.0.2.3, metric: 5}
        - {to: '::/0', via: '2001:db8::1'}
      nameservers: {addresses: [192.0.2.53], search: [lab.example.org, example.org]}
  vlans:
    bond0.100: {id: 100, link: bond0, dhcp6: yes}
`

const yaml = (text: string) => parseYaml(text, 'network-config', '1.1')

function inner(text: string): Json {
  const document = yaml(text)
  return (isJsonObject(document) ? document['network'] : undefined) ?? null
}

function read({ config, warnings }: Converted) {
  assert.deepEqual(warnings, [])
  return readHostConfig([config])
}

test('a VLAN may have an address of its own, in either', () => {
  const mac = '02:00:00:00:00:10'
  const v1 = fromNetworkV1({
    version: 1,
    config: [
      { type: 'physical', name: 'eno1', mac_address: '52:54:00:00:00:01' },
      { type: 'vlan', name: 'eno1.10', vlan_link: 'eno1', vlan_id: 10, mac_address: mac },
    ],
  })
  const ethernets = { eno1: { match: { macaddress: '52:54:00:00:00:01' } } }
  const v2 = fromNetplan({ version: 2, ethernets, vlans: { 'eno1.10': { id: 10, link: 'eno1', macaddress: mac } } })
  for (const { config, warnings } of [v1, v2]) {
    assert.deepEqual(warnings, [])
    assert.deepEqual(readHostConfig([config]).links[1]?.mac, mac)
  }
})

describe('one host, from MAAS and from netplan', () => {
  for (const [what, config] of [
    ['v1', read(fromNetworkV1(yaml(V1)))],
    ['v1 without its outer key', read(fromNetworkV1(inner(V1)))],
    ['netplan', read(fromNetplan(yaml(NETPLAN)))],
    ['netplan without its outer key', read(fromNetplan(inner(NETPLAN)))],
  ] as const) {
    test(`${what}: links`, () => {
      const shown = config.links.map((link) => ({
        ...{ name: link.name, type: link.type, mtu: link.mtu },
        more:
          link.type === 'nic'
            ? (link.mac ?? link.device)
            : link.type === 'bond'
              ? [link.mode, ...link.members]
              : [link.link, link.id],
      }))
      assert.deepEqual(shown, [
        { name: 'eth0', type: 'nic', mtu: 9000, more: '52:54:00:00:00:01' },
        { name: 'eth1', type: 'nic', mtu: undefined, more: '52:54:00:00:00:02' },
        { name: 'vmnic5', type: 'nic', mtu: undefined, more: 'vmnic5' },
        { name: 'bond0', type: 'bond', mtu: 9000, more: ['active-backup', 'eth1', 'eth0'] },
        { name: 'bond0.100', type: 'vlan', mtu: undefined, more: ['bond0', 100] },
      ])
    })

    test(`${what}: networks`, () => {
      const shown = config.networks.map(({ link, method, address, gateway, management }) =>
        [link, method, address, gateway, management ? 'management' : ''].filter((part) => part).join(' '),
      )
      assert.deepEqual(shown.toSorted(), [
        'bond0 static 192.0.2.10/24 192.0.2.1 management',
        'bond0 static 192.0.2.11/24',
        'bond0 static 2001:db8::10/64 2001:db8::1',
        'bond0.100 dhcp6',
        'vmnic5 dhcp',
        'vmnic5 slaac',
      ])
      const main = config.networks.find(({ address }) => address === '192.0.2.10/24')
      assert.deepEqual(main?.dns, { servers: ['192.0.2.53'], search: ['lab.example.org', 'example.org'] })
      const routes = config.networks.flatMap((one) => one.routes.map(({ to, via }) => `${to} ${via}`))
      assert.deepEqual(routes.toSorted(), ['10.0.0.0/8 192.0.2.2', '172.16.0.0/12 192.0.2.3'])
    })
  }

  test('servers of v1 that belong to no network are the host’s', () => {
    assert.deepEqual(read(fromNetworkV1(yaml(V1))).dns, {
      servers: ['198.51.100.53'],
      search: ['example.com'],
    })
  })
})

describe('bonds', () => {
  const bond = (params: object) =>
    fromNetworkV1({ config: [{ type: 'bond', name: 'b', bond_interfaces: ['x'], params: params as never }] }).config

  test('may have their mode by number', () => {
    assert.deepEqual(bond({ 'bond-mode': 4 }), {
      links: [{ name: 'b', type: 'bond', members: ['x'], mode: '802.3ad' }],
    })
  })

  test('with a parameter that is not understood are refused by its name', () => {
    assert.throws(() => bond({ 'bond-arp-all-targets': 'any' }), /params\.bond-arp-all-targets is not understood/)
    const netplan = { bonds: { b: { interfaces: ['x'], parameters: { 'learn-packet-interval': 3 } } } }
    assert.throws(() => fromNetplan(netplan), /parameters\.learn-packet-interval is not understood/)
  })
})

describe('what cannot be made is refused, or told', () => {
  test('bridges, tunnels and whatever there will be', () => {
    assert.throws(
      () => fromNetplan({ bridges: { br0: {} } }),
      /^ProvisionError: network-config\.bridges cannot be made/,
    )
    assert.throws(
      () => fromNetworkV1({ config: [{ type: 'bridge', name: 'br0' }] }),
      /config\[0\]\.type bridge is none of physical/,
    )
    assert.throws(
      () => fromNetworkV1({ config: [{ type: 'physical', name: 'a', subnets: [{ type: 'token' }] }] }),
      /token is no way/,
    )
  })

  test('a way without a network', () => {
    assert.throws(
      () => fromNetplan({ ethernets: { a: { gateway4: '192.0.2.1' } } }),
      /ethernets\.a has a way by IPv4, and no such network/,
    )
    const { warnings } = fromNetworkV1({ config: [{ type: 'route', destination: '10.0.0.0/8', gateway: '192.0.2.1' }] })
    assert.deepEqual(warnings, ['network-config.config[0] has no network of its kind, and is left out'])
  })

  test('keys of cards that mean nothing here', () => {
    const { warnings } = fromNetplan({ ethernets: { a: { dhcp4: true, 'receive-checksum-offload': true } } })
    assert.deepEqual(warnings, [
      'network-config.ethernets.a.receive-checksum-offload means nothing here, and is left out',
    ])
  })
})
