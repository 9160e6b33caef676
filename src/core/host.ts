import { ProvisionError } from './errors.ts'
import { type Identity, quoted } from './identity.ts'
import type { JsonObject } from './json.ts'
import type { Plan } from './plan.ts'
import type { Attempts } from './watch/loops.ts'

/** KIWIspray's ids: small numbers, given in order of discovery. */
export type HostId = number

export const HOST_STATES = ['new', 'assigned', 'installing', 'finished', 'failed'] as const

/** Where a host stands: see the table in lifecycle.ts. */
export type HostState = (typeof HOST_STATES)[number]

/** A state in which nothing waits to be installed. */
export type RestState = Exclude<HostState, 'assigned' | 'installing'>

export const LOCAL_BOOTS = ['auto', 'exit', 'sanboot', 'poweroff'] as const

/** How a finished host leaves iPXE for its disk; `auto` chooses by firmware. */
export type LocalBoot = (typeof LOCAL_BOOTS)[number]

export const FIRMWARE_BOOTS = ['ipxe', 'http'] as const

/** What DHCP gives a host's firmware: iPXE, or by its own HTTP boot the loader of what it installs. */
export type FirmwareBoot = (typeof FIRMWARE_BOOTS)[number]

/** What the host's firmware said of itself at its last boot; empty texts where it said nothing. */
export interface Firmware {
  /** iPXE's `platform`: `pcbios` or `efi`. */
  readonly platform: string
  /** iPXE's `buildarch`: `i386`, `x86_64`, `arm64`. */
  readonly arch: string
  readonly manufacturer: string
  readonly product: string
  /** iPXE's own version. */
  readonly ipxe: string
}

/** One bare machine, as the server knows it. */
export interface Host extends Identity {
  readonly id: HostId
  readonly hostname: string | undefined
  readonly state: HostState
  /** The images still to be applied, and the state after the last one. */
  readonly plan: Plan
  /** The state that the host returns to when its waiting plan expires. */
  readonly rest: RestState
  /** Rises with every change of the plan, so that a callback of a boot that served another plan is known to be stale. */
  readonly revision: number
  /** When a waiting plan becomes void, in ms since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
  readonly protected: boolean
  readonly metadata: JsonObject
  readonly localBoot: LocalBoot
  readonly firmwareBoot: FirmwareBoot
  readonly firmware: Firmware | undefined
  /** The address from which it was last heard, for people only: a host is never found by its address. */
  readonly address: string | undefined
  /** The newest boot that made progress; older ones are dead. 0 before any did. */
  readonly progress: number
  /** The boots in which its present install began; `undefined` before the first. */
  readonly attempts: Attempts | undefined
  /** Why it failed. */
  readonly reason: string | undefined
  readonly createdAt: number
  /** When it last asked `/bootstrap`, in ms since 1970. */
  readonly seenAt: number | undefined
}

/** The name by which messages call a host. */
export function nameOf(host: Pick<Host, 'id' | 'hostname'>): string {
  return host.hostname === undefined ? `host ${host.id}` : `host ${host.id} (${host.hostname})`
}

/**
 * Reads a host name: labels of letters, digits and dashes (RFC 1123), not digits alone, which would name a host id.
 * @returns `undefined` for the empty text, which takes the name away
 * @throws {ProvisionError} invalid
 */
export function readHostname(text: string): string | undefined {
  const name = text.trim().toLowerCase()
  if (name === '') return undefined
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
  if (!new RegExp(`^${label}(?:\\.${label})*$`).test(name) || name.length > 253) {
    throw new ProvisionError('invalid', `${quoted(text)} is not a host name`)
  }
  if (/^\d+$/.test(name)) throw new ProvisionError('invalid', `${quoted(text)} would be taken for a host id`)
  return name
}

/** A host nobody has seen before. */
export function newHost(identity: Identity, now: number): Omit<Host, 'id'> {
  return {
    ...identity,
    hostname: undefined,
    state: 'new',
    plan: { images: [], end: 'finished' },
    rest: 'new',
    revision: 0,
    expiresAt: undefined,
    protected: false,
    metadata: {},
    localBoot: 'auto',
    firmwareBoot: 'ipxe',
    firmware: undefined,
    address: undefined,
    progress: 0,
    attempts: undefined,
    reason: undefined,
    createdAt: now,
    seenAt: undefined,
  }
}
