import { automatic, type Case, type Config, fixed } from './case.ts'

/*
 * What esxi-netinit makes of an OpenStack config drive: vSwitch22 with the port group mgmt for the management, vSwitch31 and so on for the
 * rest, port groups called by VLAN or link. A converter sets these names; here they are what it gives.
 */

const vif = (name: string, mac: string, more: Config = {}): Config => ({ type: 'nic', name, mac, ...more })
const vlan = (name: string, link: string, id: number, more: Config = {}): Config => ({
  type: 'vlan',
  name,
  link,
  id,
  mtu: 1450,
  ...more,
})
const mgmt = { management: true, portGroup: 'mgmt' }

const STORAGE_NICS = [
  ['vmnic0', 'd4:04:e6:4f:a4:d4'],
  ['vmnic1', 'd4:04:e6:4f:a4:d5'],
  ['vmnic2', 'd4:04:e6:4f:a4:d6'],
  ['vmnic3', 'd4:04:e6:4f:a4:d7'],
  ['vmnic4', '14:23:f3:f6:d8:20'],
  ['vmnic5', '14:23:f3:f6:d8:21'],
].map(([name = '', mac = '']) => ({ name, mac }))

const VLAN_LINKS = [
  vif('phy0', '52:54:00:00:00:00', { vswitch: 'vSwitch31' }),
  vif('phy1', '52:54:00:00:00:01', { vswitch: 'vSwitch32' }),
  vlan('vlan111', 'phy0', 111),
  vlan('vlan222', 'phy1', 222),
  vlan('vlan444', 'phy0', 444),
]

