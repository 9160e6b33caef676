import type { TestContext } from 'node:test'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { pino } from 'pino'
import { type AdminAccess, openAccess } from '../../../src/admin-access.ts'
import { createToken, revokeToken } from '../../../src/commands/tokens.ts'
import type { Role } from '../../../src/core/access.ts'
import type { Store } from '../../../src/store/store.ts'
import type { LabServer } from '../lab-server.ts'
import { adminParts, openDoor } from './admin-server.ts'

/** An address that is not this machine's. */
export const ELSEWHERE = '192.0.2.7'

export interface LabDoor {
  readonly app: FastifyInstance
  readonly store: Store
  /** The boot door over the same store. */
  readonly server: LabServer
  /** In ms since 1970; tests move it on. */
  readonly clock: { now: number }
  /** All that was logged, a line of JSON each. */
  readonly lines: string[]
  /** Makes a token. */
  token(name: string, role: Role, expiresIn?: number): Promise<string>
  revoke(name: string): Promise<void>
  /** Waits until all is in the database that was noted so far: nobody else waits for that. */
  settled(): Promise<void>
  /** The record of who came: `type by address text`. */
  record(): Promise<readonly string[]>
}

/** The admin door over an empty store, with some routes more: `/thing` to GET, POST and DELETE, `/open` and `/operator`. */
export async function labDoor(t: TestContext, parts: Partial<AdminAccess['gate']> = {}): Promise<LabDoor> {
  const { server, door } = await adminParts(t)
  const { store } = server
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') }
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line) => void lines.push(line) })
  const { gate } = openAccess(store, () => clock.now)
  const more: FastifyPluginAsync = async (routes) => {
    routes.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))))
    })
    const tell = async ({ caller, csrf, isStranger }: { caller: object; csrf: string; isStranger: boolean }) => ({
      ...caller,
      csrf,
      isStranger,
    })
    for (const method of ['GET', 'POST', 'DELETE'] as const) routes.route({ method, url: '/thing', handler: tell })
    routes.get('/open', { config: { open: true } }, tell)
    routes.post('/operator', { config: { role: 'operator' } }, tell)
  }
  const app = await openDoor(door, logger, { access: { gate: { ...gate, ...parts }, tls: undefined }, more })
  t.after(() => app.close())
  const deps = { access: store.access, now: () => clock.now, by: 'cli tester' }
  return {
    ...{ app, store, server, clock, lines },
    token: async (name, role, expiresIn) => (await createToken(deps, { name, role, expiresIn })).secret,
    revoke: async (name) => void (await revokeToken(deps, name)),
    settled: () => store.access.endSession('none'),
    record: async () => {
      await store.access.endSession('none')
      const events = await store.access.listAccessEvents(1000)
      return events.map(({ type, by = '-', address = '-', text }) => `${type} ${by} ${address} ${text}`)
    },
  }
}

/** Signs a browser in. @returns the headers that it then sends */
export async function signedIn({ app }: LabDoor, token: string): Promise<{ readonly cookie: string }> {
  const payload = new URLSearchParams({ token }).toString()
  const answer = await app.inject({ method: 'POST', url: '/sign-in', headers: FORM, payload })
  if (answer.statusCode !== 303) throw new Error(`not signed in: ${answer.body}`)
  return { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' }
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
