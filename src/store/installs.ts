import type { Database } from 'better-sqlite3'
import type { RunningInstall } from '../core/admission.ts'
import type { Stall } from '../core/attention.ts'
import type { NewEvent } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import { describeProgress, type InstallProgress } from '../core/install-progress.ts'
import type { Plan } from '../core/plan.ts'
import type { StageTime, WatchStage } from '../core/watch/stages.ts'
import { spanText } from '../core/words.ts'

/** How far the newest install of a host is, as it was last written: seconds ago while it fetches. */
export interface Install {
  readonly hostId: HostId
  /** The boot in which it runs or ran. */
  readonly boot: number
  readonly image: string
  readonly progress: InstallProgress
  /** When it was found to come no further, and why; whoever saves an install leaves that to the store. */
  readonly stalled?: Stall | undefined
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
  readonly stalled_at: number | null
  readonly stalled_why: string | null
}

interface SavedRow {
  readonly host_id: number
  readonly boot: number
  readonly image: string
  readonly progress: string
  readonly first_start_at: number | null
}

interface TimeRow {
  readonly boot: number
  readonly stage: string
  readonly image: string
  readonly began_at: number
  readonly took: number
}

type AddEvents = (owner: HostId, boot: number | undefined, at: number, events: readonly NewEvent[]) => void

/** The newest so many stages of an image are what is learned from. */
const HISTORY = 800

interface RunningRow {
  readonly id: number
  readonly plan: string
  readonly opened_at: number
  readonly progress: string | null
}

/** The statements over the table of installs: one row a host; and over the stages that they went through. */
export function openInstalls(db: Database, addEvents: AddEvents) {
  // Of a host that was deleted meanwhile nothing is kept, and an older boot does not speak for a newer one.
  const save = db.prepare<[SavedRow]>(`
    INSERT INTO installs (host_id, boot, image, progress, first_start_at)
    SELECT @host_id, @boot, @image, @progress, @first_start_at FROM hosts WHERE id = @host_id
    ON CONFLICT (host_id) DO UPDATE SET boot = excluded.boot, image = excluded.image, progress = excluded.progress,
      first_start_at = excluded.first_start_at
    WHERE excluded.boot >= installs.boot`)
  const resume = db.prepare<[number]>('UPDATE installs SET stalled_at = NULL, stalled_why = NULL WHERE host_id = ?')
  const addTime = db.prepare<[TimeRow]>(`
    INSERT OR IGNORE INTO stage_times (boot, stage, image, began_at, took)
    SELECT number, @stage, @image, @began_at, @took FROM boots WHERE number = @boot`)
  const timesOf = db.prepare<[number], TimeRow>('SELECT * FROM stage_times WHERE boot = ? ORDER BY began_at, took')
  const history = db.prepare<[string, number], TimeRow>(`
    SELECT stage_times.* FROM stage_times JOIN boots ON boots.number = stage_times.boot
    WHERE stage_times.image = ? AND boots.outcome = 'finished' ORDER BY stage_times.boot DESC LIMIT ?`)
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
    /** @param left the stages that are over since it was saved last */
    save({ hostId, boot, image, progress }: Install, left: readonly StageTime[] = []): void {
      const before = find.get(hostId)
      const first_start_at = progress.stage === 'finished' ? progress.since : null
      const row = { host_id: hostId, boot, image, progress: JSON.stringify(progress), first_start_at }
      const { changes } = save.run(row)
      for (const { stage, beganAt, took } of left) addTime.run({ boot, stage, image, began_at: beganAt, took })
      if (changes === 0 || before === undefined || before.stalled_at === null) return
      const isHeard = boot > before.boot || progress.heardAt > before.stalled_at
      if (!isHeard) return
      resume.run(hostId)
      const last = JSON.parse(before.progress) as InstallProgress
      const text = `heard again after ${spanText(progress.heardAt - last.heardAt)}: ${describeProgress(progress)}`
      addEvents(hostId, boot, progress.heardAt, [{ type: 'resumed', text: text.replace(/: $/, '') }])
    },
    /** The stages that a boot went through. */
    stagesOf: (boot: number): StageTime[] => timesOf.all(boot).map(toTime),
    /** The stages of finished installs of an image, the newest installs first. */
    history: (image: string): StageTime[] => history.all(image, HISTORY).map(toTime),
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
    ...(row.stalled_at === null ? {} : { stalled: { at: row.stalled_at, why: row.stalled_why ?? '' } }),
  }
}

/** The stage is one of them: only {@link openInstalls} writes the table. */
function toTime({ stage, began_at: beganAt, took }: TimeRow): StageTime {
  return { stage: stage as WatchStage, beganAt, took }
}
