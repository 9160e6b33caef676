import type { Database } from 'better-sqlite3'
import type { Boot } from '../core/boot.ts'
import { ProvisionError } from '../core/errors.ts'
import type { HostEvent, NewEvent } from '../core/event.ts'
import { HOST_STATES, type Host, type HostId, type HostState, nameOf } from '../core/host.ts'
import { addedIdentity, type Identity, type Mac } from '../core/identity.ts'
import type { JsonObject } from '../core/json.ts'
import { openFindMachine } from './find-machine.ts'
import { type HostPage, openHostPages } from './host-pages.ts'
import { openHostWords } from './host-words.ts'
import { type BootRow, type EventRow, fromHost, type HostRow, toBoot, toEvent, toHost } from './rows.ts'
import { openSigns } from './signs.ts'
import type { Defaults, EventFilter } from './store.ts'

const BOOT_COLUMNS = 'number, host_id, image, revision, address, opened_at, progressed_at, ended_at, outcome'
/** The row of `defaults` that is for all hosts: no image has this name. */
const SERVER = ''

const HOST_COLUMNS = [
  ...['hostname', 'serial', 'uuid', 'macs', 'state', 'plan', 'rest', 'revision', 'expires_at', 'protected', 'metadata'],
  ...['local_boot', 'firmware_boot', 'firmware', 'address', 'progress', 'attempts', 'reason', 'created_at', 'seen_at'],
]

/**
 * Hosts as people see them: last seen when and where the boot was opened that was last heard in. A greeting that changes nothing
 * else of its host does not write its row: a page for every machine would be most of what many machines at once write.
 */
const SEEN_HOSTS = `
  SELECT hosts.*, coalesce(boots.opened_at, hosts.seen_at) AS seen_at, coalesce(boots.address, hosts.address) AS address
  FROM hosts LEFT JOIN boots ON boots.number =
    (SELECT boot FROM events WHERE host_id = hosts.id AND boot IS NOT NULL ORDER BY id DESC LIMIT 1)`

