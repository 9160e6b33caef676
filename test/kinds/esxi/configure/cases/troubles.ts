import { automatic, bond, type Case, type Config, fixed, MANAGED, mac, NICS, nic, vlan } from './case.ts'

const eno1 = nic('eno1', 0)
const eno2 = nic('eno2', 1)
const home = fixed('eno1', '10.0.0.9/24', { ...MANAGED, gateway: '10.0.0.1' })
const SERVER = '192.0.2.5'

/** Untagged on the first two cards is the network of the racks; VLAN 7 is another one, on the second card alone. */
const WORLD = {
  segments: [
    {
      nics: ['vmnic0', 'vmnic1'],
      subnet: '10.0.0.0/24',
      gateway: '10.0.0.1',
      dhcp: '10.0.0.50',
      dns: ['10.0.0.2'],
    },
    { nics: ['vmnic1'], vlans: [7], subnet: '10.7.0.0/24', gateway: '10.7.0.1' },
  ],
}
const world = (config: Config, more: Config = {}) => ({
  server: SERVER,
  host: { world: WORLD, ...more },
  config,
})
const BUSY = 'Sysinfo error: BusySee VMkernel log for details.'
const fail = (match: string, times?: number) => ({ match, text: BUSY, ...(times === undefined ? {} : { times }) })

/** A host that already has more than its installer left: vSwitch1 with vmk1 on the second card. */
const SECOND = {
  switches: [switchOf('vSwitch0', 'vmnic0', 1500), switchOf('vSwitch1', 'vmnic1', 9000)],
  groups: [
    { name: 'VM Network', switch: 'vSwitch0', vlan: 0, clients: 0 },
    { name: 'Management Network', switch: 'vSwitch0', vlan: 0, clients: 0 },
    { name: 'eno2', switch: 'vSwitch1', vlan: 0, clients: 0 },
  ],
  vmks: [
    vmkOf('vmk0', mac(0), 'Management Network', '10.0.0.9', 1500, ['Management']),
    vmkOf('vmk1', mac(1), 'eno2', '10.0.1.9', 9000, ['VMotion']),
  ],
  routes: {
    '4': [
      { network: 'default', netmask: '0.0.0.0', gateway: '10.0.0.1', interface: 'vmk0', source: 'MANUAL' },
      { network: '10.99.0.0', netmask: '255.255.0.0', gateway: '10.0.1.1', interface: 'vmk1', source: 'MANUAL' },
    ],
    '6': [],
  },
}

function switchOf(name: string, uplink: string, mtu: number): Config {
  const security = { forged: true, mac: true, promiscuous: false }
  return { name, ports: 128, mtu, cdp: 'listen', uplinks: [uplink], balancing: 'srcport', active: [uplink], security }
}

function vmkOf(name: string, address: string, group: string, ip: string, mtu: number, tags: readonly string[]): Config {
  const ipv4 = { type: 'STATIC', address: ip, netmask: '255.255.255.0', peer_dns: false }
  return { name, mac: address, mtu, group, tags, ipv4, ipv6: { dhcp: false, router: false, addresses: [] } }
}

const bigChange = {
  links: [nic('eno1', 0, { vswitch: 'front' }), eno2, vlan('eno2', 7)],
  networks: [{ ...home, portGroup: 'mgmt' }, fixed('eno2.7', '10.7.0.9/24')],
}

