import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromOpenStack } from '../../../../src/core/config/from/openstack.ts'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'
import type { Json, JsonObject } from '../../../../src/core/json.ts'

const phy = (id: string, mac: string, mtu = 1500) => ({ id, type: 'phy', ethernet_mac_address: mac, mtu, vif_id: id })
const vlan = (id: string, parent: string, tag: number) => ({
  ...{ id, type: 'vlan', vlan_link: parent, vlan_id: tag, vlan_mac_address: 'fa:16:3e:00:00:01' },
  ...{ ethernet_mac_address: 'fa:16:3e:00:00:02', mtu: 1450, vif_id: id },
})
const network = (link: string, ip: string, routes: readonly Json[] = []) => ({
  ...{ id: `n-${ip}`, type: 'ipv4', link, ip_address: ip, netmask: '255.255.255.0', network_id: 'x', routes },
})
const everywhere = (gateway: string) => ({ network: '0.0.0.0', netmask: '0.0.0.0', gateway })

function read(networkData: Json, metaData?: Json) {
  const { config, warnings } = fromOpenStack(metaData === undefined ? { networkData } : { metaData, networkData })
  return { config: readHostConfig([config]), warnings }
}

test('one card, with a route, a default route and DNS', () => {
  const { config, warnings } = read({
    links: [{ ...phy('tap-1', 'FA:16:3E:05:30:FE'), type: 'vif' }],
    networks: [
      network('tap-1', '192.168.1.10', [
        { network: '192.168.2.0', netmask: '255.255.255.0', gateway: '192.168.1.254' },
        everywhere('192.168.1.1'),
      ]),
    ],
    services: [{ type: 'dns', address: '8.8.4.4' }],
  })
  assert.deepEqual(warnings, [])
  assert.deepEqual(config.dns.servers, ['8.8.4.4'])
  const [only] = config.networks
  assert.equal(only?.address, '192.168.1.10/24')
  assert.equal(only?.gateway, '192.168.1.1')
  assert.deepEqual(only?.routes, [{ to: '192.168.2.0/24', via: '192.168.1.254' }])
  assert.equal(only?.management, true)
  assert.equal(only?.portGroup, 'mgmt')
  assert.equal(config.links[0]?.vswitch, 'vSwitch22')
})

test('several cards, each with a switch of its own, and routes by netmask', () => {
  const storage = (gateway: string, to: string) => ({ network: to, netmask: '255.255.128.0', gateway })
  const { config } = read({
    links: [
      phy('tap-mgmt', 'd4:04:e6:4f:a4:d6', 9000),
      phy('tap-stor-100', 'D4:04:E6:4F:A4:D7', 9000),
      phy('tap-stor-101', '14:23:F3:F6:D8:20', 9000),
    ],
    networks: [
      network('tap-mgmt', '192.168.100.10', [everywhere('192.168.100.1')]),
      network('tap-stor-100', '100.126.64.10', [storage('100.126.64.5', '100.127.0.0')]),
      network('tap-stor-101', '100.126.192.10', [storage('100.126.192.5', '100.127.128.0')]),
    ],
  })
  assert.deepEqual(
    config.links.map(({ vswitch, mtu }) => [vswitch, mtu]),
    [
      ['vSwitch22', 9000],
      ['vSwitch31', 9000],
      ['vSwitch32', 9000],
    ],
  )
  assert.deepEqual(
    config.networks.map(({ portGroup, routes }) => [portGroup, routes[0]?.to]),
    [
      ['mgmt', undefined],
      ['tap-stor-100', '100.127.0.0/17'],
      ['tap-stor-101', '100.127.128.0/17'],
    ],
  )
})

