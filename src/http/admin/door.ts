import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import type { Live } from '../../commands/follow.ts'
import { ProvisionError } from '../../core/errors.ts'
import { HOST_STATES, type Host } from '../../core/host.ts'
import type { Store } from '../../store/store.ts'
import { apiRoutes, useShapes } from './api/api.ts'
import { documentApi } from './api/document.ts'
import { tokenRoutes } from './api/tokens.ts'
import { eventRoutes } from './live/events.ts'
import { hostLogRoutes } from './live/host-log.ts'
import { type MetricsDoor, metricsRoutes } from './metrics.ts'
import type { PagesDoor } from './pages/door.ts'
import { pageRoutes } from './pages/pages.ts'

export interface AdminDoor extends Omit<PagesDoor, 'flash'>, MetricsDoor {
  /** What hosts are followed by. */
  readonly live: Live
}

/** All but the status is for who may look at the rest of the door, too. */
const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
  /** Whether nobody gets in without a token, not even from this machine. */
  asksForToken: Type.Optional(Type.Boolean()),
  version: Type.Optional(Type.String()),
  /** How many hosts are in each state; absent while the database cannot be read. */
  hosts: Type.Optional(Type.Record(Type.Union(HOST_STATES.map((state) => Type.Literal(state))), Type.Integer())),
  /** Memory for files that many machines fetch, in bytes. */
  cache: Type.Optional(Type.Object({ limit: Type.Integer(), bytes: Type.Integer(), files: Type.Integer() })),
  troubles: Type.Optional(Type.Array(Type.String())),
})

/** The door for people and their tools. */
export const adminRoutes: FastifyPluginAsyncTypebox<AdminDoor> = async (app, door) => {
  const { store } = door.workshop
  useShapes(app)
  await documentApi(app, door.version, await readFile(join(door.pages.assets, 'icon.svg'), 'utf8'))
  await app.register(apiRoutes, { ...door, prefix: '/api/v1' })
  await app.register(tokenRoutes, { ...door, prefix: '/api/v1' })
  await app.register(pageRoutes, door)
  await app.register(metricsRoutes, door)

  const healthz = { config: { open: true }, schema: { response: { 200: Health, 503: Health } } }
  app.get('/healthz', healthz, async (request, reply) => {
    const { known, trouble } = await countHosts(store)
    const troubles = [...door.troubles(), ...trouble]
    const status = troubles.length === 0 ? 'ok' : 'degraded'
    const health: Static<typeof Health> = {
      status,
      asksForToken: app.asksForToken,
      version: door.version,
      ...known,
      cache: door.cache?.state ?? { limit: 0, bytes: 0, files: 0 },
      troubles,
    }
    // A load balancer needs no more, and a stranger gets no more.
    return reply.code(status === 'ok' ? 200 : 503).send(request.isStranger ? { status } : health)
  })

  await app.register(eventRoutes, { store, live: door.live })
  await app.register(hostLogRoutes, { store })

  app.get('/hosts', async (_request, reply) => {
    const lines = (await store.listHosts()).map(hostLine)
    return reply.type('text/plain; charset=utf-8').send([hostHeader, ...lines, ''].join('\n'))
  })
}

/** A database that cannot be read is the trouble that a health check is for. */
async function countHosts(
  store: Store,
): Promise<{ known: Pick<Static<typeof Health>, 'hosts'>; trouble: readonly string[] }> {
  try {
    return { known: { hosts: await store.countHosts() }, trouble: [] }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return { known: {}, trouble: [error.message] }
  }
}

const row = (id: string, name: string, state: string, serial: string) =>
  `${id.padStart(4)} ${name.padEnd(20)} ${state.padEnd(10)} ${serial}`

const hostHeader = row('#Id', 'Hostname', 'State', 'Serial#')

/** A host in the columns of KIWIspray's list. */
function hostLine(host: Host): string {
  const isPlanned = host.state === 'assigned' || host.state === 'installing'
  const state = isPlanned ? host.plan.images.join(',') : host.state
  return row(String(host.id), host.hostname ?? '', state, host.serial ?? '')
}
