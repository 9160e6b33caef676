import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { deleteHost, editHost, mergeHosts } from '../../../commands/edit-host.ts'
import { editHosts, type Outcome } from '../../../commands/edit-hosts.ts'
import { problemOf } from '../problem.ts'
import { type ApiDoor, byCaller, editDeps, editedFace } from './door.ts'
import { expecting, IF_MATCH, readIfMatch, tagAs } from './etag.ts'
import { readHostEdits } from './read-edits.ts'
import { EditedShape, HostEditsShape } from './shapes/edits.ts'
import { HostParams } from './shapes/host.ts'
import { Problem } from './shapes/problem.ts'
import { answers, ref } from './shapes/shape.ts'

const Many = Type.Object(
  {
    hosts: Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Ids, names, MAC addresses, serials or UUIDs',
      examples: [['esx1', '7']],
    }),
    edits: ref(HostEditsShape),
    ifMatch: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 1000 }), {
        description: 'ETags by what stands in `hosts`: those are changed only if they are what was seen',
      }),
    ),
  },
  { additionalProperties: false },
)

const Results = Type.Object({
  changed: Type.Integer({ description: 'How many were changed, or had to be in nothing', examples: [1] }),
  refused: Type.Integer({ examples: [1] }),
  results: Type.Array(
    Type.Object({
      host: Type.String({ description: 'As it was asked for' }),
      status: Type.Integer({ description: 'What the answer to it alone would have been', examples: [200] }),
      edited: Type.Optional(ref(EditedShape)),
      problem: Type.Optional(ref(Problem)),
    }),
    { description: 'In the order in which they were asked for' },
  ),
})

const tags = ['hosts']
const role = 'operator'

/** Changes of hosts. */
export const hostChangeRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  const { now } = door

  app.patch(
    '/hosts/:host',
    {
      config: { role },
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
      return editedFace(door, edited, [...warnings, ...edited.warnings])
    },
  )

  app.post(
    '/hosts/edits',
    {
      config: { role },
      schema: {
        tags,
        operationId: 'editHosts',
        summary: 'Change several hosts alike',
        description: 'Each is changed, or refused, for itself: look at the status of each.',
        body: Many,
        response: answers({ 200: Results }),
      },
    },
    async (request) => {
      const { hosts, edits: given, ifMatch = {} } = request.body
      const { edits, warnings } = readHostEdits(given)
      const wanted = [...new Set(hosts)].map((text) => ({
        text,
        expect: expecting(Object.hasOwn(ifMatch, text) ? ifMatch[text] : undefined),
      }))
      const outcomes = await editHosts(await editDeps(door, request), wanted, edits)
      const results = await Promise.all(outcomes.map((outcome) => resultOf(door, outcome, warnings)))
      const changed = results.filter(({ status }) => status === 200).length
      return { changed, refused: results.length - changed, results }
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
      config: { role },
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
      return editedFace(door, merged)
    },
  )
}

async function resultOf(door: ApiDoor, outcome: Outcome, warnings: readonly string[]) {
  const { text: host } = outcome
  if ('refused' in outcome) {
    const problem = problemOf(outcome.refused)
    return { host, status: problem.status, problem }
  }
  const { edited } = outcome
  return { host, status: 200, edited: await editedFace(door, edited, [...warnings, ...edited.warnings]) }
}
