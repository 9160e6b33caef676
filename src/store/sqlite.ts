import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ProvisionError } from '../core/errors.ts'
import type { HostId } from '../core/host.ts'
import { openAccess } from './access.ts'
import { backup } from './backup.ts'
import { openBootLog } from './boot-log.ts'
import { BootQueue } from './boot-queue.ts'
import { BriefView } from './brief-view.ts'
import { openConsoleLines } from './console-lines.ts'
import { openEventLog } from './event-log.ts'
import { Greeter } from './greeter.ts'
import { GroupCommit } from './group-commit.ts'
import { openInstalls } from './installs.ts'
import { openKeptBoots } from './kept-boots.ts'
import { hostsMeantBy } from './meant-hosts.ts'
import { migrate } from './migrations.ts'
import { mustBeOpen, translated } from './sqlite-errors.ts'
import type { Store } from './store.ts'
import { openTables, type Tables } from './tables.ts'
import { useWal } from './use-wal.ts'
import { openWatch } from './watch.ts'
import { moveWebhooks, openWebhooks } from './webhooks.ts'
import { WriteWatch } from './write-watch.ts'

/** Leaves room for the hosts that come after one with a great id, and for SQLite's counter. */
const GREATEST_ID = 2 ** 31

export interface SqliteOptions {
  /** How long it waits for another program's transaction, in ms: the CLI writes beside a running server. */
  readonly busyTimeout?: number
}

/**
 * Opens the database file, making it and its folder when there is none.
 * @throws {ProvisionError} unavailable, when the file cannot be opened; conflict, when a newer metalspray wrote it
 */
export function openSqliteStore(file: string, { busyTimeout = 10_000 }: SqliteOptions = {}): Store {
  const { db, tables } = openDatabase(file, busyTimeout)
  const installs = openInstalls(db, tables.addEvents)
  const watch = openWatch(db, tables.addEvents)
  const boots = openBootLog(db)
  const log = openEventLog(db)
  const lines = openConsoleLines(db)
  const moveHooks = moveWebhooks(db)
  const kept = openKeptBoots(db)
  const writes = new WriteWatch()
  const wrote = () => writes.tell()
  const queue = file === ':memory:' ? undefined : new BootQueue(file, busyTimeout, wrote)
  const drain = () => queue?.drain()
  const view = new BriefView(db)
  const commits = new GroupCommit(db, { ready: drain, begins: () => view.end(), written: wrote })
  const greeter = new Greeter({ tables, view, commits, queue })
  const durably = <T>(work: () => T): Promise<T> => commits.run(work, true)
  const read = readerOf(db, view)
  const runners = { read, durably, now: <T>(work: () => T) => commits.run(work, false) }
  const reading = async <T>(work: () => T): Promise<T> => {
    const ready = drain()
    if (ready !== undefined) await ready
    return read(work)
  }

  return {
    greet: (identity, boot, meet) => greeter.greet(identity, boot, meet),

    changeBoot: (hash, change) =>
      durably(() => {
        const boot = tables.boot(hash)
        if (boot === undefined) return undefined
        const host = tables.existing(boot.hostId)
        const changed = change(host, boot)
        if (changed.host.macs !== host.macs) tables.checkUnique(changed.host)
        tables.updateHost(host, changed.host)
        tables.updateBoot(boot, changed.boot)
        tables.addEvents(host.id, boot.number, changed.at, changed.events)
        return changed
      }),

    async findBoot(hash) {
      if (queue?.has(hash)) await drain()
      return read(() => {
        const boot = tables.boot(hash)
        return boot === undefined ? undefined : { boot, host: tables.existing(boot.hostId) }
      })
    },

    changeHost: (id, at, change) =>
      durably(() => {
        const host = tables.existing(id)
        const changed = change(host)
        tables.checkUnique(changed.host, [host])
        tables.updateHost(host, changed.host)
        tables.addEvents(id, undefined, at, changed.events)
        return changed.host
      }),

    mergeHosts: (keptId, goneId, at, change) =>
      durably(() => {
        const kept = tables.existing(keptId)
        const gone = tables.existing(goneId)
        const changed = change(kept, gone)
        lines.move(goneId, keptId)
        moveHooks(goneId, keptId)
        tables.deleteHost(goneId)
        tables.moveEvents(goneId, keptId)
        tables.checkUnique(changed.host, [kept, gone])
        tables.updateHost(kept, changed.host)
        tables.addEvents(keptId, undefined, at, changed.events)
        return changed.host
      }),

    addHosts: (hosts, at, event) =>
      durably(() => {
        for (const host of hosts) {
          mustBeId(host.id)
          if (tables.host(host.id) !== undefined) {
            throw new ProvisionError('conflict', `there is a host ${host.id} already`)
          }
          tables.checkUnique(host)
          tables.addEvents(tables.insertHost(host).id, undefined, at, [event])
        }
      }),

    deleteHost: (id, at, end) =>
      durably(() => {
        const host = tables.existing(id)
        const last = end(host)
        tables.deleteHost(id)
        tables.addEvents(id, undefined, at, [last])
        return host
      }),

    findHost: (id) => reading(() => tables.host(id)),
    findHosts: (text) => reading(() => hostsMeantBy(tables, text)),
    findSharing: (identity) => reading(() => tables.sharing(identity)),
    nextHostId: () => reading(() => tables.nextHostId()),
    listHosts: () => reading(() => tables.hosts()),
    pageHosts: (page) => reading(() => tables.hostPage(page)),
    readBoots: (query) => reading(() => boots.read(query)),
    listCardsWithoutIpxe: () => reading(() => tables.listCardsWithoutIpxe()),
    countHosts: () => reading(() => tables.countHosts()),
    listEvents: (filter) => reading(() => tables.events(filter)),
    readEvents: (query) => reading(() => log.read(query)),
    addLines: (added) => commits.run(() => lines.add(added), false),
    readLines: (query) => reading(() => lines.read(query)),
    newestEvent: () => reading(() => log.newest()),
    onWrite: (listener) => writes.add(listener),

    // Greetings change nothing of it: machines that wait for it must not wait for the boots of others.
    readDefaults: async () => read(() => tables.defaults()),

    changeDefaults: (image, change) =>
      durably(() => {
        const { server, images } = tables.defaults()
        const changed = change(image === undefined ? server : (images[image] ?? {}))
        tables.setDefaults(image, changed)
        return changed
      }),

    addEvent: (host, boot, at, event) => commits.run(() => tables.addEvents(host, boot, at, [event]), false),

    saveInstall: (install, left) => commits.run(() => installs.save(install, left), false),
    stagesOf: (boot) => reading(() => installs.stagesOf(boot)),
    listStageTimes: (image) => reading(() => installs.history(image)),
    watchInstalls: (lease, now, judge, from) =>
      watch.lookAtMany(from, (place) => commits.run(() => watch.look(lease, now, judge, place), false)),
    findInstall: (host) => reading(() => installs.find(host)),
    keepBoot: (boot) => commits.run(() => kept.keep(boot), false),
    findKept: (host) => reading(() => kept.find(host)),
    listHeard: (since) => reading(() => installs.heard(since)),
    listInstalls: () => reading(() => installs.list()),
    findSign: (host) => reading(() => tables.signs.find(host)),
    listSigns: () => reading(() => tables.signs.list()),
    listRunning: () => reading(() => installs.running()),

    access: openAccess(db, runners),
    webhooks: openWebhooks(db, runners),

    async backup(target) {
      await drain()
      view.end()
      await backup(db, target)
    },

    async [Symbol.asyncDispose]() {
      await greeter.close()
      await queue?.[Symbol.asyncDispose]()
      await commits.flush()
      view.end()
      db.close()
    },
  }
}

