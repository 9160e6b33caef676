import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Live } from '../../commands/follow.ts'
import type { Host } from '../../core/host.ts'
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

/** What people and their tools come to the door for. */
export const adminRoutes: FastifyPluginAsyncTypebox<AdminDoor> = async (app, door) => {
  const { store } = door.workshop
  useShapes(app)
  await documentApi(app, door.version, await readFile(join(door.pages.assets, 'icon.svg'), 'utf8'))
  await app.register(apiRoutes, { ...door, prefix: '/api/v1' })
  await app.register(tokenRoutes, { ...door, prefix: '/api/v1' })
  await app.register(pageRoutes, door)
  await app.register(metricsRoutes, door)

  await app.register(eventRoutes, { store, live: door.live })
  await app.register(hostLogRoutes, { store })

  app.get('/hosts', async (_request, reply) => {
    const lines = (await store.listHosts()).map(hostLine)
    return reply.type('text/plain; charset=utf-8').send([hostHeader, ...lines, ''].join('\n'))
  })
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
