import { mkdirSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ProvisionError } from '../core/errors.ts'
import type { Greeting } from '../core/greet.ts'
import type { Host, HostId } from '../core/host.ts'
import { type Identity, parseMac, readSerial, readUuid } from '../core/identity.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrations.ts'
import type { Met, NewBoot, Store } from './store.ts'
import { openTables, type Tables } from './tables.ts'

/** How long a process waits for another one's transaction, in ms: the CLI writes beside a running server. */
const BUSY_TIMEOUT = 10_000

/**
 * Opens the database file, making it and its folder when there is none.
 * @throws {ProvisionError} unavailable, when the file cannot be opened; conflict, when a newer metalspray wrote it
 */
export function openSqliteStore(file: string): Store {
  const db = openDatabase(file)
  const tables = openTables(db)
  const commits = new GroupCommit(db)
  const durably = <T>(work: () => T): Promise<T> => commits.run(work, true)

  return {
    greet: (identity, boot, meet) =>
      commits.run(
        () => meetMachine(tables, boot, meet(tables.sharing(identity).map((id) => existing(tables, id)))),
        false,
      ),

    changeBoot: (hash, change) =>
      durably(() => {
        const boot = tables.boot(hash)
        if (boot === undefined) return undefined
        const host = existing(tables, boot.hostId)
        const changed = change(host, boot)
        if (changed.host.macs !== host.macs) tables.checkUnique(changed.host)
        tables.updateHost(host, changed.host)
        tables.updateBoot(boot, changed.boot)
        tables.addEvents(host.id, boot.number, changed.at, changed.events)
        return changed
      }),

    findBoot: async (hash) => {
      const boot = tables.boot(hash)
      return boot === undefined ? undefined : { boot, host: existing(tables, boot.hostId) }
    },

    changeHost: (id, at, change) =>
      durably(() => {
        const host = existing(tables, id)
        const changed = change(host)
        tables.checkUnique(changed.host)
        tables.updateHost(host, changed.host)
        tables.addEvents(id, undefined, at, changed.events)
        return changed.host
      }),

    mergeHosts: (keptId, goneId, at, change) =>
      durably(() => {
        const kept = existing(tables, keptId)
        const changed = change(kept, existing(tables, goneId))
        tables.deleteHost(goneId)
        tables.moveEvents(goneId, keptId)
        tables.checkUnique(changed.host)
        tables.updateHost(kept, changed.host)
        tables.addEvents(keptId, undefined, at, changed.events)
        return changed.host
      }),

    addHosts: (hosts, at, event) =>
      durably(() => {
        for (const host of hosts) {
          if (tables.host(host.id) !== undefined) {
            throw new ProvisionError('conflict', `there is a host ${host.id} already`)
          }
          tables.checkUnique(host)
          tables.addEvents(tables.insertHost(host).id, undefined, at, [event])
        }
      }),

    deleteHost: (id, at, check) =>
      durably(() => {
        const host = existing(tables, id)
        check(host)
        tables.deleteHost(id)
        tables.addEvents(id, undefined, at, [{ type: 'deleted', text: 'deleted by an operator' }])
        return host
      }),

    findHost: async (id) => tables.host(id),
    findHosts: async (text) => hostsMeantBy(tables, text),
    listHosts: async () => tables.hosts(),
    countHosts: async () => tables.countHosts(),
    listEvents: async (filter) => tables.events(filter),

    addEvent: (host, boot, at, event) => commits.run(() => tables.addEvents(host, boot, at, [event]), false),

    backup: (target) => backup(db, target),

    async [Symbol.asyncDispose]() {
      commits.flush()
      db.close()
    },
  }
}

function meetMachine(tables: Tables, boot: NewBoot, greeting: Greeting): Met {
  if (greeting.kind === 'conflict') {
    for (const host of greeting.hosts) tables.addEvents(host.id, undefined, boot.at, greeting.events)
    return greeting
  }
  const { known, decision, events } = greeting
  const host = known === undefined ? tables.insertHost(greeting.host) : greeting.host
  if (known !== undefined) tables.updateHost(known, host)
  const opened = tables.insertBoot(host, boot, decision.kind === 'install' ? decision.image.name : undefined)
  tables.addEvents(host.id, opened.number, boot.at, events)
  return { ...greeting, host, boot: opened }
}

function openDatabase(file: string): Database.Database {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    const db = new Database(file, { timeout: BUSY_TIMEOUT })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    migrate(db)
    return db
  } catch (error) {
    if (error instanceof ProvisionError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new ProvisionError('unavailable', `cannot open the database ${file}: ${why}`, { cause: error })
  }
}

function existing(tables: Tables, id: HostId): Host {
  const host = tables.host(id)
  if (host === undefined) throw new ProvisionError('not-found', `there is no host ${id}`)
  return host
}

function hostsMeantBy(tables: Tables, text: string): Host[] {
  const wanted = text.trim()
  if (/^\d{1,15}$/.test(wanted)) {
    const byId = tables.host(Number(wanted))
    if (byId !== undefined) return [byId]
  }
  const ids = new Set([...tables.sharing(identityIn(wanted)), ...tables.named(wanted.toLowerCase())])
  return [...ids].map((id) => existing(tables, id))
}

/** A text as whatever identifiers it could be. */
function identityIn(text: string): Identity {
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch {
      return undefined
    }
  }
  const mac = attempt(() => parseMac(text))
  return {
    macs: mac === undefined ? [] : [mac],
    serial: attempt(() => readSerial(text)),
    uuid: attempt(() => readUuid(text)),
  }
}

async function backup(db: Database.Database, target: string): Promise<void> {
  if ((await stat(target).catch(() => undefined)) !== undefined) {
    throw new ProvisionError('conflict', `${target} exists already; a backup is written to a new file`)
  }
  const partial = `${target}.partial`
  try {
    await db.backup(partial)
    await rename(partial, target)
  } catch (error) {
    await rm(partial, { force: true })
    const why = error instanceof Error ? error.message : String(error)
    throw new ProvisionError('unavailable', `cannot write ${target}: ${why}`, { cause: error })
  }
}
