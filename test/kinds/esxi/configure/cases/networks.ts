import { automatic, type Case, fixed, MANAGED, nic, vlan } from './case.ts'

const eno1 = nic('eno1', 0)
const eno2 = nic('eno2', 1)
const home = fixed('eno1', '10.0.0.9/24', { ...MANAGED, gateway: '10.0.0.1' })

/** Addresses, VLANs, routes and names on single cards. */
export const NETWORKS: readonly Case[] = [
  { name: 'as-installed', config: { links: [eno1], networks: [automatic('eno1', 'dhcp', MANAGED)] } },
  { name: 'static', config: { links: [eno1], networks: [home] } },
  { name: 'static-on-another-card', config: { links: [eno2], networks: [{ ...home, link: 'eno2' }] } },
  {
    name: 'card-by-device-name',
    config: {
      links: [{ type: 'nic', name: 'front', device: 'vmnic3' }],
      networks: [{ ...home, link: 'front' }],
    },
  },
  {
    name: 'card-by-its-link-name',
    config: { links: [{ type: 'nic', name: 'vmnic2' }], networks: [automatic('vmnic2', 'dhcp', MANAGED)] },
  },
  {
    name: 'upper-case-address',
    nics: [{ name: 'vmnic0', mac: 'aa:bb:cc:dd:ee:0f' }],
    config: { links: [{ type: 'nic', name: 'eno1', mac: 'AA:BB:CC:DD:EE:0F' }], networks: [home] },
  },
  {
    name: 'management-on-a-vlan',
    config: { links: [eno1, vlan('eno1', 42)], networks: [{ ...home, link: 'eno1.42' }] },
  },
  {
    name: 'two-cards',
    config: {
      links: [eno1, nic('eno2', 1, { mtu: 9000 })],
      networks: [home, fixed('eno2', '10.9.0.9/16')],
    },
  },
  {
    name: 'management-second-in-the-list',
    config: { links: [eno1, eno2], networks: [fixed('eno2', '10.9.0.9/16'), home] },
  },
  {
    name: 'vlans-on-one-card',
    config: {
      links: [eno1, vlan('eno1', 10, { mtu: 9000 }), vlan('eno1', 20)],
      networks: [home, fixed('eno1.10', '10.10.0.9/24'), fixed('eno1.20', '10.20.0.9/24')],
    },
  },
  {
    name: 'vlan-takes-the-length-of-its-card',
    config: {
      links: [eno1, nic('eno2', 1, { mtu: 9000 }), vlan('eno2', 10)],
      networks: [home, fixed('eno2.10', '10.10.0.9/24')],
    },
  },
  {
    name: 'vlan-with-an-address-of-its-own',
    config: {
      links: [eno1, eno2, vlan('eno2', 10, { mac: '02:00:00:00:00:10' })],
      networks: [home, fixed('eno2.10', '10.10.0.9/24')],
    },
  },
  {
    name: 'several-networks-on-a-link',
    config: {
      links: [eno1],
      networks: [home, fixed('eno1', '10.0.1.9/24'), fixed('eno1', '10.0.2.9/24'), automatic('eno1', 'dhcp')],
    },
  },
  {
    name: 'dual-stack',
    config: {
      links: [eno1],
      networks: [home, fixed('eno1', '2001:db8::9/64', { gateway: '2001:db8::1' })],
    },
  },
  {
    name: 'dual-stack-in-port-groups-of-their-own',
    config: {
      links: [eno1],
      networks: [home, fixed('eno1', '2001:db8::9/64', { portGroup: 'six' })],
    },
  },
  {
    name: 'ipv6-only',
    config: {
      links: [eno1],
      networks: [fixed('eno1', '2001:db8::9/64', { ...MANAGED, gateway: '2001:db8::1' })],
    },
  },
  {
    name: 'ipv6-gateway-on-the-link',
    config: { links: [eno1], networks: [home, fixed('eno1', '2001:db8::9/64', { gateway: 'fe80::1' })] },
  },
  {
    name: 'several-ipv6-addresses',
    config: {
      links: [eno1],
      networks: [
        home,
        fixed('eno1', '2001:DB8:0:0::9/64'),
        fixed('eno1', '2001:db8::a/64', { routes: [{ to: '2001:db8:5::/48', via: '2001:db8::1' }] }),
      ],
    },
  },
  { name: 'slaac', config: { links: [eno1], networks: [home, automatic('eno1', 'slaac')] } },
  { name: 'dhcp6', config: { links: [eno1], networks: [home, automatic('eno1', 'dhcp6')] } },
  {
    name: 'dhcp6-on-a-card-of-its-own',
    config: { links: [eno1, eno2], networks: [home, automatic('eno2', 'dhcp6')] },
  },
  { name: 'no-default-route', config: { links: [eno1], networks: [fixed('eno1', '10.0.0.9/24', MANAGED)] } },
  {
    name: 'static-routes',
    config: {
      links: [eno1, eno2],
      networks: [
        { ...home, routes: [{ to: '172.16.0.0/12', via: '10.0.0.254' }] },
        fixed('eno2', '10.9.0.9/16', {
          routes: [
            { to: '192.168.0.0/24', via: '10.9.0.1' },
            { to: '192.168.0.0/24', via: '10.9.0.1' },
          ],
        }),
      ],
    },
  },
  {
    name: 'gateways-of-two-networks',
    config: { links: [eno1, eno2], networks: [fixed('eno2', '10.9.0.9/16', { gateway: '10.9.0.1' }), home] },
    says: '10.9.0.1 is not used: ESXi has one gateway, and it is 10.0.0.1',
  },
  {
    name: 'route-with-bits-of-a-host',
    config: { links: [eno1], networks: [{ ...home, routes: [{ to: '172.16.0.1/12', via: '10.0.0.254' }] }] },
    ends: 'refused',
    says: '172.16.0.1/12 has host bits set',
  },
  {
    name: 'name-servers',
    host: {
      dns: [{ server: '10.0.0.3', source: 'static' }],
      search: ['old.example'],
      vmks: [
        {
          name: 'vmk0',
          mac: '52:54:00:00:00:00',
          mtu: 1500,
          group: 'Management Network',
          tags: ['Management'],
          ipv4: { type: 'DHCP', address: '', netmask: '', peer_dns: false },
          ipv6: { dhcp: false, router: true, addresses: [] },
        },
      ],
    },
    config: {
      hostname: 'esx1',
      domain: 'example.com',
      dns: { servers: ['10.0.0.4'], search: ['example.com'] },
      links: [eno1, eno2],
      networks: [
        { ...home, dns: { servers: ['10.0.0.3', '10.0.0.4'], search: ['example.com', 'example.org'] } },
        fixed('eno2', '10.9.0.9/16', { dns: { servers: ['10.9.0.3'], search: [] } }),
      ],
    },
  },
  {
    name: 'dhcp-with-name-servers-of-its-own',
    config: {
      dns: { servers: ['10.0.0.4'], search: [] },
      links: [eno1],
      networks: [automatic('eno1', 'dhcp', MANAGED)],
    },
  },
  {
    name: 'names-alone',
    config: { hostname: 'esx2.example.com', dns: { servers: [], search: ['example.com'] } },
  },
  {
    name: 'names-of-switches-and-port-groups',
    config: {
      links: [nic('eno1', 0, { vswitch: 'front' }), nic('eno2', 1, { vswitch: 'vSwitch0' }), nic('eno3', 2)],
      networks: [
        { ...home, portGroup: "Operator's net" },
        fixed('eno2', '10.9.0.9/16', { portGroup: 'storage, fast' }),
        fixed('eno3', '10.8.0.9/16'),
      ],
    },
  },
  {
    name: 'virtual-machines-port-groups',
    config: {
      links: [eno1, eno2, vlan('eno2', 100), vlan('eno2', 200), vlan('eno1', 300)],
      networks: [home],
      portGroups: [
        { name: 'VM 100', link: 'eno2.100' },
        { name: 'VM 200', link: 'eno2.200' },
        { name: 'VM 300', link: 'eno1.300' },
        { name: 'trunk', link: 'eno2' },
      ],
    },
  },
  {
    name: 'vlan-of-the-installers-vm-network',
    config: {
      links: [eno1, vlan('eno1', 300)],
      networks: [home],
      portGroups: [{ name: 'VM Network', link: 'eno1.300' }],
    },
  },
  {
    name: 'port-groups-without-networks',
    config: {
      links: [eno1, eno2, vlan('eno1', 100)],
      portGroups: [
        { name: 'VM 100', link: 'eno1.100' },
        { name: 'VM other', link: 'eno2' },
      ],
    },
  },
  {
    name: 'unused-cards-stay-free',
    config: { links: [eno1, eno2, nic('eno3', 2)], networks: [home] },
  },
]
