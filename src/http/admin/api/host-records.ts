import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { findHost } from '../../../commands/find-host.ts'
import { bootJson } from '../../../commands/host-json.ts'
import { ProvisionError } from '../../../core/errors.ts'
import type { HostId } from '../../../core/host.ts'
import type { LoggedBoot, Store } from '../../../store/store.ts'
import { EventPage, pageOf } from '../live/events.ts'
import type { ApiDoor } from './door.ts'
import { BootShape } from './shapes/event.ts'
import { HostParams } from './shapes/host.ts'
import { answers, nullable, ref } from './shapes/shape.ts'

const Limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'At most so many' })
const Id = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

const EventQuery = Type.Object(
  {
    after: Type.Optional(Type.Integer({ ...Id, description: 'The first ones behind this id; without it, the newest' })),
    before: Type.Optional(Type.Integer({ ...Id, description: 'Only such as stand before this id' })),
    limit: Limit,
  },
  { additionalProperties: false },
)

const BootQuery = Type.Object(
  {
    before: Type.Optional(Type.Integer({ ...Id, description: '`previous` of the page before' })),
    limit: Limit,
  },
  { additionalProperties: false },
)

const BootPage = Type.Object({
  boots: Type.Array(ref(BootShape), { description: 'The newest first' }),
  previous: nullable(
    Type.Integer({ description: 'For `before`: what came earlier; null when there is nothing', examples: [120] }),
  ),
})

const tags = ['hosts']

/** What happened to hosts. */
export const hostRecordRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, { workshop }) => {
  const { store } = workshop

  app.get(
    '/hosts/:host/events',
    {
      schema: {
        tags,
        operationId: 'listHostEvents',
        summary: 'What happened to a host; of a deleted one by its id',
        params: HostParams,
        querystring: EventQuery,
        response: answers({ 200: EventPage }),
      },
    },
    async (request) => {
      const host = await idOf(store, request.params.host)
      const { after, limit } = request.query
      return pageOf(await store.readEvents({ host, ...request.query }), after, limit)
    },
  )

  app.get(
    '/hosts/:host/boots',
    {
      schema: {
        tags,
        operationId: 'listHostBoots',
        summary: 'The boots of a host',
        params: HostParams,
        querystring: BootQuery,
        response: answers({ 200: BootPage }),
      },
    },
    async (request) => {
      const { id } = await findHost(store, request.params.host)
      return bootPage(await store.readBoots({ host: id, ...request.query }), request.query.limit)
    },
  )

  app.get(
    '/boots',
    {
      schema: {
        tags,
        operationId: 'listBoots',
        summary: 'The boots of all hosts',
        querystring: BootQuery,
        response: answers({ 200: BootPage }),
      },
    },
    async (request) => bootPage(await store.readBoots(request.query), request.query.limit),
  )
}

function bootPage(logged: readonly LoggedBoot[], limit: number) {
  const last = logged.at(-1)
  return {
    boots: logged.map(({ boot }) => bootJson(boot)),
    previous: last === undefined || logged.length < limit ? null : last.place,
  }
}

/** What happened to a host outlives it. @throws {ProvisionError} not-found; conflict */
async function idOf(store: Store, text: string): Promise<HostId> {
  try {
    return (await findHost(store, text)).id
  } catch (error) {
    const isGone = error instanceof ProvisionError && error.kind === 'not-found' && /^\d{1,15}$/.test(text)
    if (!isGone || (await store.readEvents({ host: Number(text), limit: 1 })).length === 0) throw error
    return Number(text)
  }
}
