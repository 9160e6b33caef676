import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Converted } from '../../../../src/core/config/from/converted.ts'
import { fromCurtinStorage } from '../../../../src/core/config/from/curtin-storage.ts'
import { fromNetplan } from '../../../../src/core/config/from/netplan.ts'
import { fromNetworkV1 } from '../../../../src/core/config/from/network-v1.ts'
import { fromOpenStack } from '../../../../src/core/config/from/openstack.ts'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'
import type { Json } from '../../../../src/core/json.ts'
import { type Config, mac, NICS } from './cases/case.ts'
import { STORAGE_HOST } from './cases/storage.ts'
import { expectNetwork } from './expect-network.ts'
import { expectSystem } from './expect-system.ts'
import { type Result, simulate } from './simulate.ts'

const phy = (id: string, card: number, mtu = 1500) => ({
  ...{ id, type: 'phy', ethernet_mac_address: mac(card).toUpperCase(), mtu, vif_id: id },
})
const vlan = (id: string, parent: string, tag: number) => ({
  ...{ id, type: 'vlan', vlan_link: parent, vlan_id: tag, vlan_mac_address: 'fa:16:3e:00:00:01' },
  ...{ ethernet_mac_address: 'fa:16:3e:00:00:02', mtu: 1450, vif_id: id },
})
const ipv4 = (link: string, ip: string, routes: readonly Json[] = []) => ({
  ...{ id: `n-${ip}`, type: 'ipv4', link, ip_address: ip, netmask: '255.255.255.0', network_id: 'x', routes },
})
const everywhere = (gateway: string) => ({ network: '0.0.0.0', netmask: '0.0.0.0', gateway })

const DRIVE = {
  links: [
    phy('tap-0', 2, 1450),
    phy('phy0', 0),
    phy('phy1', 1),
    vlan('v111', 'phy0', 111),
    vlan('v222', 'phy1', 222),
    vlan('v444', 'phy0', 444),
  ],
  networks: [
    ipv4('tap-0', '192.168.100.170', [everywhere('192.168.100.1')]),
    ipv4('v111', '192.168.111.170', [everywhere('192.168.111.1')]),
    ipv4('v222', '192.168.222.170'),
    ipv4('v444', '192.168.44.170'),
  ],
  services: [{ type: 'dns', address: '8.8.4.4' }],
}

const NETPLAN = {
  network: {
    version: 2,
    ethernets: {
      left: { match: { macaddress: mac(0) }, mtu: 9000 },
      right: { match: { macaddress: mac(1) }, mtu: 9000 },
    },
    bonds: {
      team: {
        interfaces: ['left', 'right'],
        parameters: { mode: 'active-backup' },
        mtu: 9000,
        addresses: ['10.0.0.21/24', '2001:db8::21/64'],
        routes: [{ to: 'default', via: '10.0.0.1' }],
        nameservers: { addresses: ['10.0.0.53'], search: ['example.org'] },
      },
    },
    vlans: { storage: { id: 40, link: 'team', addresses: ['10.0.40.21/24'] } },
  },
}

const MAAS = {
  version: 1,
  config: [
    {
      type: 'physical',
      name: 'eno1',
      mac_address: mac(3),
      subnets: [{ type: 'static', address: '10.0.0.31/24', gateway: '10.0.0.1' }],
    },
    { type: 'physical', name: 'eno2', mac_address: mac(4) },
    { type: 'physical', name: 'eno3', mac_address: mac(5) },
    {
      ...{ type: 'bond', name: 'bond0', mac_address: mac(5), bond_interfaces: ['eno2', 'eno3'] },
      ...{ params: { 'bond-mode': '802.3ad' }, subnets: [{ type: 'static', address: '10.1.0.31/24' }] },
    },
    { type: 'vlan', name: 'bond0.9', vlan_link: 'bond0', vlan_id: 9, subnets: [{ type: 'dhcp4' }] },
    { type: 'nameserver', address: ['10.0.0.53'], search: ['example.org'] },
  ],
}

