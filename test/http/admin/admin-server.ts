import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  InjectOptions,
  LightMyRequestResponse,
} from 'fastify'
import { pino } from 'pino'
import { type AdminAccess, openAccess } from '../../../src/admin-access.ts'
import { buildAdminApp } from '../../../src/admin-app.ts'
import { type AdminParts, buildAdminDoor } from '../../../src/admin-door.ts'
import type { Live } from '../../../src/commands/follow.ts'
import { openLive } from '../../../src/commands/open-live.ts'
import type { ApiDoor } from '../../../src/http/admin/api/door.ts'
import type { AdminDoor } from '../../../src/http/admin/door.ts'
import { FileCache } from '../../../src/images/file-cache.ts'
import { PACKAGE_TEMPLATES } from '../../../src/package.ts'
import { Pages } from '../../../src/render/html.ts'
import { type LabServer, type LabSettings, labServer } from '../lab-server.ts'

/** The admin door over the folders of a boot door. */
export interface AdminServer {
  readonly server: LabServer
  readonly admin: FastifyInstance
  readonly live: Live
  /** Asks the API: `GET /hosts`, with a body of JSON if there is one. */
  ask(request: string, body?: unknown, headers?: InjectOptions['headers']): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: LightMyRequestResponse['headers']
  readonly text: string
  /** What JSON says; `undefined` for anything else. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly json: any
}

export interface AdminSettings extends LabSettings {
  readonly troubles?: readonly string[]
  /** What the doctor finds; nothing by default. */
  readonly doctor?: ApiDoor['doctor']
  /** The dnsmasq beside the server; none by default. */
  readonly dhcp?: AdminDoor['dhcp']
}

/** What the admin door is made of, over the folders of a boot door. */
export async function adminParts(t: Pick<TestContext, 'after'>, settings: AdminSettings = {}) {
  const server = await labServer(t, settings)
  const { folder, workshop, tally, now } = server
  const live = openLive(server.store, now, () => {})
  t.after(() => live[Symbol.dispose]())
  const door: AdminDoor = {
    ...{ workshop, live, tally },
    folders: { images: join(folder, 'images'), data: join(folder, 'data'), templates: join(folder, 'templates') },
    ...{ pages: new Pages(PACKAGE_TEMPLATES, now), dhcp: settings.dhcp },
    ...{ version: '1.2.3', maxInstalls: settings.maxInstalls, discover: settings.discover ?? false, now },
    ...{ cache: new FileCache(1000), troubles: () => settings.troubles ?? [] },
    doctor: settings.doctor ?? (async () => []),
  }
  return { server, live, door }
}

/** The admin door, and behind it what a server has there. @param more adds routes to that */
export function openDoor(
  door: AdminDoor,
  logger: FastifyBaseLogger,
  { access = openAccess(door.workshop.store, door.now), more = async () => {} }: DoorSettings = {},
): Promise<FastifyInstance> {
  const { store } = door.workshop
  const makeApp: AdminParts['makeApp'] = async (gate) => {
    const app = await buildAdminApp(door, gate, logger)
    await app.register(more)
    return app
  }
  return buildAdminDoor({ health: { ...door, store }, access, logger, makeApp })
}

interface DoorSettings {
  readonly access?: AdminAccess
  readonly more?: FastifyPluginAsync
}

export async function adminServer(t: Pick<TestContext, 'after'>, settings: AdminSettings = {}): Promise<AdminServer> {
  const { server, live, door } = await adminParts(t, settings)
  const admin = await openDoor(door, pino({ level: 'silent' }))
  t.after(() => admin.close())
  return {
    ...{ server, admin, live },
    ask: async (request, body, headers = {}) => {
      const [method = '', path = ''] = request.split(' ')
      const sent = body === undefined ? {} : { payload: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await admin.inject({
        method: method as 'GET',
        url: path.startsWith('/api') ? path : `/api/v1${path}`,
        headers: { ...type, ...headers },
        ...sent,
      })
      const isJson = /[/+]json/.test(String(answer.headers['content-type']))
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.body,
        json: isJson ? JSON.parse(answer.body) : undefined,
      }
    },
  }
}
