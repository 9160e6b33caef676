import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Database } from 'better-sqlite3'
import type { HostId } from '../core/host.ts'
import type { Json } from '../core/json.ts'

/** What a boot got: no key of it, and no secrets. */
export interface MadeForBoot {
  /** The server's address as the machine reached it. */
  readonly base: string
  readonly settings: readonly { readonly path: string; readonly value: Json; readonly from: string }[]
  /** Texts by the names of their files. */
  readonly files: { readonly [name: string]: string }
}

/** What is kept of the newest boot of a host that fetched anything to be installed. */
export interface KeptBoot {
  readonly hostId: HostId
  readonly boot: number
  /** In ms since 1970. */
  readonly at: number
  readonly made: MadeForBoot
}

interface KeptRow {
  readonly host_id: number
  readonly boot: number
  readonly at: number
  readonly made: Buffer
}

/** The statements over what was made for boots: one row a host. */
export function openKeptBoots(db: Database) {
  // Of a host that was deleted meanwhile nothing is kept, and an older boot does not speak for a newer one.
  const keep = db.prepare<[KeptRow]>(`
    INSERT INTO kept_boots (host_id, boot, at, made) SELECT @host_id, @boot, @at, @made FROM hosts WHERE id = @host_id
    ON CONFLICT (host_id) DO UPDATE SET boot = excluded.boot, at = excluded.at, made = excluded.made
    WHERE excluded.boot >= kept_boots.boot`)
  const find = db.prepare<[number], KeptRow>('SELECT * FROM kept_boots WHERE host_id = ?')
  return {
    keep({ hostId, boot, at, made }: KeptBoot): void {
      keep.run({ host_id: hostId, boot, at, made: deflateRawSync(JSON.stringify(made)) })
    },
    find(host: HostId): KeptBoot | undefined {
      const row = find.get(host)
      if (row === undefined) return undefined
      const made = JSON.parse(inflateRawSync(row.made).toString()) as MadeForBoot
      return { hostId: row.host_id, boot: row.boot, at: row.at, made }
    },
  }
}
