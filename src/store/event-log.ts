import type { Database, Statement } from 'better-sqlite3'
import type { EventType, HostEvent } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import { type EventRow, toEvent } from './rows.ts'

/** An event with what its host is called now; `undefined` for one without a name, or that is gone. */
export interface NamedEvent extends HostEvent {
  readonly hostname: string | undefined
}

/** Which events are wanted, always in order of their ids. */
export interface EventQuery {
  readonly host?: HostId | undefined
  /** Of these types alone. */
  readonly types?: readonly EventType[] | undefined
  /** The first ones behind this id; without it, the newest. */
  readonly after?: number | undefined
  /** Only such as stand before this id. */
  readonly before?: number | undefined
  /** Only such as happened at this time or later, in ms since 1970. */
  readonly since?: number | undefined
  /** At most so many. */
  readonly limit: number
}

interface NamedRow extends EventRow {
  readonly hostname: string | null
}

interface Shape {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** The statements that read the events of all hosts, page by page. */
export function openEventLog(db: Database) {
  const prepared = new Map<string, Statement<unknown[], NamedRow>>()
  const timeFrom = db.prepare<[number], { id: number; at: number }>(
    'SELECT id, at FROM events WHERE id >= ? ORDER BY id LIMIT 1',
  )
  const newest = db.prepare<[], number | null>('SELECT max(id) FROM events').pluck()

  /** An id behind which everything happened at that time or later: found by halving, since events stand in order of time. */
  function idBefore(since: number): number {
    let [low, high] = [0, newest.get() ?? 0]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const found = timeFrom.get(middle + 1)
      if (found === undefined || found.at >= since) high = middle
      else low = found.id
    }
    return low
  }

  return {
    /** The id of the newest event; 0 when there is none. */
    newest: (): number => newest.get() ?? 0,

    read(query: EventQuery): NamedEvent[] {
      const { sql, values } = shapeOf(query, query.since === undefined ? undefined : idBefore(query.since))
      const statement = prepared.get(sql) ?? db.prepare<unknown[], NamedRow>(sql)
      prepared.set(sql, statement)
      const found = statement.all(...values).map(toNamed)
      return query.after === undefined ? found.reverse() : found
    },
  }
}

function shapeOf({ host, types, after, before, limit }: EventQuery, floor: number | undefined): Shape {
  const least = after === undefined ? floor : Math.max(after, floor ?? 0)
  const parts: (readonly [string, string | number] | undefined)[] = [
    host === undefined ? undefined : ['host_id = ?', host],
    least === undefined ? undefined : ['events.id > ?', least],
    before === undefined ? undefined : ['events.id < ?', before],
    types === undefined ? undefined : ['type IN (SELECT value FROM json_each(?))', JSON.stringify(types)],
  ]
  const used = parts.filter((part) => part !== undefined)
  const where = used.length === 0 ? '' : `WHERE ${used.map(([condition]) => condition).join(' AND ')}`
  return {
    sql: `SELECT events.*, hosts.hostname FROM events LEFT JOIN hosts ON hosts.id = events.host_id
      ${where} ORDER BY events.id ${after === undefined ? 'DESC' : 'ASC'} LIMIT ?`,
    values: [...used.map(([, value]) => value), limit],
  }
}

function toNamed(row: NamedRow): NamedEvent {
  return { ...toEvent(row), hostname: row.hostname ?? undefined }
}