/** The statements over one open database. Every function here expects to be called inside a transaction, or to only read. */
export function openTables(db: Database) {
  const named = (columns: readonly string[]) => columns.map((column) => `@${column}`).join(', ')
  const sql = {
    seenHostById: db.prepare<[number], HostRow>(`${SEEN_HOSTS} WHERE hosts.id = ?`),
    seenHosts: db.prepare<[], HostRow>(`${SEEN_HOSTS} ORDER BY hosts.id`),
    countHosts: db.prepare<[], { state: string; count: number }>(
      'SELECT state, count(*) AS count FROM hosts GROUP BY state',
    ),
    macsWithoutIpxe: db
      .prepare<[], Mac>(
        `SELECT mac FROM host_macs WHERE host_id IN (SELECT id FROM hosts WHERE firmware_boot <> 'ipxe') ORDER BY mac`,
      )
      .pluck(),
    hostsByMac: db.prepare<[string], HostRow>(
      'SELECT * FROM hosts WHERE id = (SELECT host_id FROM host_macs WHERE mac = ?)',
    ),
    hostsBySerialOrUuid: db.prepare<[string | null, string | null], HostRow>(
      'SELECT * FROM hosts WHERE serial = ? OR uuid = ?',
    ),
    idsByHostname: db.prepare<[string], number>('SELECT id FROM hosts WHERE hostname = ?').pluck(),
    insertHost: db.prepare<[HostRow]>(`INSERT INTO hosts (${HOST_COLUMNS}) VALUES (${named(HOST_COLUMNS)})`),
    insertHostAs: db.prepare<[HostRow]>(`INSERT INTO hosts (id, ${HOST_COLUMNS}) VALUES (@id, ${named(HOST_COLUMNS)})`),
    updateHost: db.prepare<[HostRow]>(
      `UPDATE hosts SET ${HOST_COLUMNS.map((column) => `${column} = @${column}`).join(', ')} WHERE id = @id`,
    ),
    deleteHost: db.prepare<[number]>('DELETE FROM hosts WHERE id = ?'),
    deleteMacs: db.prepare<[number]>('DELETE FROM host_macs WHERE host_id = ?'),
    insertMac: db.prepare<[string, number, number]>('INSERT INTO host_macs (mac, host_id, position) VALUES (?, ?, ?)'),
    lastHostId: db.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'hosts'`).pluck(),
    // The counter of AUTOINCREMENT, which SQLite lets us write.
    startCounter: db.prepare<[]>(
      `INSERT INTO sqlite_sequence (name, seq)
        SELECT 'boots', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'boots')`,
    ),
    reserveBoots: db
      .prepare<[number], number>(`UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'boots' RETURNING seq`)
      .pluck(),
    returnBoots: db.prepare<[number, number]>(`UPDATE sqlite_sequence SET seq = ? WHERE name = 'boots' AND seq = ?`),
    insertBoot: db.prepare<[number, string, number, string | null, number, string, number]>(
      'INSERT INTO boots (number, hash, host_id, image, revision, address, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    bootByHash: db.prepare<[{ hash: string }], BootRow>(
      `SELECT ${BOOT_COLUMNS} FROM boots WHERE substr(hash, 1, 6) = substr(@hash, 1, 6) AND hash = @hash`,
    ),
    updateBoot: db.prepare<[number | null, number | null, string | null, number]>(
      'UPDATE boots SET progressed_at = ?, ended_at = ?, outcome = ? WHERE number = ?',
    ),
    insertEvent: db.prepare<[number, number | null, number, string, string, string | null]>(
      'INSERT INTO events (host_id, boot, at, type, text, by_whom) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    lastEvent: db.prepare<[number], EventRow>('SELECT * FROM events WHERE host_id = ? ORDER BY id DESC LIMIT 1'),
    moveEvents: db.prepare<[number, number]>('UPDATE events SET host_id = ? WHERE host_id = ?'),
    events: db.prepare<[number], EventRow>('SELECT * FROM (SELECT * FROM events ORDER BY id DESC LIMIT ?) ORDER BY id'),
    defaults: db.prepare<[], { image: string; settings: string }>('SELECT image, settings FROM defaults'),
    setDefaults: db.prepare<[string, string]>('INSERT OR REPLACE INTO defaults (image, settings) VALUES (?, ?)'),
    // A statement of its own: with `@host IS NULL OR …` in one, SQLite would look at every event for each host.
    eventsOf: db.prepare<[number, number], EventRow>(
      'SELECT * FROM (SELECT * FROM events WHERE host_id = ? ORDER BY id DESC LIMIT ?) ORDER BY id',
    ),
  }

  const words = openHostWords(db)
  const pages = openHostPages(db)
  const signs = openSigns(db)
  const host = (id: HostId): Host | undefined => toHostIf(sql.seenHostById.get(id))

  /** @throws {ProvisionError} not-found */
  function existing(id: HostId): Host {
    const found = host(id)
    if (found === undefined) throw new ProvisionError('not-found', `there is no host ${id}`)
    return found
  }

  /** The hosts that have at least one of these identifiers, lowest id first; when they were seen may be older than it is. */
  function sharing({ macs, serial, uuid }: Identity): Host[] {
    const found = sql.hostsBySerialOrUuid.all(serial ?? null, uuid ?? null).map(toHost)
    // A card is of one host: those of a host that was found need no look.
    const isKnown = (mac: Mac) => found.some((other) => other.macs.includes(mac))
    for (const mac of macs) if (!isKnown(mac)) found.push(...sql.hostsByMac.all(mac).map(toHost))
    return found.sort((a, b) => a.id - b.id)
  }

  function writeMacs(written: Host): void {
    sql.deleteMacs.run(written.id)
    ;[...new Set(written.macs)].forEach((mac, position) => {
      sql.insertMac.run(mac, written.id, position)
    })
  }

  function addEvent(owner: HostId, boot: number | undefined, at: number, event: NewEvent): void {
    sql.insertEvent.run(owner, boot ?? null, at, event.type, event.text, event.by ?? null)
    signs.note(owner, boot, at, event)
  }

  return {
    host,
    existing,
    sharing,
    /** The same, for machines that greet: most are as they were. */
    findMachine: openFindMachine(db, sharing),
    signs,

    nextHostId: (): HostId => (sql.lastHostId.get() ?? 0) + 1,

    /** One page of a list of hosts. */
    hostPage: (page: HostPage): Host[] => pages.ids(page).map(existing),

    hosts: (): Host[] => sql.seenHosts.all().map(toHost),

    insertHost(draft: Host): Host {
      const id = Number((draft.id === 0 ? sql.insertHost : sql.insertHostAs).run(fromHost(draft)).lastInsertRowid)
      const inserted = { ...draft, id }
      writeMacs(inserted)
      words.add(inserted)
      return inserted
    },

    /** Writes what differs. The rows of the MAC addresses are touched only when the list is another one. */
    updateHost(before: Host, after: Host): void {
      if (after === before) return
      sql.updateHost.run(fromHost(after))
      if (after.macs !== before.macs) writeMacs(after)
      words.change(before, after)
    },

    deleteHost(id: HostId): void {
      sql.deleteHost.run(id)
      words.remove(id)
    },

    /**
     * Boards that were given one serial or UUID are hosts of their own that share it: what a host had before it may keep.
     * @param before what it was, if it was one
     * @throws {ProvisionError} conflict, when another host has an identifier or the name that is new to this one
     */
    checkUnique(checked: Host, before: readonly Host[] = []): void {
      const { hostname } = checked
      const sharer = sharing(addedIdentity(checked, before)).find(({ id }) => id !== checked.id)
      const named = hostname === undefined ? [] : sql.idsByHostname.all(hostname)
      const other = named.find((id) => id !== checked.id)
      const taken = sharer ?? (other === undefined ? undefined : host(other))
      if (taken === undefined) return
      const what = sharer === undefined ? `the name ${hostname}` : `an identifier of host ${checked.id}`
      throw new ProvisionError('conflict', `${nameOf(taken)} already has ${what}`)
    },

    listCardsWithoutIpxe: () => sql.macsWithoutIpxe.all(),

    countHosts(): Readonly<Record<HostState, number>> {
      const counted = new Map(sql.countHosts.all().map((row) => [row.state, row.count]))
      return Object.fromEntries(HOST_STATES.map((state) => [state, counted.get(state) ?? 0])) as Record<
        HostState,
        number
      >
    },

    named: (hostname: string): HostId[] => sql.idsByHostname.all(hostname),

    /** Takes so many numbers for boots out of everybody else's reach. @returns the last of them */
    reserveBoots(count: number): number {
      sql.startCounter.run()
      return Number(sql.reserveBoots.get(count))
    },

    /** Gives back the numbers behind `used`, unless somebody has reserved more since. */
    returnBoots: (used: number, last: number): void => void sql.returnBoots.run(used, last),

    insertBoot(hash: string, boot: Boot): void {
      const { number, hostId, image = null, revision, address = '', openedAt } = boot
      sql.insertBoot.run(number, hash, hostId, image, revision, address, openedAt)
    },

    boot(hash: string): Boot | undefined {
      const row = sql.bootByHash.get({ hash })
      return row === undefined ? undefined : toBoot(row)
    },

    updateBoot(before: Boot, after: Boot): void {
      if (after === before) return
      sql.updateBoot.run(after.progressedAt ?? null, after.endedAt ?? null, after.outcome ?? null, after.number)
    },

    addEvents(owner: HostId, boot: number | undefined, at: number, events: readonly NewEvent[]): void {
      for (const event of events) addEvent(owner, boot, at, event)
    },

    /** Adds what the host's last event does not tell already. */
    addNews(owner: HostId, at: number, events: readonly NewEvent[]): void {
      const last = sql.lastEvent.get(owner)
      const isTold = ({ type, text }: NewEvent) => last?.type === type && last.text === text
      for (const event of events) if (!isTold(event)) addEvent(owner, undefined, at, event)
    },

    moveEvents: (from: HostId, to: HostId): void => void sql.moveEvents.run(to, from),

    defaults(): Defaults {
      const found = sql.defaults
        .all()
        .map(({ image, settings }) => [image, JSON.parse(settings) as JsonObject] as const)
      const { [SERVER]: server = {}, ...images } = Object.fromEntries(found)
      return { server, images }
    },

    setDefaults: (image: string | undefined, settings: JsonObject): void =>
      void sql.setDefaults.run(image ?? SERVER, JSON.stringify(settings)),

    events({ host, last = -1 }: EventFilter): HostEvent[] {
      return (host === undefined ? sql.events.all(last) : sql.eventsOf.all(host, last)).map(toEvent)
    },
  }
}

function toHostIf(row: HostRow | undefined): Host | undefined {
  return row === undefined ? undefined : toHost(row)
}

export type Tables = ReturnType<typeof openTables>
