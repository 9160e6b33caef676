import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { findHost } from '../../../commands/find-host.ts'
import { listHosts } from '../../../commands/list-hosts.ts'
import { ATTENTION_LEVELS } from '../../../core/attention.ts'
import { HOST_STATES } from '../../../core/host.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { type ApiDoor, faceOf, hostFace, listDeps } from './door.ts'
import { tagAs } from './etag.ts'
import { HostParams, HostShape } from './shapes/host.ts'
import { answers, nullable, ref } from './shapes/shape.ts'

const SORTS = ['id', '-id', 'name', '-name'] as const

const Query = Type.Object(
  {
    state: Type.Optional(Type.Enum([...HOST_STATES], { description: 'Only those in this state' })),
    image: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'Only those with it in their plans, or with it installed last',
        examples: ['esxi8'],
      }),
    ),
    q: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'Only those with this in their name, MAC addresses, serial, UUID or address; or with this id',
        examples: ['rack7'],
      }),
    ),
    protected: Type.Optional(Type.Boolean({ description: 'Only those that are protected, or that are not' })),
    attention: Type.Optional(
      Type.Enum([...ATTENTION_LEVELS], {
        description:
          'Only those that stand until a person acts; with `look`, also those that may be meant so; or the rest',
      }),
    ),
    sort: Type.Enum([...SORTS], {
      default: 'id',
      description: 'In which order; those without a name are last by name',
    }),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'At most so many' }),
    cursor: Type.Optional(
      Type.String({ maxLength: 1000, description: '`next` of the page before, with the same filters and order' }),
    ),
  },
  { additionalProperties: false },
)

const Page = Type.Object({
  hosts: Type.Array(ref(HostShape)),
  next: nullable(Type.String({ description: '`cursor` of the next page; null when this is the last one' })),
})

const tags = ['hosts']

/** Hosts, for reading: lists of them, and one. */
export const hostRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  const { workshop, now } = door

  app.get(
    '/hosts',
    {
      schema: {
        tags,
        operationId: 'listHosts',
        summary: 'List hosts, page by page',
        querystring: Query,
        response: answers({ 200: Page }),
      },
    },
    async (request) => {
      const { cursor, limit, sort, q: text, attention, ...filter } = request.query
      const page = await listHosts(await listDeps(door), {
        filter: { ...filter, ...(text === undefined ? {} : { text }) },
        ...(attention === undefined ? {} : { attention }),
        ...{ order: sort.endsWith('name') ? 'name' : 'id', isDescending: sort.startsWith('-') },
        ...{ after: readCursor(cursor), limit },
      })
      return { hosts: page.hosts.map((listed) => faceOf(listed, now())), next: writeCursor(page.next) }
    },
  )

  app.get(
    '/hosts/:host',
    {
      schema: {
        tags,
        operationId: 'getHost',
        summary: 'One host, with its ETag',
        params: HostParams,
        response: answers({ 200: ref(HostShape) }),
      },
    },
    async (request, reply) => {
      const host = await findHost(workshop.store, request.params.host)
      tagAs(reply, host, now())
      return hostFace(door, host)
    },
  )
}
