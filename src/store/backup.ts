import { rename, rm, stat } from 'node:fs/promises'
import type { Database } from 'better-sqlite3'
import { ProvisionError } from '../core/errors.ts'
import { mustBeOpen } from './sqlite-errors.ts'

/** Copies an open database to a new file while everything goes on. @throws {ProvisionError} conflict, unavailable */
export async function backup(db: Database, target: string): Promise<void> {
  mustBeOpen(db)
  if ((await stat(target).catch(() => undefined)) !== undefined) {
    throw new ProvisionError('conflict', `${target} exists already; a backup is written to a new file`)
  }
  const partial = `${target}.partial`
  try {
    await rm(partial, { force: true })
    // Another program that writes makes the copy start over. Each step is twice the last, so that one step is all in the end.
    let pages = 100
    await db.backup(partial, {
      progress() {
        pages *= 2
        return pages
      },
    })
    await rename(partial, target)
  } catch (error) {
    await rm(partial, { force: true })
    const why = error instanceof Error ? error.message : String(error)
    throw new ProvisionError('unavailable', `cannot write ${target}: ${why}`, { cause: error })
  }
}