test('VLANs share the switch of their card, and only the first default route counts', () => {
  const { config, warnings } = read({
    links: [
      phy('m', '52:54:00:00:00:01'),
      phy('a', '52:54:00:00:00:02'),
      phy('b', '52:54:00:00:00:03'),
      vlan('va', 'a', 111),
      vlan('vb', 'b', 222),
      vlan('vc', 'a', 444),
    ],
    networks: [
      network('m', '192.168.100.10', [everywhere('192.168.100.1')]),
      network('va', '10.0.1.10'),
      network('vb', '10.0.2.10', [everywhere('10.0.2.1')]),
      network('vc', '10.0.4.10'),
    ],
  })
  const switches = Object.fromEntries(config.links.map(({ name, vswitch }) => [name, vswitch]))
  assert.equal(switches['m'], 'vSwitch22')
  const tagged = config.links.find(({ name }) => name === 'va')
  assert.ok(tagged?.type === 'vlan')
  assert.deepEqual([tagged.mac, tagged.vmkMac], ['fa:16:3e:00:00:01', 'auto'], 'for Linux, and as esxi-netinit has it')
  assert.equal(switches['a'], 'vSwitch31')
  assert.equal(switches['b'], 'vSwitch32')
  assert.deepEqual(
    config.networks.map(({ portGroup, gateway }) => [portGroup, gateway]),
    [
      ['mgmt', '192.168.100.1'],
      ['internal_net_vid_111', undefined],
      ['internal_net_vid_222', undefined],
      ['internal_net_vid_444', undefined],
    ],
  )
  assert.match(warnings.join(), /networks\[2\] has a default route, and another network has it already/)
})

test('the management is the first network with a default route, and keeps its place', () => {
  const { config } = read({
    links: [phy('a', '52:54:00:00:00:01'), phy('b', '52:54:00:00:00:02')],
    networks: [network('a', '10.0.1.10'), network('b', '10.0.2.10', [everywhere('10.0.2.1')])],
  })
  assert.deepEqual(
    config.networks.map(({ management, portGroup }) => [management, portGroup]),
    [
      [false, 'a'],
      [true, 'mgmt'],
    ],
  )
  assert.deepEqual(
    config.links.map(({ vswitch }) => vswitch),
    ['vSwitch31', 'vSwitch22'],
  )
})

test('numbers may be texts, and services that are no DNS are named', () => {
  const link = { ...phy('a', '52:54:00:00:00:01'), mtu: '9000' }
  const { config, warnings } = read({
    links: [link, { ...vlan('v', 'a', 7), vlan_id: '7' }],
    networks: [{ ...network('v', '10.0.0.5'), services: [{ type: 'ntp', address: '10.0.0.1' }] }],
    services: [{ type: 'ntp', address: '10.0.0.1' }],
  })
  const [card, tagged] = config.links
  assert.ok(tagged?.type === 'vlan')
  assert.deepEqual([card?.mtu, tagged.id], [9000, 7])
  assert.deepEqual(warnings, [
    'network_data.services[0].type ntp means nothing here, and is left out',
    'network_data.networks[0].services[0].type ntp means nothing here, and is left out',
  ])
})

test('IPv4 and IPv6 on a link are one interface, and a further IPv4 address has one of its own', () => {
  const { config } = read({
    links: [phy('a', '52:54:00:00:00:01')],
    networks: [
      { type: 'ipv6_slaac', link: 'a' },
      network('a', '10.0.1.10', [everywhere('10.0.1.1')]),
      network('a', '10.0.2.10'),
      { ...network('a', '2001:db8::5'), type: 'ipv6', netmask: '64' },
    ],
  })
  assert.deepEqual(
    config.networks.map(({ portGroup }) => portGroup),
    ['mgmt', 'mgmt', 'a', 'mgmt'],
  )
})

test('a default route of either kind of address counts, the first of each', () => {
  const v6 = { ...network('b', '2001:db8::10'), type: 'ipv6', netmask: '64' }
  const way = (gateway: string) => ({ network: '::', netmask: '::', gateway })
  const { config, warnings } = read({
    links: [phy('a', '52:54:00:00:00:01'), phy('b', '52:54:00:00:00:02')],
    networks: [
      network('a', '10.0.1.10', [everywhere('10.0.1.1')]),
      { ...v6, routes: [way('2001:db8::1')] },
      { ...v6, ip_address: '2001:db8::11', routes: [way('2001:db8::2')] },
    ],
  })
  assert.deepEqual(
    config.networks.map(({ gateway }) => gateway),
    ['10.0.1.1', '2001:db8::1', undefined],
  )
  assert.match(warnings.join(), /^network_data\.networks\[2\] has a default route, and another network has it already/)
})

