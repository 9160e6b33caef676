import type { Database } from 'better-sqlite3'
import type { Host } from '../core/host.ts'
import type { Identity } from '../core/identity.ts'
import { HostIds } from './host-ids.ts'
import { type HostRow, toHost } from './rows.ts'

interface FoundRow extends HostRow {
  /** Whether any hosts have an identifier in common. */
  readonly some_share: number
}

/**
 * Finds the hosts that share an identifier with a machine, sooner where the machine is as it was: its host is then found by one look at one row.
 * The row says whether all identifiers are its own, and that no other host has its serial or UUID; a card is of one host anyway.
 * @param sharing how they are found otherwise
 */
export function openFindMachine(db: Database, sharing: (identity: Identity) => readonly Host[]) {
  // Mostly nothing is shared at all: to look for two texts in an empty table takes longer than to see that it is empty.
  const hostById = db.prepare<[number], FoundRow>(
    'SELECT *, EXISTS (SELECT 1 FROM shared_identifiers) AS some_share FROM hosts WHERE id = ?',
  )
  const shared = db
    .prepare<[string | null, string | null], number>('SELECT 1 FROM shared_identifiers WHERE identifier IN (?, ?)')
    .pluck()
  const allIds = db.prepare<[], [string, number]>('SELECT uuid, id FROM hosts WHERE uuid IS NOT NULL').raw()
  let ids: HostIds | undefined

  function learnAll(): HostIds {
    const learned = new HostIds()
    for (const [uuid, id] of allIds.iterate()) learned.set(uuid, id)
    return learned
  }

  function rowOf(uuid: string): FoundRow | undefined {
    ids ??= learnAll()
    const id = ids.get(uuid)
    return id === undefined ? undefined : hostById.get(id)
  }

  function sole({ macs, serial, uuid }: Identity): Host | undefined {
    const row = uuid === undefined ? undefined : rowOf(uuid)
    if (row === undefined || row.uuid !== uuid || (serial !== undefined && row.serial !== serial)) return undefined
    if (row.some_share === 1 && shared.get(row.serial, row.uuid) !== undefined) return undefined
    const host = toHost(row)
    return macs.every((mac) => host.macs.includes(mac)) ? host : undefined
  }

  return (identity: Identity): readonly Host[] => {
    const found = sole(identity)
    if (found !== undefined) return [found]
    const hosts = sharing(identity)
    const [host] = hosts
    if (hosts.length === 1 && host?.uuid !== undefined) ids?.set(host.uuid, host.id)
    return hosts
  }
}
