import type { Database } from 'better-sqlite3'
import type { HostId } from '../core/host.ts'
import type { InstallProgress } from '../core/install-progress.ts'

/** How far the newest install of a host is, as it was last written: seconds ago while it fetches. */
export interface Install {
  readonly hostId: HostId
  /** The boot in which it runs or ran. */
  readonly boot: number
  readonly image: string
  readonly progress: InstallProgress
}

interface InstallRow {
  readonly host_id: number
  readonly boot: number
  readonly image: string
  readonly progress: string
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
  return {
    save({ hostId, boot, image, progress }: Install): void {
      save.run({ host_id: hostId, boot, image, progress: JSON.stringify(progress) })
    },
    find(host: HostId): Install | undefined {
      const row = find.get(host)
      return row === undefined ? undefined : toInstall(row)
    },
    list: (): Install[] => list.all().map(toInstall),
  }
}

function toInstall(row: InstallRow): Install {
  return {
    hostId: row.host_id,
    boot: row.boot,
    image: row.image,
    progress: JSON.parse(row.progress) as InstallProgress,
  }
}
