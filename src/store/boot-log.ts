import type { Database } from 'better-sqlite3'
import type { Boot } from '../core/boot.ts'
import type { HostId } from '../core/host.ts'
import { type BootRow, toBoot } from './rows.ts'

/** Which boots are wanted, the newest first. */
export interface BootQuery {
  readonly host?: HostId
  /** Only such as stand behind this one in the list. */
  readonly before?: number
  readonly limit: number
}

/** A boot with its place in the list that it was found in. */
export interface LoggedBoot {
  readonly boot: Boot
  readonly place: number
}

interface PlacedRow extends BootRow {
  readonly place: number
}

const COLUMNS = [
  'number',
  'host_id',
  'image',
  'revision',
  'address',
  'opened_at',
  'progressed_at',
  'ended_at',
  'outcome',
]
const BOOT = COLUMNS.map((column) => `boots.${column} AS ${column}`).join(', ')
const NEWEST = Number.MAX_SAFE_INTEGER

/** The statements that read boots, page by page. */
export function openBootLog(db: Database) {
  const all = db.prepare<[number, number], PlacedRow>(
    `SELECT ${BOOT}, boots.number AS place FROM boots WHERE number < ? ORDER BY number DESC LIMIT ?`,
  )
  // By the host's events, which have an index: one of boots would have to be written with every boot.
  const ofHost = db.prepare<[number, number, number], PlacedRow>(
    `SELECT ${BOOT}, events.id AS place FROM events CROSS JOIN boots ON boots.number = events.boot
      WHERE events.host_id = ? AND events.type = 'booted' AND events.id < ? ORDER BY events.id DESC LIMIT ?`,
  )
  return {
    read({ host, before = NEWEST, limit }: BootQuery): LoggedBoot[] {
      const rows = host === undefined ? all.all(before, limit) : ofHost.all(host, before, limit)
      return rows.map((row) => ({ boot: toBoot(row), place: row.place }))
    },
  }
}
