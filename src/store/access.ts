import type { Database } from 'better-sqlite3'
import type { AccessEvent, AccessEventType, Role } from '../core/access.ts'
import { ProvisionError } from '../core/errors.ts'
import { SESSION_LENGTH, type Session } from '../core/session.ts'
import type { AccessToken } from '../core/token.ts'

/** So many lines of each type are kept: whoever makes many of one, by trying tokens, cannot push out the others. */
const MOST_EVENTS = 5000

interface TokenRow {
  readonly id: number
  readonly name: string
  readonly role: string
  readonly created_at: number
  readonly created_by: string | null
  readonly expires_at: number | null
  readonly used_at: number | null
  readonly revoked_at: number | null
}

interface SessionRow {
  readonly token_id: number
  readonly created_at: number
  readonly seen_at: number
  readonly address: string
}

interface AccessRow {
  readonly at: number
  readonly type: string
  readonly by_whom: string | null
  readonly address: string | null
  readonly text: string
}

/** How the statements are run: {@link Runners.now} is for what may be lost in a power cut. */
interface Runners {
  read<T>(work: () => T): T
  durably<T>(work: () => T): Promise<T>
  now<T>(work: () => T): Promise<T>
}

/**
 * Who may come to the admin door: tokens and sessions by the hashes of their secrets, and the record of who came.
 * As in {@link Store}, every method may throw a ProvisionError of kind `unavailable`.
 */
export interface AccessStore {
  /** @throws {ProvisionError} conflict, when another token that is not revoked has the name */
  addToken(hash: string, token: Omit<AccessToken, 'id' | 'usedAt' | 'revokedAt'>): Promise<AccessToken>
  /** All tokens, the newest last. */
  listTokens(): Promise<readonly AccessToken[]>
  /** Takes a token out of use and ends its sessions. @throws {ProvisionError} not-found */
  revokeToken(name: string, at: number): Promise<AccessToken>
  findToken(hash: string): Promise<AccessToken | undefined>
  noteTokenUse(id: number, at: number): Promise<void>

  /** Keeps a session; those that are over are forgotten. */
  addSession(hash: string, token: number, session: Session): Promise<void>
  findSession(hash: string): Promise<{ readonly session: Session; readonly token: AccessToken } | undefined>
  noteSessionUse(hash: string, at: number): Promise<void>
  /** Forgets a session, if there is one. */
  endSession(hash: string): Promise<void>

  addAccessEvent(event: AccessEvent): Promise<void>
  /** The newest so many, in order of time. */
  listAccessEvents(last: number): Promise<readonly AccessEvent[]>
}