describe('what esxi-netinit cannot do', () => {
  const links = [phy('a', '52:54:00:00:00:01'), phy('b', '52:54:00:00:00:02')]

  test('bonds', () => {
    const bond = {
      id: 'bond0',
      type: 'bond',
      bond_links: ['a', 'b'],
      bond_mode: '802.3ad',
      bond_miimon: 100,
      mtu: 9000,
    }
    const { config, warnings } = read({ links: [bond, ...links], networks: [network('bond0', '10.0.0.5')] })
    const made = config.links.at(-1)
    assert.ok(made?.type === 'bond')
    assert.deepEqual([made.members, made.mode, made.mtu], [['a', 'b'], '802.3ad', 9000])
    assert.deepEqual(warnings, [])
  })

  test('IPv6 in all its ways, and DNS of a network', () => {
    const v6 = { ...network('a', '2001:db8::10'), type: 'ipv6', netmask: 'ffff:ffff:ffff:ffff::' }
    const { config } = read({
      links,
      networks: [
        {
          ...v6,
          routes: [{ network: '::', netmask: '::', gateway: '2001:db8::1' }],
          services: [{ type: 'dns', address: '2001:db8::53' }],
        },
        { type: 'ipv6_dhcp', link: 'b' },
        { type: 'ipv6_slaac', link: 'b' },
        { type: 'ipv4_dhcp', link: 'b' },
      ],
    })
    assert.deepEqual(
      config.networks.map(({ method, address, gateway, portGroup }) => [method, address, gateway, portGroup]),
      [
        ['static', '2001:db8::10/64', '2001:db8::1', 'mgmt'],
        ['dhcp6', undefined, undefined, 'b'],
        ['slaac', undefined, undefined, 'b'],
        ['dhcp', undefined, undefined, 'b'],
      ],
    )
    assert.deepEqual(config.networks[0]?.dns.servers, ['2001:db8::53'])
  })

  test('a VLAN before its card, no default route, no networks', () => {
    assert.equal(
      read({ links: [vlan('v', 'a', 7), ...links], networks: [network('v', '10.0.0.5')] }).config.networks.length,
      1,
    )
    assert.deepEqual(read({}).config.networks, [])
  })

  test('keys, passwords and names', () => {
    const { config, warnings } = fromOpenStack({
      metaData: {
        ...{ uuid: 'x', hostname: 'esx01.example.org', admin_pass: 'clear', project_id: 'p', launch_index: 0 },
        public_keys: { mine: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me\n' },
        keys: [{ name: 'mine', type: 'ssh', data: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me' }],
        color: 'red',
      },
    })
    assert.equal(config['hostname'], 'esx01.example.org')
    assert.deepEqual(config['root'], {
      password: 'clear',
      sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me'],
    })
    assert.deepEqual(warnings, ['meta_data.color means nothing here, and is left out'])
  })
})

describe('it says by path what is wrong', () => {
  const link = phy('a', '52:54:00:00:00:01')
  const wrong: readonly (readonly [string, JsonObject, RegExp])[] = [
    ['no link', { networks: [{ type: 'ipv4_dhcp' }] }, /^network_data\.networks\[0\] needs link$/],
    ['an unknown link', { networks: [{ type: 'ipv4_dhcp', link: 'z' }] }, /^config\.networks\[0\]\.link z is no link$/],
    [
      'an unknown type',
      { links: [link], networks: [{ type: 'ipx', link: 'a' }] },
      /^network_data\.networks\[0\]\.type ipx is none of/,
    ],
    [
      'no netmask',
      { links: [link], networks: [{ type: 'ipv4', link: 'a', ip_address: '10.0.0.1' }] },
      /networks\[0\] needs netmask$/,
    ],
    [
      'a wrong netmask',
      { links: [link], networks: [{ type: 'ipv4', link: 'a', ip_address: '10.0.0.1', netmask: '255.0.255.0' }] },
      /networks\[0\]\.netmask 255\.0\.255\.0 is no netmask$/,
    ],
    [
      'a VLAN of nothing',
      { links: [{ id: 'v', type: 'vlan', vlan_id: 3 }] },
      /^network_data\.links\[0\] needs vlan_link$/,
    ],
    ['links that are none', { links: 'x' }, /^network_data\.links must be a list$/],
    [
      'host bits in a route',
      {
        links: [link],
        networks: [network('a', '10.0.0.1', [{ network: '10.1.0.1', netmask: '255.255.0.0', gateway: '10.0.0.2' }])],
      },
      /routes\[0\]\.to .* nothing behind its prefix of 16$/,
    ],
  ]
  for (const [what, data, message] of wrong) {
    test(what, () => assert.throws(() => read(data), { name: 'ProvisionError', message }))
  }
})
