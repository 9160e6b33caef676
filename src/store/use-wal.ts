import Database from 'better-sqlite3'

const PAUSE_MS = 10

/**
 * Has a database written ahead of itself. Of all statements SQLite waits for nobody with this one when it would have to upgrade its lock: several processes that
 * open a new database at once refuse each other, so that each has to try again by itself.
 * @param busyTimeout how long, in ms
 */
export function useWal(db: Database.Database, busyTimeout: number): void {
  const until = performance.now() + busyTimeout
  for (;;) {
    try {
      db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!isBusy || performance.now() >= until) throw error
      // Whoever opens a database has nothing else to do meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}