export const NETINIT: readonly Case[] = [
  {
    // Linux has the VLAN's own address; here esxi-netinit leaves it to ESXi.
    name: 'netinit-vlan-with-an-address-of-its-own',
    config: {
      links: [
        vif('tap0', '52:54:00:00:00:00', { vswitch: 'vSwitch22' }),
        vif('phy1', '52:54:00:00:00:01', { vswitch: 'vSwitch31' }),
        vlan('vlan5', 'phy1', 5, { mac: 'fa:16:3e:00:00:01', vmkMac: 'auto' }),
      ],
      networks: [
        fixed('tap0', '10.0.0.2/24', { ...mgmt, gateway: '10.0.0.1' }),
        fixed('vlan5', '10.5.0.2/24', { portGroup: 'internal_net_vid_5' }),
      ],
    },
  },
  {
    name: 'netinit-single-vif',
    config: {
      hostname: 'test.novalocal',
      dns: { servers: ['8.8.4.4'], search: [] },
      links: [vif('tap0', '52:54:00:00:00:00', { mtu: 1500, vswitch: 'vSwitch22' })],
      networks: [
        fixed('tap0', '192.168.1.55/24', {
          ...mgmt,
          gateway: '192.168.1.1',
          routes: [{ to: '192.168.2.0/24', via: '192.168.1.1' }],
        }),
      ],
    },
  },
  {
    name: 'netinit-multi-phy',
    nics: STORAGE_NICS,
    config: {
      hostname: 'test.novalocal',
      links: [
        vif('tap-mgmt', 'd4:04:e6:4f:a4:d6', { mtu: 9000, vswitch: 'vSwitch22' }),
        vif('tap-stor-100', 'D4:04:E6:4F:A4:D7', { mtu: 9000, vswitch: 'vSwitch31' }),
        vif('tap-stor-101', '14:23:F3:F6:D8:21', { mtu: 9000, vswitch: 'vSwitch32' }),
      ],
      networks: [
        fixed('tap-mgmt', '10.4.9.12/24', { ...mgmt, gateway: '10.4.9.1' }),
        fixed('tap-stor-100', '100.126.64.8/18', {
          portGroup: 'tap-stor-100',
          routes: [{ to: '100.127.0.0/17', via: '100.126.64.5' }],
        }),
        fixed('tap-stor-101', '100.126.192.9/18', {
          portGroup: 'tap-stor-101',
          routes: [{ to: '100.127.128.0/17', via: '100.126.192.5' }],
        }),
      ],
    },
  },
  {
    name: 'netinit-multi-vlan',
    config: {
      links: [vif('tap0', '52:54:00:00:00:02', { mtu: 1450, vswitch: 'vSwitch22' }), ...VLAN_LINKS],
      networks: [
        fixed('tap0', '192.168.100.170/24', { ...mgmt, gateway: '192.168.100.1' }),
        fixed('vlan111', '192.168.111.170/24', { portGroup: 'internal_net_vid_111', gateway: '192.168.111.1' }),
        fixed('vlan222', '192.168.222.170/24', { portGroup: 'internal_net_vid_222' }),
        fixed('vlan444', '192.168.44.170/24', { portGroup: 'internal_net_vid_444' }),
      ],
    },
    says: '192.168.111.1 is not used: ESXi has one gateway, and it is 192.168.100.1',
  },
  {
    name: 'netinit-dhcp',
    config: {
      links: [vif('tap0', '52:54:00:00:00:00', { vswitch: 'vSwitch22' })],
      networks: [automatic('tap0', 'dhcp', mgmt)],
    },
  },
  {
    name: 'netinit-management-is-the-second-network',
    config: {
      links: [
        vif('tap0', '52:54:00:00:00:03', { vswitch: 'vSwitch31' }),
        vif('tap1', '52:54:00:00:00:00', { vswitch: 'vSwitch22' }),
      ],
      networks: [
        fixed('tap0', '172.16.0.2/24', { portGroup: 'tap0' }),
        fixed('tap1', '10.0.0.2/24', { ...mgmt, gateway: '10.0.0.1' }),
      ],
    },
  },
  {
    name: 'netinit-management-on-a-vlan',
    config: {
      links: [vif('phy0', '52:54:00:00:00:01'), vlan('vlan100', 'phy0', 100, { vswitch: 'vSwitch22' })],
      networks: [fixed('vlan100', '10.1.0.2/24', { ...mgmt, gateway: '10.1.0.1' })],
    },
  },
  {
    // There the second of these gets no interface: its switch is too narrow.
    name: 'netinit-later-network-with-longer-packets',
    config: {
      links: [
        vif('phy0', '52:54:00:00:00:00', { mtu: 1450, vswitch: 'vSwitch22' }),
        vlan('vlan7', 'phy0', 7, { mtu: 9000 }),
      ],
      networks: [
        fixed('phy0', '10.0.0.2/24', { ...mgmt, gateway: '10.0.0.1' }),
        fixed('vlan7', '10.7.0.2/24', { portGroup: 'internal_net_vid_7' }),
      ],
    },
  },
  {
    // There it ends with StopIteration when the interface is already made.
    name: 'netinit-no-default-route',
    config: {
      links: [vif('tap0', '52:54:00:00:00:00', { vswitch: 'vSwitch22' })],
      networks: [fixed('tap0', '10.0.0.2/24', mgmt)],
    },
  },
  {
    // There the second port group is refused by ESXi, since it has the name of the first.
    name: 'netinit-two-networks-on-one-vlan',
    config: {
      links: [
        vif('tap0', '52:54:00:00:00:00', { vswitch: 'vSwitch22' }),
        vif('phy1', '52:54:00:00:00:01', { vswitch: 'vSwitch31' }),
        vlan('vlan5', 'phy1', 5),
      ],
      networks: [
        fixed('tap0', '10.0.0.2/24', { ...mgmt, gateway: '10.0.0.1' }),
        fixed('vlan5', '10.5.0.2/24', { portGroup: 'internal_net_vid_5' }),
        fixed('vlan5', '10.5.1.2/24', { portGroup: 'internal_net_vid_5' }),
      ],
    },
  },
]
