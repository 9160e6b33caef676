import type { Mac } from '../identity.ts'

/** The key of metadata, and of what is set for images and the server, below which a host is described. */
export const CONFIG_KEY = 'config'

/**
 * What a host is to be when it is installed, whatever it was described in and whatever will be installed. It is read from a host's
 * metadata, where it stands as `config` in the same form; every value has been checked.
 */
export interface HostConfig {
  /** A name with or without its domain; by default the host's own. */
  readonly hostname: string | undefined
  readonly domain: string | undefined
  /** As in the tz database, `Europe/Berlin`. ESXi knows UTC only. */
  readonly timezone: string | undefined
  readonly dns: Dns
  readonly ntp: { readonly servers: readonly string[] }
  /** What carries networks; whatever a link stands on comes before it. */
  readonly links: readonly Link[]
  readonly networks: readonly Network[]
  /** Networks for virtual machines, on which the host itself has no address. */
  readonly portGroups: readonly PortGroup[]
  readonly root: Login
  readonly users: readonly User[]
  readonly ssh: Service
  readonly shell: Service
  readonly syslog: { readonly servers: readonly string[] }
  readonly certificate: Certificate | undefined
  /** ESXi's, `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`. */
  readonly licence: string | undefined
  /** Linux: the disk that the installer may wipe, `/dev/disk/by-id/nvme-…`. Without one it is the installer's to choose or to ask. */
  readonly installDisk: string | undefined
  readonly datastores: readonly Datastore[]
  /** Options of ESXi's kernel or of sysctl, by name. */
  readonly kernelSettings: Values
  /** ESXi's advanced settings, by path: `/UserVars/SuppressShellWarning`. */
  readonly advancedSettings: Values
  readonly files: readonly WrittenFile[]
  /** Shell commands, by when they run: before the configuration is applied, and after. */
  readonly commands: { readonly before: readonly string[]; readonly after: readonly string[] }
}

export type Values = { readonly [name: string]: string | number | boolean }

export interface Dns {
  readonly servers: readonly string[]
  /** Domains that are tried for names without one. */
  readonly search: readonly string[]
}

export type Link = Nic | Bond | Vlan

interface AnyLink {
  /** What networks and other links call it. */
  readonly name: string
  readonly mtu: number | undefined
  /** ESXi: the virtual switch on it. By default `vSwitch0` for the one with the management, the others in their order. */
  readonly vswitch: string | undefined
}

/** A card, found by its address or by the name that the system gives it. */
export interface Nic extends AnyLink {
  readonly type: 'nic'
  readonly mac: Mac | undefined
  /** `vmnic0`, `eno1`. */
  readonly device: string | undefined
}

/** The modes of Linux's bonding driver. ESXi has a counterpart for some. */
export const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const
export type BondMode = (typeof BOND_MODES)[number]

/** Several cards as one. */
export interface Bond extends AnyLink {
  readonly type: 'bond'
  /** Names of cards, the preferred one first. */
  readonly members: readonly string[]
  readonly mode: BondMode
  readonly mac: Mac | undefined
}

/** A tagged network on a card or bond. */
export interface Vlan extends AnyLink {
  readonly type: 'vlan'
  /** The name of the card or bond. */
  readonly link: string
  /** 1 to 4094. */
  readonly id: number
  readonly mac: Mac | undefined
  /** ESXi: the address of its interface; `auto` is one that ESXi makes. By default {@link Vlan.mac}. */
  readonly vmkMac: Mac | 'auto' | undefined
}

/** An address on a link, or a way to get one. */
export interface Network {
  /** The name of its link. Several networks may have the same. */
  readonly link: string
  readonly method: 'static' | 'dhcp' | 'dhcp6' | 'slaac'
  /** With its prefix, `192.0.2.10/24` or `2001:db8::10/64`; of `static` alone. */
  readonly address: string | undefined
  readonly gateway: string | undefined
  readonly routes: readonly Route[]
  readonly dns: Dns
  /** Whether the host is managed over it. Of all networks exactly one is, if there are any. */
  readonly management: boolean
  /** ESXi: the port group. By default `Management Network` or the link's name, `:1`, `:2` and so on behind it when it is taken. */
  readonly portGroup: string | undefined
}

export interface Route {
  /** Where to, `10.0.0.0/8`. Never the default: that is {@link Network.gateway}. */
  readonly to: string
  readonly via: string
}

export interface PortGroup {
  readonly name: string
  readonly link: string
}

export interface Login {
  /** SHA-512 crypt; never a clear one. */
  readonly passwordHash: string | undefined
  /** Lines of `authorized_keys`. */
  readonly sshKeys: readonly string[]
}

export interface User extends Login {
  readonly name: string
  readonly description: string | undefined
  /** ESXi: the role Admin. Linux: sudo without a password. */
  readonly admin: boolean
}

/** `undefined` leaves what the system has. */
export interface Service {
  readonly enabled: boolean | undefined
}

/** PEM. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** Where a disk is looked for; all that is given must fit. */
export interface DiskMatch {
  readonly serial: string | undefined
  readonly model: string | undefined
  /** In bytes, at least. */
  readonly minSize: number | undefined
  /** ESXi's name of it, `naa.600508b1001c0042`. */
  readonly device: string | undefined
}

/** A VMFS6 datastore. */
export interface Datastore {
  readonly name: string
  /** The one on the disk that ESXi was installed on, grown to the end of that disk; else the disks that it is made on, in order. */
  readonly disks: 'boot' | readonly DiskMatch[]
  /** What becomes of what is on these disks: `none` leaves a disk alone that has partitions, and says so. */
  readonly wipe: 'none' | 'superblock' | 'zero' | 'random'
}

export interface WrittenFile {
  readonly path: string
  readonly content: string
  /** Permissions in octal, `0644`. */
  readonly mode: string
}
