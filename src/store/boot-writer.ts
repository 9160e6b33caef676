import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { EventType } from '../core/event.ts'
import { openSigns } from './signs.ts'

/** A boot with the event that tells of it, in the order of the columns: texts and numbers alone cost the least on their way. */
export type BootRow = readonly [
  ...[number: number, hash: string, hostId: number, image: string | null, revision: number],
  ...[address: string, at: number, eventType: EventType, eventText: string],
]

/** What the thread answers to each batch: nothing, or why it could not be written. */
export type Written = { readonly code: string; readonly message: string } | undefined

interface Task {
  readonly bootsInto: string
  readonly busyTimeout: number
}

/** So many boots make some 4000 to 6000 pages of SQLite's log. The thread moves them into the database then, while others go on reading. */
const LOG_BOOTS = 3000
/** How long it waits for those who still read in the log, in ms, so that the log can begin anew. Who reads for longer makes it longer. */
const LOG_PATIENCE = 20
/** In kB. Boots and events are added at the ends of their tables, and in two indexes. */
const PAGE_CACHE = 2000

/**
 * Starts a thread that writes boots into a database. It is sent batches of {@link BootRow} and answers each with {@link Written} when
 * it is committed; `close` ends it.
 */
export function startBootWriter(file: string, busyTimeout: number): Worker {
  const task: Task = { bootsInto: file, busyTimeout }
  // Its own heap needs little: rows go through it. How much of that is young is the process's to say.
  const resourceLimits = { maxOldGenerationSizeMb: 64 }
  return new Worker(new URL(import.meta.url), { workerData: task, resourceLimits })
}

function isTask(data: unknown): data is Task {
  return typeof data === 'object' && data !== null && 'bootsInto' in data
}

function openWriter({ bootsInto, busyTimeout }: Task) {
  const db = new Database(bootsInto, { fileMustExist: true, timeout: busyTimeout })
  db.pragma('synchronous = NORMAL')
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`cache_size = -${PAGE_CACHE}`)
  // The host may be gone since, by a command in another process: its boot goes with it, and nobody else's. With that said in the
  // statement itself, SQLite need not look a second time.
  db.pragma('foreign_keys = OFF')
  const insertBoot = db.prepare(
    `INSERT INTO boots (number, hash, host_id, image, revision, address, opened_at)
      SELECT ?, ?, id, ?, ?, ?, ? FROM hosts WHERE id = +?`,
  )
  const insertEvent = db.prepare('INSERT INTO events (host_id, boot, at, type, text) VALUES (?, ?, ?, ?, ?)')
  const signs = openSigns(db)
  const write = db.transaction((rows: readonly BootRow[]) => {
    for (const [number, hash, host, image, revision, address, at, type, text] of rows) {
      const { changes } = insertBoot.run(number, hash, image, revision, address, at, host)
      if (changes === 0) continue
      insertEvent.run(host, number, at, type, text)
      signs.note(host, number, at, { type, text })
    }
  })
  let inLog = 0
  /** Not by SQLite itself, whose way leaves a log that grows as long as anybody reads, and is moved by whoever happens to write next. */
  function moveLog(): void {
    db.pragma(`busy_timeout = ${LOG_PATIENCE}`)
    const [moved] = db.pragma('wal_checkpoint(RESTART)') as readonly [{ readonly busy: 0 | 1 }]
    db.pragma(`busy_timeout = ${busyTimeout}`)
    // Somebody read all the time: the next boots try it again.
    if (moved.busy === 0) inLog = 0
  }
  return {
    write(rows: readonly BootRow[]): void {
      // Before it writes, not behind it: whoever is the first to write into a log that begins anew waits for the disk.
      if (inLog >= LOG_BOOTS) moveLog()
      write.immediate(rows)
      inLog += rows.length
    },
    close: () => db.close(),
  }
}

function attempt(work: () => void): Written {
  try {
    work()
    return undefined
  } catch (error) {
    // Only texts get through between threads: an error of SQLite would arrive as one that is not of SQLite any more.
    const code = error instanceof Database.SqliteError ? error.code : 'SQLITE_MISUSE'
    return { code, message: error instanceof Error ? error.message : String(error) }
  }
}

if (!isMainThread && parentPort !== null && isTask(workerData)) {
  const port = parentPort
  const writer = openWriter(workerData)
  port.on('message', (message: 'close' | readonly BootRow[]) => {
    if (message !== 'close') return port.postMessage(attempt(() => writer.write(message)))
    writer.close()
    port.close()
  })
}
