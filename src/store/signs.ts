import type { Database } from 'better-sqlite3'
import type { NewEvent } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import { type Sign, type SignKind, signOf } from '../core/sign.ts'

interface SignRow {
  readonly host_id: number
  readonly kind: string
  readonly text: string
  readonly at: number
  readonly boot: number | null
}

/** The statements over the table of signs: one row a host, written with the events that they are of. */
export function openSigns(db: Database) {
  // Of a host that was deleted meanwhile nothing is kept. One that loops is held at its every boot: that is no news.
  const set = db.prepare<[SignRow]>(`
    INSERT INTO signs (host_id, kind, text, at, boot)
    SELECT @host_id, @kind, @text, @at, @boot FROM hosts WHERE id = @host_id
    ON CONFLICT (host_id) DO UPDATE SET kind = excluded.kind, text = excluded.text, at = excluded.at, boot = excluded.boot
    WHERE NOT (signs.kind = 'looping' AND excluded.kind = 'held')`)
  const clear = db.prepare<[number]>('DELETE FROM signs WHERE host_id = ?')
  const find = db.prepare<[number], SignRow>('SELECT * FROM signs WHERE host_id = ?')
  const list = db.prepare<[], SignRow>('SELECT * FROM signs')
  return {
    /** Keeps what an event is a sign of, if it is one. */
    note(host: HostId, boot: number | undefined, at: number, event: NewEvent): void {
      const kind = signOf(event)
      if (kind === 'none') clear.run(host)
      else if (kind !== undefined) set.run({ host_id: host, kind, text: event.text, at, boot: boot ?? null })
    },
    find(host: HostId): Sign | undefined {
      const row = find.get(host)
      return row === undefined ? undefined : toSign(row)
    },
    list: (): ReadonlyMap<HostId, Sign> => new Map(list.all().map((row) => [row.host_id, toSign(row)])),
  }
}

export type Signs = ReturnType<typeof openSigns>

/** The kind is one of them: only {@link openSigns} writes the table. */
function toSign({ kind, text, at, boot }: SignRow): Sign {
  return { kind: kind as SignKind, text, at, boot: boot ?? undefined }
}