/** Runs what reads in a transaction of its own: several statements see the hosts of one moment, whoever writes beside us. */
function readerOf(db: Database.Database, view: BriefView): <T>(read: () => T) => T {
  const atOnce = db.transaction((read: () => unknown) => read()) as <T>(read: () => T) => T
  return (read) => {
    mustBeOpen(db)
    view.end()
    try {
      return atOnce(read)
    } catch (error) {
      throw translated(error)
    }
  }
}

function openDatabase(file: string, busyTimeout: number): { readonly db: Database.Database; readonly tables: Tables } {
  let db: Database.Database | undefined
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    db = new Database(file, { timeout: busyTimeout })
    db.pragma('foreign_keys = ON')
    migrate(db)
    const tables = openTables(db)
    // Last, since it is written into the file: one that is not ours is left as it is.
    useWal(db, busyTimeout)
    // Longer than the thread that writes boots lets it become: only a process without one does this by itself.
    db.pragma('wal_autocheckpoint = 16000')
    // In kB. A cache lasts until somebody else has written, which is not long: a greater one is only greater.
    db.pragma('cache_size = -2000')
    return { db, tables }
  } catch (error) {
    db?.close()
    if (error instanceof ProvisionError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new ProvisionError('unavailable', `cannot open the database ${file}: ${why}`, { cause: error })
  }
}

/** An id that a person can have written into a file. 0 is for a host that has none yet. */
function mustBeId(id: HostId): void {
  if (Number.isSafeInteger(id) && id >= 0 && id < GREATEST_ID) return
  throw new ProvisionError('invalid', `${id} cannot be the id of a host`)
}