/** What goes wrong, before anything is done, on the way, or after it. */
export const TROUBLES: readonly Case[] = [
  { name: 'esxcli-needs-a-while', host: { fail: [fail('system version get', 4)] }, config: { hostname: 'esx1' } },
  {
    name: 'esxcli-never-answers',
    host: { fail: [fail('system version get')] },
    config: { hostname: 'esx1' },
    ends: 'refused',
    says: 'esxcli does not answer',
  },
  {
    name: 'card-is-absent',
    config: { links: [{ type: 'nic', name: 'eno9', mac: '52:54:00:00:00:99' }], networks: [{ ...home, link: 'eno9' }] },
    ends: 'refused',
    says: 'eno9: no card with the address 52:54:00:00:00:99; there are: vmnic0 52:54:00:00:00:00',
  },
  {
    name: 'device-is-absent',
    config: { links: [{ type: 'nic', name: 'eno9', device: 'vmnic9' }], networks: [{ ...home, link: 'eno9' }] },
    ends: 'refused',
    says: 'eno9: no card is called vmnic9',
  },
  {
    name: 'two-cards-with-one-address',
    nics: [...NICS, { name: 'vmnic6', mac: mac(0) }],
    config: { links: [eno1], networks: [home] },
    ends: 'refused',
    says: 'eno1: 2 cards with the address',
  },
  {
    name: 'link-is-unknown',
    config: { links: [eno1], networks: [{ ...home, link: 'eno5' }] },
    ends: 'refused',
    says: 'there is no link eno5',
  },
  {
    name: 'card-in-two-links',
    config: { links: [eno1, nic('eno1b', 0)], networks: [home, fixed('eno1b', '10.9.0.9/16')] },
    ends: 'refused',
    says: 'eno1 and eno1b both use vmnic0',
  },
  {
    name: 'vlan-in-a-vlan',
    config: {
      links: [eno1, vlan('eno1', 5), { type: 'vlan', name: 'inner', link: 'eno1.5', id: 6 }],
      networks: [home, fixed('inner', '10.9.0.9/16')],
    },
    ends: 'refused',
    says: 'inner: a VLAN in a VLAN is not known to ESXi',
  },
  {
    name: 'port-group-on-two-links',
    config: {
      links: [eno1, eno2],
      networks: [{ ...home, portGroup: 'net' }, fixed('eno2', '10.9.0.9/16', { portGroup: 'net' })],
    },
    ends: 'refused',
    says: 'port group net is to be on two links',
  },
  {
    name: 'port-group-of-virtual-machines-with-a-taken-name',
    config: { links: [eno1, eno2], networks: [home], portGroups: [{ name: 'Management Network', link: 'eno2' }] },
    ends: 'refused',
    says: 'two port groups are called Management Network',
  },
  {
    name: 'switch-with-two-cards-that-are-no-bond',
    config: {
      links: [nic('eno1', 0, { vswitch: 'one' }), nic('eno2', 1, { vswitch: 'one' })],
      networks: [home, fixed('eno2', '10.9.0.9/16')],
    },
    ends: 'refused',
    says: 'one is to have several cards or bonds',
  },
  { name: 'server-stays-in-reach', ...world({ links: [eno1], networks: [home] }) },
  {
    name: 'wrong-vlan',
    ...world({ links: [eno1, vlan('eno1', 99)], networks: [{ ...home, link: 'eno1.99' }] }),
    ends: 'back',
    says: 'the server was not reached within 90 seconds after the change; the network is as it was',
  },
  {
    name: 'wrong-gateway',
    ...world({ links: [eno1], networks: [{ ...home, gateway: '10.0.0.254' }] }),
    ends: 'back',
    says: 'the server was not reached',
  },
  {
    name: 'card-without-a-cable',
    nics: NICS.map((card) => (card.name === 'vmnic1' ? { ...card, link: 'Down' } : card)),
    ...world({ links: [eno1, eno2], networks: [{ ...home, link: 'eno2' }] }),
    ends: 'back',
  },
  {
    name: 'everything-else-is-other-and-wrong',
    ...world({
      links: [
        eno1,
        eno2,
        bond('bond0', ['eno1', 'eno2'], 'active-backup', { vswitch: 'vSwitch22', mtu: 9000 }),
        vlan('bond0', 99),
      ],
      networks: [fixed('bond0.99', '10.0.0.9/24', { ...MANAGED, gateway: '10.0.0.1', portGroup: 'mgmt' })],
      dns: { servers: ['10.0.0.4'], search: ['example.com'] },
    }),
    ends: 'back',
  },
  {
    name: 'a-bond-with-one-good-cable',
    nics: NICS.map((card) => (card.name === 'vmnic0' ? { ...card, link: 'Down' } : card)),
    ...world({
      links: [eno1, eno2, bond('bond0', ['eno1', 'eno2'], 'active-backup')],
      networks: [{ ...home, link: 'bond0' }],
    }),
  },
  {
    name: 'from-the-wrong-card-to-dhcp-on-the-booted',
    ...world(
      { boot_mac: mac(1), links: [eno1], networks: [{ ...home, gateway: '10.0.0.254' }] },
      { switches: [switchOf('vSwitch0', 'vmnic5', 1500)] },
    ),
    ends: 'partly',
    says: 'the network is DHCP on 52:54:00:00:00:01',
  },
  ...[
    ['failing-new-switch', 'vswitch standard add'],
    ['failing-port-group', 'portgroup add --portgroup-name=mgmt'],
    ['failing-removal', 'interface remove'],
    ['failing-address', '--ipv4=10.0.0.9'],
    ['failing-gateway', 'route ipv4 add'],
    ['failing-second-interface', 'interface add --interface-name=vmk1'],
  ].map(
    ([name = '', match = '']): Case => ({
      name,
      ...world(bigChange, { fail: [fail(match)] }),
      ends: 'back',
      says: BUSY,
    }),
  ),
  {
    name: 'failing-interface',
    ...world(bigChange, { fail: [fail('interface add --interface-name=vmk0', 1)] }),
    ends: 'back',
    says: BUSY,
  },
  {
    name: 'failing-on-the-way-back-as-well',
    ...world(bigChange, { fail: [fail('--ipv4=10.0.0.9'), fail('vswitch standard remove --vswitch-name=front')] }),
    ends: 'partly',
    says: 'not all of the network could be put back',
  },
  {
    name: 'answer-that-nobody-understands',
    ...world(bigChange, { fail: [{ match: 'route ipv4 list', skip: 1, times: 1, answer: 'Unheard\n-------\nof\n' }] }),
    ends: 'back',
    says: 'network: KeyError: ',
  },
  {
    name: 'interface-without-ipv6-on-the-host',
    host: { ipv6: false },
    config: { links: [eno1], networks: [home, fixed('eno1', '2001:db8::9/64')] },
    ends: 'back',
    says: 'IPv6 is not enabled',
  },
  {
    name: 'gateway-out-of-reach',
    config: { links: [eno1], networks: [{ ...home, gateway: '10.99.0.1' }] },
    ends: 'back',
    says: 'Network is unreachable',
  },
  {
    name: 'virtual-machines-on-a-switch-that-must-go',
    host: {
      groups: [
        { name: 'VM Network', switch: 'vSwitch0', vlan: 0, clients: 2 },
        { name: 'Management Network', switch: 'vSwitch0', vlan: 0, clients: 0 },
      ],
    },
    config: { links: [nic('eno1', 0, { vswitch: 'front' })], networks: [home] },
    ends: 'back',
    says: BUSY,
  },
  {
    name: 'more-than-the-installer-left',
    host: SECOND,
    config: {
      links: [eno1, nic('eno2', 1, { mtu: 1500 })],
      networks: [home, fixed('eno2', '10.0.1.10/24')],
    },
  },
  {
    name: 'interfaces-change-their-addresses',
    host: SECOND,
    config: {
      links: [eno1, eno2],
      networks: [{ ...home, address: '10.0.1.9/24', gateway: '10.0.1.1' }, fixed('eno2', '10.0.0.9/24')],
    },
  },
  { name: 'an-interface-too-many', host: SECOND, config: { links: [eno1], networks: [home] } },
  {
    name: 'two-switches-become-a-bond',
    host: SECOND,
    config: {
      links: [eno1, eno2, bond('bond0', ['eno1', 'eno2'], 'active-backup')],
      networks: [{ ...home, link: 'bond0' }],
    },
  },
  {
    name: 'management-moves-to-the-second-card',
    host: SECOND,
    config: {
      links: [eno1, eno2],
      networks: [fixed('eno1', '10.0.0.9/24'), automatic('eno2', 'dhcp', MANAGED)],
    },
  },
]
