/** JSON with the keys of a host's configuration; what is left out is not said. */
export type Config = { readonly [key: string]: unknown }

export interface HostNic {
  readonly name: string
  readonly mac: string
  readonly link?: 'Up' | 'Down'
}

/** One host with one configuration, and how it ends. */
export interface Case {
  /** The name of its golden file as well. */
  readonly name: string
  readonly nics?: readonly HostNic[]
  /** What differs from a host as ESXi's installer leaves it. */
  readonly host?: Config
  readonly config: Config
  /** What the host was made before. */
  readonly earlier?: Config
  /** The server's address: it is there and can be out of reach. */
  readonly server?: string
  /**
   * `done` when the host becomes what the configuration says; `refused` when nothing is changed; `back` when the network is as it was;
   * `partly` when all but one step was done.
   */
  readonly ends?: 'done' | 'refused' | 'back' | 'partly'
  /** A part of what the server is told. */
  readonly says?: string
}

/** The address of the card with a number. */
export function mac(number: number): string {
  return `52:54:00:00:00:0${number}`
}

/** Six cards, vmnic0 to vmnic5. */
export const NICS: readonly HostNic[] = [0, 1, 2, 3, 4, 5].map((number) => ({
  name: `vmnic${number}`,
  mac: mac(number),
}))

export function nic(name: string, number: number, more: Config = {}): Config {
  return { type: 'nic', name, mac: mac(number), ...more }
}

export function bond(name: string, members: readonly string[], mode: string, more: Config = {}): Config {
  return { type: 'bond', name, members, mode, ...more }
}

export function vlan(link: string, id: number, more: Config = {}): Config {
  return { type: 'vlan', name: `${link}.${id}`, link, id, ...more }
}

export function fixed(link: string, address: string, more: Config = {}): Config {
  return { link, method: 'static', address, management: false, routes: [], dns: { servers: [], search: [] }, ...more }
}

export function automatic(link: string, method: 'dhcp' | 'dhcp6' | 'slaac', more: Config = {}): Config {
  return { link, method, management: false, routes: [], dns: { servers: [], search: [] }, ...more }
}

/** Over which the host is managed. */
export const MANAGED: Config = { management: true }