const WAYS: { readonly [name: string]: Converted } = {
  openstack: fromOpenStack({ networkData: DRIVE }),
  netplan: fromNetplan(NETPLAN),
  maas: fromNetworkV1(MAAS),
}

describe('an installed ESXi is what a foreign description says', () => {
  const configs = new Map(
    Object.entries(WAYS).map(([name, { config }]): [string, Config] => [
      name,
      // As it comes in the module: JSON, without what nobody said.
      JSON.parse(JSON.stringify(readHostConfig([config]))),
    ]),
  )
  let results: ReadonlyMap<string, Result>
  before(async () => {
    results = await simulate([...configs].map(([name, config]) => ({ name, config })))
  })

  for (const [name, config] of configs) {
    test(name, () => {
      const { first, second, after } = results.get(name) ?? assert.fail('no result')
      assert.ok(first.ok, first.told.join('\n'))
      expectNetwork(config, NICS, after)
      assert.deepEqual(second.commands, [])
    })
  }

  test('datastores of curtin are on the disks of these serials', async () => {
    const disk = (id: string, serial: string) => ({ id, type: 'disk', serial, ptable: 'gpt', wipe: 'superblock' })
    const partition = (device: string, number: number) => ({
      id: `${device}-part${number}`,
      type: 'partition',
      device,
      number,
    })
    const { config } = fromCurtinStorage({
      version: 1,
      config: [
        { ...disk('sda', 'QM00001'), grub_device: true },
        ...[disk('sdb', 'S45NNA0N'), disk('nvme0n1', 'PHLN123 456')],
        ...[partition('sda', 3), partition('sdb', 1), partition('nvme0n1', 1)],
        { id: 'datastore1', name: 'datastore1', type: 'vmfs6', devices: ['sda-part3'] },
        { id: 'fast', name: 'fast', type: 'vmfs6', devices: ['nvme0n1-part1', 'sdb-part1'] },
      ],
    })
    const described: Config = JSON.parse(JSON.stringify(readHostConfig([config])))
    const ran = await simulate([{ name: 'curtin', config: described, host: STORAGE_HOST }])
    const { first, second, after } = ran.get('curtin') ?? assert.fail('no result')
    assert.ok(first.ok, first.told.join('\n'))
    expectSystem(JSON.parse(JSON.stringify(config)), after)
    assert.deepEqual(
      after.extents.map(({ volume, number, device }) => [volume, number, device]),
      [
        ['datastore1', 0, STORAGE_HOST.disks[0]?.['name']],
        ['fast', 0, 'eui.0025385b71b00001'],
        ['fast', 1, 't10.ATA_____SAMSUNG_MZ7LH960_____________________S45NNA0N'],
      ],
    )
    assert.deepEqual(second.commands, [])
  })

  test('switches, port groups and interfaces have the names that esxi-netinit gives them', () => {
    const { switches, groups, vmks, routes } = results.get('openstack')?.after ?? assert.fail('no result')
    assert.deepEqual(switches.map(({ name, uplinks, mtu }) => [name, uplinks, mtu]).sort(), [
      ['vSwitch22', ['vmnic2'], 1450],
      ['vSwitch31', ['vmnic0'], 1450],
      ['vSwitch32', ['vmnic1'], 1450],
    ])
    assert.deepEqual(groups.map(({ name, vlan: id }) => [name, id]).sort(), [
      ['internal_net_vid_111', 111],
      ['internal_net_vid_222', 222],
      ['internal_net_vid_444', 444],
      ['mgmt', 0],
    ])
    assert.deepEqual(vmks.map(({ name, group, mac: address }) => [name, group, address.slice(0, 8)]).sort(), [
      ['vmk0', 'mgmt', '52:54:00'],
      ['vmk1', 'internal_net_vid_111', '00:50:56'],
      ['vmk2', 'internal_net_vid_222', '00:50:56'],
      ['vmk3', 'internal_net_vid_444', '00:50:56'],
    ])
    assert.deepEqual(
      routes[4].map(({ network, gateway }) => [network, gateway]),
      [['default', '192.168.100.1']],
    )
  })
})
