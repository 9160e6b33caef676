import type { Database } from 'better-sqlite3'
import type { RunningInstall } from '../core/admission.ts'
import type { HostId } from '../core/host.ts'
import type { InstallProgress } from '../core/install-progress.ts'
import type { Plan } from '../core/plan.ts'

/** How far the newest install of a host is, as it was last written: seconds ago while it fetches. */
export interface Install {
  readonly hostId: HostId
  /** The boot in which it runs or ran. */
  readonly boot: number
  readonly image: string
  readonly progress: InstallProgress
}

/** A running install, with what its host is called. */
export interface NamedInstall extends Install {
  readonly hostname: string | undefined
}

interface InstallRow {
  readonly host_id: number
  readonly boot: number
  readonly image: string
  readonly progress: string
}

interface RunningRow {
  readonly id: number
  readonly plan: string
  readonly opened_at: number
  readonly progress: string | null
}

/** The statements over the table of installs: one row a host. */
export function openInstalls(db: Database) {
  // Of a host that was deleted meanwhile nothing is kept, and an older boot does not speak for a newer one.
  const save = db.prepare<[InstallRow]>(`
    INSERT INTO installs (host_id, boot, image, progress)
    SELECT @host_id, @boot, @image, @progress FROM hosts WHERE id = @host_id
    ON CONFLICT (host_id) DO UPDATE SET boot = excluded.boot, image = excluded.image, progress = excluded.progress
    WHERE excluded.boot >= installs.boot`)
  const find = db.prepare<[number], InstallRow>('SELECT * FROM installs WHERE host_id = ?')
  const list = db.prepare<[], InstallRow>('SELECT * FROM installs ORDER BY host_id')
  const running = db.prepare<[], RunningRow>(`
    SELECT hosts.id, hosts.plan, coalesce(boots.opened_at, hosts.seen_at, 0) AS opened_at, installs.progress
    FROM hosts LEFT JOIN installs ON installs.host_id = hosts.id LEFT JOIN boots ON boots.number =
      (SELECT boot FROM events WHERE host_id = hosts.id AND boot IS NOT NULL ORDER BY id DESC LIMIT 1)
    WHERE hosts.state = 'installing'`)
  // By its index alone: a look a second must not read what is over.
  const heard = db.prepare<[number], InstallRow & { readonly hostname: string | null }>(`
    SELECT installs.*, hosts.hostname FROM installs JOIN hosts ON hosts.id = installs.host_id
    WHERE json_extract(installs.progress, '$.heardAt') >= ? AND hosts.state = 'installing' AND hosts.progress = installs.boot`)
  return {
    save({ hostId, boot, image, progress }: Install): void {
      save.run({ host_id: hostId, boot, image, progress: JSON.stringify(progress) })
    },
    find(host: HostId): Install | undefined {
      const row = find.get(host)
      return row === undefined ? undefined : toInstall(row)
    },
    /** The running installs of machines that were heard at this time or later. */
    heard: (since: number): NamedInstall[] =>
      heard.all(since).map((row) => ({ ...toInstall(row), hostname: row.hostname ?? undefined })),
    list: (): Install[] => list.all().map(toInstall),
    running: (): RunningInstall[] => running.all().map(toRunning),
  }
}

function toRunning({ id, plan, opened_at, progress }: RunningRow): RunningInstall {
  const { images } = JSON.parse(plan) as Plan
  const heardAt = progress === null ? 0 : (JSON.parse(progress) as InstallProgress).heardAt
  return { hostId: id, image: images[0] ?? '', heardAt: Math.max(opened_at, heardAt) }
}

function toInstall(row: InstallRow): Install {
  return {
    hostId: row.host_id,
    boot: row.boot,
    image: row.image,
    progress: JSON.parse(row.progress) as InstallProgress,
  }
}
