import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { MIGRATIONS } from './migrations.ts'
import type { QuickChecked } from './quick-check.ts'

/** What the thread answers: what it found, or why it could not look. */
export type QuickCheckAnswer = QuickChecked | { readonly refused: string }

const MOST_FAULTS = 10

function look(file: string): QuickCheckAnswer {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    const rows = db.pragma(`quick_check(${MOST_FAULTS})`) as readonly { readonly quick_check: string }[]
    const faults = rows.map((row) => row.quick_check).filter((text) => text !== 'ok')
    return { faults, version: Number(db.pragma('user_version', { simple: true })), newest: MIGRATIONS.length }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { refused: `the database ${file} cannot be read: ${why}` }
  } finally {
    db?.close()
  }
}

parentPort?.postMessage(look(String(workerData)))
