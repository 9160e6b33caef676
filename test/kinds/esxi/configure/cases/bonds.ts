import { bond, type Case, type Config, fixed, MANAGED, mac, nic, vlan } from './case.ts'

const cards = [nic('eno1', 0), nic('eno2', 1), nic('eno3', 2), nic('eno4', 3)]
const home = (link: string): Config => fixed(link, '10.0.0.9/24', { ...MANAGED, gateway: '10.0.0.1' })

const single = (mode: string, more: Config = {}): Config => ({
  links: [...cards, bond('bond0', ['eno1', 'eno2'], mode, more)],
  networks: [home('bond0')],
})

/** Several cards as one. */
export const BONDS: readonly Case[] = [
  { name: 'bond-active-backup', config: single('active-backup') },
  { name: 'bond-balance-rr', config: single('balance-rr') },
  { name: 'bond-802.3ad', config: single('802.3ad'), says: 'bond0: a standard switch of ESXi speaks no LACP' },
  ...['balance-xor', 'broadcast', 'balance-tlb', 'balance-alb'].map(
    (mode): Case => ({
      name: `bond-${mode}`,
      config: single(mode),
      ends: 'refused',
      says: `bond0: ESXi has nothing like the bond mode ${mode}, only 802.3ad, active-backup, balance-rr`,
    }),
  ),
  { name: 'bond-address-chooses-the-first-card', config: single('active-backup', { mac: mac(1) }) },
  {
    name: 'bond-of-other-cards-than-the-booted',
    config: {
      links: [...cards, bond('bond0', ['eno3', 'eno4'], 'active-backup')],
      networks: [home('bond0')],
    },
  },
  {
    name: 'bond-with-long-packets',
    config: single('active-backup', { mtu: 9000 }),
  },
  {
    name: 'vlans-on-a-bond',
    config: {
      links: [
        ...cards,
        bond('bond0', ['eno1', 'eno2'], 'active-backup', { mtu: 9000 }),
        vlan('bond0', 10, { mtu: 1500 }),
        vlan('bond0', 20),
      ],
      networks: [home('bond0.10'), fixed('bond0.20', '10.20.0.9/24')],
      portGroups: [{ name: 'VM', link: 'bond0' }],
    },
  },
  {
    name: 'two-bonds',
    config: {
      links: [
        ...cards,
        bond('bond1', ['eno3', 'eno4'], 'balance-rr', { mtu: 9000 }),
        bond('bond0', ['eno1', 'eno2'], 'active-backup'),
        vlan('bond1', 20),
      ],
      networks: [home('bond0'), fixed('bond1.20', '10.20.0.9/24'), fixed('bond1', '10.21.0.9/24')],
    },
  },
  {
    name: 'bond-for-virtual-machines-alone',
    config: {
      links: [...cards, bond('bond0', ['eno2', 'eno3'], '802.3ad', { vswitch: 'guests' }), vlan('bond0', 7)],
      networks: [home('eno1')],
      portGroups: [{ name: 'seven', link: 'bond0.7' }],
    },
  },
  {
    name: 'bond-by-device-names',
    config: {
      links: [
        { type: 'nic', name: 'vmnic0' },
        { type: 'nic', name: 'b', device: 'vmnic5' },
        bond('team', ['b', 'vmnic0'], 'active-backup'),
      ],
      networks: [home('team')],
    },
  },
  {
    name: 'bond-and-its-member-both-used',
    config: {
      links: [...cards, bond('bond0', ['eno1', 'eno2'], 'active-backup')],
      networks: [home('bond0'), fixed('eno2', '10.20.0.9/24')],
    },
    ends: 'refused',
    says: 'both use vmnic1',
  },
  {
    name: 'bond-of-a-bond',
    config: {
      links: [...cards, bond('bond0', ['eno1'], 'active-backup'), bond('bond1', ['bond0'], 'active-backup')],
      networks: [home('bond1')],
    },
    ends: 'refused',
    says: 'bond1: only cards can be members of a bond',
  },
]
