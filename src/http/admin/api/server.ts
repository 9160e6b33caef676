import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { hostJson } from '../../../commands/host-json.ts'
import { importKnownHosts, readKnownHosts } from '../../../commands/import-known-hosts.ts'
import { openBackup } from '../../../commands/open-backup.ts'
import { HOST_STATES } from '../../../core/host.ts'
import { type ApiDoor, byCaller } from './door.ts'
import { HostShape } from './shapes/host.ts'
import { answers, list, ref, time } from './shapes/shape.ts'

const Status = Type.Object({
  version: Type.String({ examples: ['0.1.0'] }),
  startedAt: time('When this server was started'),
  now: time('What time it is there'),
  hosts: Type.Record(Type.Enum([...HOST_STATES]), Type.Integer(), {
    description: 'How many hosts are in each state',
    examples: [{ new: 1, assigned: 0, installing: 2, finished: 30, failed: 0 }],
  }),
  maxInstalls: Type.Union([Type.Integer(), Type.Null()], {
    description: 'How many may install at once; null for no limit',
  }),
  troubles: list(Type.String(), { description: 'What is wrong with parts of the server; empty when all is well' }),
})

const KnownQuery = Type.Object(
  {
    keepPlans: Type.Boolean({
      default: false,
      description: 'Arms hosts with the plans they have, instead of holding them',
    }),
    dryRun: Type.Boolean({ default: false, description: 'Says what would be taken over, changing nothing' }),
  },
  { additionalProperties: false },
)

const TakenOver = Type.Object({
  hosts: list(ref(HostShape)),
  notes: list(Type.String(), { description: 'What was left out, and why' }),
})

const tags = ['server']

/** The server itself: how it is, a copy of its database, and hosts from elsewhere. */
export const serverRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  const { workshop, folders, now, version } = door
  const { store } = workshop
  const startedAt = new Date(now()).toISOString()

  app.get(
    '/status',
    { schema: { tags, operationId: 'getStatus', summary: 'How the server is', response: answers({ 200: Status }) } },
    async () => ({
      ...{ version, startedAt, now: new Date(now()).toISOString(), maxInstalls: door.maxInstalls ?? null },
      hosts: { ...(await store.countHosts()) },
      troubles: door.troubles(),
    }),
  )

  app.get(
    '/backup',
    {
      config: { role: 'admin' },
      schema: {
        tags,
        operationId: 'getBackup',
        summary: 'A consistent copy of the database, while everything goes on',
        description: 'To restore: stop the server and put the copy in the place of `metalspray.sqlite`.',
        produces: ['application/vnd.sqlite3'],
        response: answers({
          200: Type.Unsafe<unknown>({ type: 'string', format: 'binary', description: 'An SQLite database' }),
        }),
      },
    },
    async (_request, reply) => {
      const { stream, size } = await openBackup(store, folders.data)
      reply.raw.once('close', () => stream.destroy())
      reply.header('content-disposition', `attachment; filename="metalspray.sqlite"`)
      return reply.type('application/vnd.sqlite3').header('content-length', size).send(stream)
    },
  )

  app.post(
    '/known-hosts',
    {
      schema: {
        tags,
        operationId: 'importKnownHosts',
        summary: "Take over the hosts of KIWIspray's known_hosts.json, all or none",
        querystring: KnownQuery,
        body: Type.Array(Type.Unknown(), { maxItems: 100_000, description: 'What stands in known_hosts.json' }),
        response: answers({ 200: TakenOver }),
      },
    },
    async (request) => {
      const { keepPlans, dryRun } = request.query
      const { by } = byCaller(door, request)
      const options = { keepPlans, at: now() }
      const taken = dryRun
        ? readKnownHosts(request.body, await store.listHosts(), options)
        : await importKnownHosts(store, request.body, { ...options, by })
      return { hosts: taken.hosts.map((host) => hostJson(host, now(), undefined)), notes: taken.notes }
    },
  )
}
