/**
 * A process of its own that holds a database for a moment, again and again: `lock-worker.ts FILE`. It prints a line when it has begun.
 * SQLite lets the others in between only when they look in a pause, so there are pauses as between the runs of a program.
 */
import { stdout } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'

const HOLD = 40
const PAUSE = 120

const db = new Database(process.argv[2] ?? '', { timeout: 60_000 })
for (;;) {
  db.exec('BEGIN IMMEDIATE')
  stdout.write('held\n')
  await sleep(HOLD)
  db.exec('COMMIT')
  await sleep(PAUSE)
}
