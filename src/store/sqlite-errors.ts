import Database from 'better-sqlite3'
import { ProvisionError } from '../core/errors.ts'

/** What the disk, the file or another process do to us. Any other code is a mistake of ours and stays what it is. */
const OUTSIDE = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CORRUPT|NOTADB|CANTOPEN|PERM|NOMEM|PROTOCOL|INTERRUPT)/

/** Says a failure of the database in our words; anything else is returned as it is. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError) || !OUTSIDE.test(error.code)) return error
  const why = error.code.startsWith('SQLITE_BUSY') ? 'another program holds it' : error.message
  return new ProvisionError('unavailable', `the database cannot be used: ${why}`, { cause: error })
}

/** @throws {ProvisionError} unavailable, when the store was closed */
export function mustBeOpen(db: Database.Database): void {
  if (!db.open) throw new ProvisionError('unavailable', 'the database is closed')
}
