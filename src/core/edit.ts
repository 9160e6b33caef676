import { ProvisionError } from './errors.ts'
import type { NewEvent } from './event.ts'
import { type FirmwareBoot, type Host, type LocalBoot, nameOf, readHostname } from './host.ts'
import type { JsonObject } from './json.ts'
import { nextState } from './lifecycle.ts'
import { formatPlan, type Plan } from './plan.ts'
import { changeSettings, describeChanges, type SettingChange } from './setting.ts'

/** What an operator's edit makes of a host. */
export interface HostChange {
  readonly host: Host
  readonly events: readonly NewEvent[]
}

/**
 * Gives a host a plan; a plan without images makes it `new` or `finished` at once.
 * @param expiresAt when the plan becomes void unless a boot came, in ms since 1970
 * @throws {ProvisionError} conflict, when the host is protected
 */
export function assign(host: Host, plan: Plan, expiresAt?: number): HostChange {
  refuseProtected(host)
  if (plan.images.length === 0) return rest(host, plan)
  const until = expiresAt === undefined ? '' : `, void from ${new Date(expiresAt).toISOString()}`
  return {
    host: {
      ...host,
      state: nextState(host, 'assign'),
      plan,
      rest: restOf(host),
      revision: host.revision + 1,
      expiresAt,
      reason: undefined,
    },
    events: [{ type: 'assigned', text: `plan is ${formatPlan(plan)}${until}` }],
  }
}

function rest(host: Host, plan: Plan): HostChange {
  const state = nextState(host, plan.end === 'new' ? 'reset' : 'settle')
  return {
    host: { ...host, state, plan, revision: host.revision + 1, expiresAt: undefined, reason: undefined },
    events: [{ type: 'assigned', text: `set to ${state} by an operator` }],
  }
}

function refuseProtected(host: Host): void {
  if (host.protected) throw new ProvisionError('conflict', `${nameOf(host)} is protected; unprotect it first`)
}

/** An install that was cut off by a new plan leaves nobody knows what on the disk: that host rests as failed. */
function restOf(host: Host): Host['rest'] {
  if (host.state === 'assigned') return host.rest
  return host.state === 'installing' ? 'failed' : host.state
}

/**
 * Lets a failed host have its plan again.
 * @throws {ProvisionError} conflict, when it did not fail, is protected, or its plan became void
 */
export function retry(host: Host): HostChange {
  refuseProtected(host)
  const state = nextState(host, 'retry')
  if (host.plan.images.length === 0) {
    throw new ProvisionError('conflict', `${nameOf(host)} has no plan to try again; assign one`)
  }
  return {
    host: { ...host, state, rest: 'failed', revision: host.revision + 1, reason: undefined },
    events: [{ type: 'assigned', text: `plan ${formatPlan(host.plan)} is tried again` }],
  }
}

/**
 * Refuses every plan from now on.
 * @throws {ProvisionError} conflict, while a plan waits or runs: whether that one still counts must not be left open
 */
export function protect(host: Host): HostChange {
  if (host.protected) return { host, events: [] }
  if (host.state === 'assigned' || host.state === 'installing') {
    throw new ProvisionError(
      'conflict',
      `${nameOf(host)} is ${host.state}; set it to finished or new before protecting it`,
    )
  }
  return {
    host: { ...host, protected: true },
    events: [{ type: 'protected', text: 'no plan is accepted from now on' }],
  }
}

export function unprotect(host: Host): HostChange {
  if (!host.protected) return { host, events: [] }
  return { host: { ...host, protected: false }, events: [{ type: 'unprotected', text: 'plans are accepted again' }] }
}

/** @throws {ProvisionError} invalid, when it is no host name */
export function rename(host: Host, name: string): HostChange {
  const hostname = readHostname(name)
  if (hostname === host.hostname) return { host, events: [] }
  const text = hostname === undefined ? 'name taken away' : `name is now ${hostname}`
  return { host: { ...host, hostname }, events: [{ type: 'edited', text }] }
}

export function setMetadata(host: Host, metadata: JsonObject): HostChange {
  return { host: { ...host, metadata }, events: [{ type: 'edited', text: 'metadata replaced' }] }
}

/**
 * Sets values in a host's metadata and takes others away. Events are kept for good, so they name the paths and no values.
 * @throws {ProvisionError} conflict, when a value that is no object stands in the way of another
 */
export function editMetadata(host: Host, changes: readonly SettingChange[]): HostChange {
  const metadata = changeSettings(host.metadata, changes)
  const told = describeChanges(host.metadata, metadata, changes)
  if (told.length === 0) return { host, events: [] }
  return { host: { ...host, metadata }, events: [{ type: 'edited', text: `metadata: ${told.join(', ')}` }] }
}

export function setLocalBoot(host: Host, localBoot: LocalBoot): HostChange {
  return { host: { ...host, localBoot }, events: [{ type: 'edited', text: `leaves for its disk by ${localBoot}` }] }
}

export function setFirmwareBoot(host: Host, firmwareBoot: FirmwareBoot): HostChange {
  if (firmwareBoot === host.firmwareBoot) return { host, events: [] }
  const text = firmwareBoot === 'http' ? "starts its installer by its firmware's HTTP boot" : 'starts by iPXE'
  return { host: { ...host, firmwareBoot }, events: [{ type: 'edited', text }] }
}

/** What can be taken away from a host's identity: one MAC address, its serial or its UUID. */
export type Forgettable = { readonly mac: string } | 'serial' | 'uuid'

/**
 * Takes an identifier away from a host, so that another host may have it.
 * @throws {ProvisionError} not-found, when the host has no such identifier; conflict, when it is protected: its machine
 * would be a new one, without protection
 */
export function forget(host: Host, what: Forgettable): HostChange {
  refuseProtected(host)
  if (typeof what === 'string') {
    const value = host[what]
    if (value === undefined) throw new ProvisionError('not-found', `${nameOf(host)} has no ${what}`)
    return {
      host: { ...host, [what]: undefined },
      events: [{ type: 'forgotten', text: `${what} ${value} taken away` }],
    }
  }
  const macs = host.macs.filter((mac) => mac !== what.mac)
  if (macs.length === host.macs.length) {
    throw new ProvisionError('not-found', `${nameOf(host)} has no MAC address ${what.mac}`)
  }
  return { host: { ...host, macs }, events: [{ type: 'forgotten', text: `mac ${what.mac} taken away` }] }
}

/**
 * Makes one host of two that are the same machine. The first keeps its id, plan, name and metadata and takes over the second's
 * identifiers where it has none of its own; its own serial and UUID stay.
 * @throws {ProvisionError} conflict, when either is protected or being installed
 */
export function merge(kept: Host, gone: Host): HostChange {
  if (kept.id === gone.id) throw new ProvisionError('invalid', `${nameOf(kept)} cannot be merged with itself`)
  for (const host of [kept, gone]) {
    refuseProtected(host)
    if (host.state === 'installing') throw new ProvisionError('conflict', `${nameOf(host)} is being installed`)
  }
  return {
    host: {
      ...kept,
      hostname: kept.hostname ?? gone.hostname,
      macs: [...new Set([...kept.macs, ...gone.macs])],
      serial: kept.serial ?? gone.serial,
      uuid: kept.uuid ?? gone.uuid,
      metadata: { ...gone.metadata, ...kept.metadata },
    },
    events: [{ type: 'merged', text: `took over the identity of ${nameOf(gone)}` }],
  }
}
