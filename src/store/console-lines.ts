import type { Database } from 'better-sqlite3'
import type { HostId } from '../core/host.ts'

/** What a host's console or a program on it said, as the syslog receiver got it. */
export interface NewConsoleLine {
  readonly hostId: HostId
  /** The boot in which it was said, as far as that is known. */
  readonly boot: number | undefined
  /** When it came, in ms since 1970. */
  readonly at: number
  /** 0 is an emergency, 7 for debugging. */
  readonly severity: number | undefined
  /** The program that speaks. */
  readonly app: string | undefined
  readonly text: string
}

export interface ConsoleLine extends NewConsoleLine {
  readonly id: number
}

/** Which lines of a host are wanted, always in the order in which they came. */
export interface LineQuery {
  readonly host: HostId
  /** The first ones behind this id; without it, the newest. */
  readonly after?: number | undefined
  /** Only such as came at this time or later, in ms since 1970. */
  readonly since?: number | undefined
  readonly limit: number
}

interface LineRow {
  readonly id: number
  readonly host_id: number
  readonly boot: number | null
  readonly at: number
  readonly severity: number | null
  readonly app: string | null
  readonly text: string
}

/** So many lines of each host are kept, */
export const MOST_LINES = 5000
/** and so many more at times: they are thrown away together. */
const SLACK = 500

/** The statements over the lines of consoles. */
export function openConsoleLines(db: Database) {
  // Of a host that was deleted meanwhile nothing is kept.
  const insert = db.prepare(
    `INSERT INTO console_lines (host_id, boot, at, severity, app, text)
      SELECT id, ?, ?, ?, ?, ? FROM hosts WHERE id = ?`,
  )
  const behind = db.prepare<[number, number, number, number], LineRow>(
    'SELECT * FROM console_lines WHERE host_id = ? AND id > ? AND at >= ? ORDER BY id LIMIT ?',
  )
  const newest = db.prepare<[number, number, number], LineRow>(
    'SELECT * FROM console_lines WHERE host_id = ? AND at >= ? ORDER BY id DESC LIMIT ?',
  )
  const trim = db.prepare<[number, number, number]>(
    `DELETE FROM console_lines WHERE host_id = ? AND id <=
      (SELECT id FROM console_lines WHERE host_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
  )
  const move = db.prepare<[number, number]>('UPDATE console_lines SET host_id = ? WHERE host_id = ?')
  /** How many lines of each host were added since its oldest were thrown away. */
  const added = new Map<HostId, number>()

  function throwAway(host: HostId, count: number): void {
    const sum = (added.get(host) ?? SLACK) + count
    added.set(host, sum)
    if (sum < SLACK) return
    trim.run(host, host, MOST_LINES)
    added.set(host, 0)
  }

  return {
    add(lines: readonly NewConsoleLine[]): void {
      const counts = new Map<HostId, number>()
      for (const { hostId, boot, at, severity, app, text } of lines) {
        insert.run(boot ?? null, at, severity ?? null, app ?? null, text, hostId)
        counts.set(hostId, (counts.get(hostId) ?? 0) + 1)
      }
      for (const [host, count] of counts) throwAway(host, count)
    },

    read({ host, after, since = 0, limit }: LineQuery): ConsoleLine[] {
      if (after !== undefined) return behind.all(host, after, since, limit).map(toLine)
      return newest.all(host, since, limit).map(toLine).reverse()
    },

    move: (from: HostId, to: HostId): void => void move.run(to, from),
  }
}

function toLine(row: LineRow): ConsoleLine {
  return {
    id: row.id,
    hostId: row.host_id,
    boot: row.boot ?? undefined,
    at: row.at,
    severity: row.severity ?? undefined,
    app: row.app ?? undefined,
    text: row.text,
  }
}
