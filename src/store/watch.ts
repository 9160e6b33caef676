import type { Database } from 'better-sqlite3'
import type { NewEvent } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import { type InstallProgress, startInstall } from '../core/install-progress.ts'
import type { Json } from '../core/json.ts'
import { positionOf, scriptPosition } from '../core/watch/stall.ts'
import type { Verdict, Watched } from '../core/watch/verdict.ts'
import { type Lease, openLeases } from './leases.ts'

interface WatchedRow {
  readonly id: number
  readonly wanted: string | null
  readonly settings: string | null
  readonly host_progress: number
  readonly opened_at: number
  readonly boot: number | null
  readonly image: string | null
  readonly progress: string | null
  readonly stalled_at: number | null
  readonly is_current: number
}

type AddEvents = (owner: HostId, boot: number | undefined, at: number, events: readonly NewEvent[]) => void

const SETTINGS = `json_extract(hosts.metadata, '$.watchdog') AS settings`

/** The statements of the watch over installs. */
export function openWatch(db: Database, addEvents: AddEvents) {
  const leases = openLeases(db)
  // An install is that of the host's present plan when its boot was opened for this revision.
  const installing = db.prepare<[number, number], WatchedRow>(`
    SELECT hosts.id, json_extract(hosts.plan, '$.images[0]') AS wanted, ${SETTINGS}, hosts.progress AS host_progress,
      coalesce(newest.opened_at, hosts.seen_at, 0) AS opened_at, installs.boot, installs.image, installs.progress,
      installs.stalled_at, coalesce(ran.revision = hosts.revision, 0) AS is_current
    FROM hosts LEFT JOIN installs ON installs.host_id = hosts.id LEFT JOIN boots AS ran ON ran.number = installs.boot
      LEFT JOIN boots AS newest ON newest.number =
        (SELECT boot FROM events WHERE host_id = hosts.id AND boot IS NOT NULL ORDER BY id DESC LIMIT 1)
    WHERE hosts.state = 'installing' AND hosts.id > ? ORDER BY hosts.id LIMIT ?`)
  const starting = db.prepare<[number, number], WatchedRow>(`
    SELECT hosts.id, installs.image AS wanted, ${SETTINGS}, hosts.progress AS host_progress, 0 AS opened_at, installs.boot,
      installs.image, installs.progress, installs.stalled_at, 1 AS is_current
    FROM installs JOIN hosts ON hosts.id = installs.host_id
    WHERE installs.first_start_at IS NOT NULL AND installs.host_id > ? AND hosts.state = 'finished'
    ORDER BY installs.host_id LIMIT ?`)
  const begin = db.prepare<[{ host_id: number; boot: number; image: string; progress: string }]>(`
    INSERT INTO installs (host_id, boot, image, progress) VALUES (@host_id, @boot, @image, @progress)
    ON CONFLICT (host_id) DO UPDATE SET boot = excluded.boot, image = excluded.image, progress = excluded.progress,
      first_start_at = NULL`)
  const mark = db.prepare<[number, string, number]>(
    'UPDATE installs SET stalled_at = ?, stalled_why = ? WHERE host_id = ?',
  )
  const unmark = db.prepare<[number]>('UPDATE installs SET stalled_at = NULL, stalled_why = NULL WHERE host_id = ?')
  const leave = db.prepare<[number]>(
    'UPDATE installs SET stalled_at = NULL, stalled_why = NULL, first_start_at = NULL WHERE host_id = ?',
  )
  const unmarkOver = db.prepare<[]>(`
    UPDATE installs SET stalled_at = NULL, stalled_why = NULL WHERE stalled_at IS NOT NULL AND first_start_at IS NULL
      AND host_id NOT IN (SELECT id FROM hosts WHERE state = 'installing')`)

  function apply(verdict: Verdict, now: number): void {
    const { hostId, boot, image, position } = verdict.watched
    switch (verdict.kind) {
      case 'stalled':
        if (position.progress === undefined) {
          begin.run({ host_id: hostId, boot, image, progress: JSON.stringify(startInstall(position.since)) })
        }
        mark.run(now, verdict.why, hostId)
        addEvents(hostId, boot === 0 ? undefined : boot, now, [{ type: 'stalled', text: verdict.why }])
        break
      case 'resumed':
        unmark.run(hostId)
        addEvents(hostId, undefined, now, [{ type: 'resumed', text: verdict.text }])
        break
      case 'left':
        leave.run(hostId)
    }
  }

  return {
    /** Looks at many, some at a time, as {@link Store.watchInstalls} does. */
    async lookAtMany(from: WatchPlace | undefined, lookFrom: LookFrom): Promise<Look | undefined> {
      const verdicts: Verdict[] = []
      let place = from ?? FIRST
      for (let seen = 0; seen < MOST; seen += AT_ONCE) {
        const looked = await lookFrom(place)
        // What was written before another server took over is still to be told.
        if (looked === undefined && seen === 0) return undefined
        verdicts.push(...(looked?.verdicts ?? []))
        if (looked?.next === undefined) return { verdicts, next: undefined }
        place = looked.next
      }
      return { verdicts, next: place }
    },

    /**
     * Looks at some installs.
     * @returns `undefined` when another server watches
     */
    look(by: Lease, now: number, judge: Judge, from: WatchPlace): Look | undefined {
      const listening = leases.take('watchdog', by, now)
      if (listening === undefined) return undefined
      if (from === FIRST) unmarkOver.run()
      const rows = (from.among === 'installing' ? installing : starting).all(from.after, AT_ONCE)
      const verdicts = judge(rows.map(toWatched), listening)
      for (const verdict of verdicts) apply(verdict, now)
      return { verdicts, next: placeBehind(rows, from) }
    },
  }
}

/** So many installs are judged at once: machines that boot meanwhile wait for that. */
const AT_ONCE = 250
/** So many are judged in one go, less than a tenth of a second in all; with more under way at one time each is judged less often. */
const MOST = 5000

/** From where on installs are looked at: hosts that install, then those that are to start for the first time, by their ids. */
export interface WatchPlace {
  readonly among: 'installing' | 'starting'
  readonly after: HostId
}

const FIRST: WatchPlace = { among: 'installing', after: 0 }
const SECOND: WatchPlace = { among: 'starting', after: 0 }

function placeBehind(rows: readonly WatchedRow[], { among }: WatchPlace): WatchPlace | undefined {
  const last = rows.length < AT_ONCE ? undefined : rows.at(-1)
  if (last !== undefined) return { among, after: last.id }
  return among === 'installing' ? SECOND : undefined
}

/** What came of a look, and where the next one goes on; `undefined` when all were looked at. */
export interface Look {
  readonly verdicts: readonly Verdict[]
  readonly next: WatchPlace | undefined
}

type LookFrom = (place: WatchPlace) => Promise<Look | undefined>

/** Judges installs. @param listening since when there has been a server to hear them, in ms since 1970 */
export type Judge = (installs: readonly Watched[], listening: number) => readonly Verdict[]

function toWatched(row: WatchedRow): Watched {
  const progress =
    row.progress === null || row.is_current === 0 ? undefined : (JSON.parse(row.progress) as InstallProgress)
  return {
    hostId: row.id,
    boot: progress === undefined ? row.host_progress : (row.boot ?? 0),
    image: (progress === undefined ? row.wanted : row.image) ?? '',
    position: progress === undefined ? scriptPosition(row.opened_at) : positionOf(progress),
    settings: row.settings === null ? undefined : readJson(row.settings),
    stalledAt: row.stalled_at ?? undefined,
  }
}

/** Objects come as JSON, texts as they are. */
function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
