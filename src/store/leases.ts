import type { Database } from 'better-sqlite3'

/** Who does something that only one of several servers does, and for how long nobody else does. */
export interface Lease {
  readonly holder: string
  /** In ms. */
  readonly length: number
}

/** What is leased. */
export type LeaseName = 'watchdog' | 'webhooks'

interface LeaseRow {
  readonly name: string
  readonly holder: string
  readonly since: number
  readonly until: number
}

/** The statements over what only one of several servers does. */
export function openLeases(db: Database) {
  const lease = db.prepare<[string], LeaseRow>('SELECT * FROM leases WHERE name = ?')
  const setLease = db.prepare<[LeaseRow]>(
    'INSERT OR REPLACE INTO leases (name, holder, since, until) VALUES (@name, @holder, @since, @until)',
  )
  const release = db.prepare<[string, string]>('DELETE FROM leases WHERE name = ? AND holder = ?')

  return {
    /** @returns since when somebody has had it without a gap, in ms since 1970; `undefined` while another one has it */
    take(name: LeaseName, { holder, length }: Lease, now: number): number | undefined {
      const held = lease.get(name)
      // One that lasts longer than any does was written by a clock that was wrong.
      const isHeld = held !== undefined && held.until > now && held.until - now <= length
      if (isHeld && held.holder !== holder) return undefined
      const since = isHeld ? held.since : now
      setLease.run({ name, holder, since, until: now + length })
      return since
    },

    /** Leaves it to the others at once, if this one has it. */
    release: (name: LeaseName, holder: string): void => void release.run(name, holder),
  }
}
