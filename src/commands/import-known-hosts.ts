import { ProvisionError } from '../core/errors.ts'
import { type Host, nameOf } from '../core/host.ts'
import type { Store } from '../store/store.ts'
import { type KnownHostsOptions, readKnownHost } from './known-hosts.ts'

/** KIWIspray's hosts as they are taken over, and what was left out of them. */
export interface TakenOver {
  readonly hosts: readonly Host[]
  readonly notes: readonly string[]
}

/**
 * Takes over the hosts of KIWIspray's `known_hosts.json`, all or none. Their ids stay.
 * @throws {ProvisionError} invalid or conflict, with everything that is in the way, a line each
 */
export async function importKnownHosts(
  store: Pick<Store, 'addHosts' | 'listHosts'>,
  list: unknown,
  options: KnownHostsOptions & { readonly by?: string },
): Promise<TakenOver> {
  const taken = readKnownHosts(list, await store.listHosts(), options)
  const by = options.by === undefined ? {} : { by: options.by }
  await store.addHosts(taken.hosts, options.at, { type: 'imported', text: "taken over from KIWIspray's list", ...by })
  return taken
}

/**
 * Reads what {@link importKnownHosts} would take over beside the hosts that are there already, changing nothing.
 * @throws {ProvisionError} as it does
 */
export function readKnownHosts(list: unknown, there: readonly Host[], options: KnownHostsOptions): TakenOver {
  if (!Array.isArray(list)) throw new ProvisionError('invalid', 'that is no list of hosts, as known_hosts.json is')
  const wrong: string[] = []
  const notes: string[] = []
  const hosts: Host[] = []
  for (const [index, entry] of list.entries()) {
    try {
      const known = readKnownHost(entry, options)
      hosts.push(known.host)
      notes.push(...known.notes.map((note) => `${nameOf(known.host)}: ${note}`))
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      wrong.push(`${callEntry(entry, index)} ${error.message}`)
    }
  }
  wrong.push(...findClashes(hosts, there))
  if (wrong.length === 0) return { hosts, notes }
  const lines = wrong.map((line) => `\n  ${line}`).join('')
  throw new ProvisionError('conflict', `nothing was imported; this is in the way:${lines}`)
}

function callEntry(entry: unknown, index: number): string {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? ` (id ${String(entry.id)})` : ''
  return `entry ${index + 1}${id}:`
}

/** Two hosts with one id, identifier or name: among those that come, or with one that is there. */
function findClashes(hosts: readonly Host[], there: readonly Host[]): string[] {
  const owners = new Map(
    there.flatMap((host) => claimsOf(host).map((claim) => [claim, 'a host that is there already'])),
  )
  const clashes: string[] = []
  for (const host of hosts) {
    for (const claim of claimsOf(host)) {
      const owner = owners.get(claim)
      if (owner !== undefined) clashes.push(`${nameOf(host)}: ${claim} is also that of ${owner}`)
      owners.set(claim, nameOf(host))
    }
  }
  return clashes
}

function claimsOf(host: Host): string[] {
  return [
    `id ${host.id}`,
    ...host.macs.map((mac) => `mac ${mac}`),
    host.serial === undefined ? [] : `serial ${host.serial}`,
    host.uuid === undefined ? [] : `uuid ${host.uuid}`,
    host.hostname === undefined ? [] : `name ${host.hostname}`,
  ].flat()
}
