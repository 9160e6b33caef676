import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { attentionOfHost, attentionOfHosts } from '../../../commands/attention.ts'
import { deleteHost, type Edited, editHost, mergeHosts } from '../../../commands/edit-host.ts'
import { findHost } from '../../../commands/find-host.ts'
import { hostJson } from '../../../commands/host-json.ts'
import { pageHosts } from '../../../commands/page-hosts.ts'
import { plannableImages } from '../../../commands/workshop.ts'
import { HOST_STATES, type Host } from '../../../core/host.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { type ApiDoor, byCaller, editDeps } from './door.ts'
import { IF_MATCH, readIfMatch, tagAs } from './etag.ts'
import { readHostEdits } from './read-edits.ts'
import { EditedShape, HostEditsShape } from './shapes/edits.ts'
import { HostShape } from './shapes/host.ts'
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

export const HostParams = Type.Object({
  host: Type.String({
    minLength: 1,
    maxLength: 300,
    description: 'Id, name, MAC address, serial or UUID',
    examples: ['esx3'],
  }),
})

const tags = ['hosts']

/** Hosts: lists of them, one, and changes of one. */
export const hostRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  const { workshop, now } = door
  const { store } = workshop

  const attentionDeps = async () => ({ store, now, findImage: (await plannableImages(workshop, door.folders)).find })
  const faceOf = async (host: Host) => {
    const [install, attention] = await Promise.all([
      store.findInstall(host.id),
      attentionOfHost(await attentionDeps(), host),
    ])
    return hostJson(host, now(), install, attention)
  }
  const editedFace = async (
    { host, events }: Edited,
    warnings: readonly string[] = [],
  ): Promise<Static<typeof EditedShape>> => ({
    host: await faceOf(host),
    changes: events.map(({ text }) => text),
    warnings: [...warnings],
  })

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
      const { cursor, limit, sort, q: text, ...filter } = request.query
      const [order, isDescending] = sort.startsWith('-') ? [sort.slice(1), true] : [sort, false]
      const page = await pageHosts(
        store,
        {
          filter: { ...filter, ...(text === undefined ? {} : { text }) },
          ...{ order: order === 'name' ? 'name' : 'id', isDescending, after: readCursor(cursor), limit },
        },
        now(),
      )
      const attention = await attentionOfHosts(await attentionDeps(), page.hosts, page.installs)
      const hosts = page.hosts.map((host) => hostJson(host, now(), page.installs.get(host.id), attention.get(host.id)))
      return { hosts, next: writeCursor(page.next) }
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
      const host = await findHost(store, request.params.host)
      tagAs(reply, host, now())
      return faceOf(host)
    },
  )

  app.patch(
    '/hosts/:host',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        operationId: 'editHost',
        summary: 'Change a host: all of it or nothing',
        params: HostParams,
        headers: IF_MATCH,
        body: ref(HostEditsShape),
        response: answers({ 200: ref(EditedShape) }),
      },
    },
    async (request, reply) => {
      const { edits, warnings } = readHostEdits(request.body)
      const deps = { ...(await editDeps(door, request)), expect: readIfMatch(request) }
      const edited = await editHost(deps, request.params.host, edits)
      tagAs(reply, edited.host, now())
      return editedFace(edited, [...warnings, ...edited.warnings])
    },
  )

  app.delete(
    '/hosts/:host',
    {
      schema: {
        tags,
        operationId: 'deleteHost',
        summary: 'Forget a host and its boots; its events stay',
        params: HostParams,
        headers: IF_MATCH,
        response: answers({ 204: Type.Null({ description: 'It is gone' }) }),
      },
    },
    async (request, reply) => {
      await deleteHost({ ...byCaller(door, request), expect: readIfMatch(request) }, request.params.host)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/hosts/:host/merge',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        operationId: 'mergeHosts',
        summary: 'Make one host of two that are the same machine',
        description:
          'The host of the path keeps its id, plan, name and metadata and takes over the other, which is gone.',
        params: HostParams,
        headers: IF_MATCH,
        body: Type.Object(
          {
            from: Type.String({
              minLength: 1,
              maxLength: 300,
              description: 'The host that is gone then',
              examples: ['7'],
            }),
          },
          { additionalProperties: false },
        ),
        response: answers({ 200: ref(EditedShape) }),
      },
    },
    async (request, reply) => {
      const deps = { ...byCaller(door, request), expect: readIfMatch(request) }
      const merged = await mergeHosts(deps, request.params.host, request.body.from)
      tagAs(reply, merged.host, now())
      return editedFace(merged)
    },
  )
}