/** The statements over the tables of tokens and sessions. */
export function openAccess(db: Database, { read, durably, now }: Runners): AccessStore {
  const insert = db.prepare<[Omit<TokenRow, 'id' | 'used_at' | 'revoked_at'> & { hash: string }]>(
    `INSERT INTO tokens (hash, name, role, created_at, created_by, expires_at)
      VALUES (@hash, @name, @role, @created_at, @created_by, @expires_at)`,
  )
  const byId = db.prepare<[number], TokenRow>('SELECT * FROM tokens WHERE id = ?')
  const byHash = db.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE hash = ?')
  const byName = db.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE name = ? AND revoked_at IS NULL')
  const all = db.prepare<[], TokenRow>('SELECT * FROM tokens ORDER BY id')
  const revoke = db.prepare<[number, number]>('UPDATE tokens SET revoked_at = ? WHERE id = ?')
  const noteUse = db.prepare<[number, number]>('UPDATE tokens SET used_at = ? WHERE id = ?')
  const insertSession = db.prepare<[string, number, number, number, string]>(
    'INSERT INTO sessions (hash, token_id, created_at, seen_at, address) VALUES (?, ?, ?, ?, ?)',
  )
  const session = db.prepare<[string], SessionRow>('SELECT * FROM sessions WHERE hash = ?')
  const noteSession = db.prepare<[number, string]>('UPDATE sessions SET seen_at = ? WHERE hash = ?')
  const endSession = db.prepare<[string]>('DELETE FROM sessions WHERE hash = ?')
  const endSessionsOf = db.prepare<[number]>('DELETE FROM sessions WHERE token_id = ?')
  const forgetOld = db.prepare<[number]>('DELETE FROM sessions WHERE created_at < ?')
  const insertEvent = db.prepare<[AccessRow]>(
    'INSERT INTO access_events (at, type, by_whom, address, text) VALUES (@at, @type, @by_whom, @address, @text)',
  )
  const trimEvents = db.prepare<[{ type: string }]>(
    `DELETE FROM access_events WHERE type = @type AND id <=
      (SELECT id FROM access_events WHERE type = @type ORDER BY id DESC LIMIT 1 OFFSET ${MOST_EVENTS})`,
  )
  const events = db.prepare<[number], AccessRow>(
    'SELECT * FROM (SELECT * FROM access_events ORDER BY id DESC LIMIT ?) ORDER BY id',
  )
  const existing = (id: number | bigint) => toToken(byId.get(Number(id)) as TokenRow)
  const reading = async <T>(work: () => T): Promise<T> => read(work)

  return {
    addToken: (hash, { name, role, createdAt, createdBy = null, expiresAt = null }) =>
      durably(() => {
        if (byName.get(name) !== undefined) {
          throw new ProvisionError(
            'conflict',
            `there is a token ${name} already; revoke it first or choose another name`,
          )
        }
        const row = { hash, name, role, created_at: createdAt, created_by: createdBy, expires_at: expiresAt }
        return existing(insert.run(row).lastInsertRowid)
      }),
    listTokens: () => reading(() => all.all().map(toToken)),
    revokeToken: (name, at) =>
      durably(() => {
        const row = byName.get(name)
        if (row === undefined) throw new ProvisionError('not-found', `there is no token ${name} in use`)
        revoke.run(at, row.id)
        endSessionsOf.run(row.id)
        return existing(row.id)
      }),
    findToken: (hash) => reading(() => optional(byHash.get(hash), toToken)),
    noteTokenUse: (id, at) => now(() => void noteUse.run(at, id)),

    addSession: (hash, token, { createdAt, seenAt, address }) =>
      durably(() => {
        forgetOld.run(createdAt - SESSION_LENGTH)
        insertSession.run(hash, token, createdAt, seenAt, address)
      }),
    findSession: (hash) =>
      reading(() => optional(session.get(hash), (row) => ({ session: toSession(row), token: existing(row.token_id) }))),
    noteSessionUse: (hash, at) => now(() => void noteSession.run(at, hash)),
    endSession: (hash) => durably(() => void endSession.run(hash)),

    addAccessEvent: ({ at, type, by = null, address = null, text }) =>
      now(() => {
        insertEvent.run({ at, type, by_whom: by, address, text })
        trimEvents.run({ type })
      }),
    listAccessEvents: (last) => reading(() => events.all(last).map(toAccessEvent)),
  }
}

function optional<Row, T>(row: Row | undefined, make: (row: Row) => T): T | undefined {
  return row === undefined ? undefined : make(row)
}

/** The table checks the roles. */
function toToken(row: TokenRow): AccessToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    createdAt: row.created_at,
    createdBy: row.created_by ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    usedAt: row.used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  }
}

function toSession({ created_at, seen_at, address }: SessionRow): Session {
  return { createdAt: created_at, seenAt: seen_at, address }
}

/** Only {@link AccessStore.addAccessEvent} wrote the type. */
function toAccessEvent(row: AccessRow): AccessEvent {
  return {
    at: row.at,
    type: row.type as AccessEventType,
    by: row.by_whom ?? undefined,
    address: row.address ?? undefined,
    text: row.text,
  }
}
