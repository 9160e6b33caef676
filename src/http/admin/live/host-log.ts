import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { findHost } from '../../../commands/find-host.ts'
import { lineJson, namedEventJson } from '../../../commands/host-json.ts'
import { readHostLog } from '../../../commands/host-log.ts'
import type { Store } from '../../../store/store.ts'
import { HostParams } from '../api/shapes/host.ts'
import { answers, nullable } from '../api/shapes/shape.ts'

const Query = Type.Object(
  {
    since: Type.Optional(Type.String({ format: 'date-time', description: 'what happened at this time or later' })),
    limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1000, description: 'the newest so many' }),
  },
  { additionalProperties: false },
)

const Entry = Type.Object({
  kind: Type.Union([Type.Literal('event'), Type.Literal('line')]),
  id: Type.Integer(),
  host: Type.Integer(),
  boot: nullable(Type.Integer()),
  at: nullable(Type.String()),
  text: Type.String(),
  name: Type.Optional(nullable(Type.String({ description: 'of an event: what the host is called now' }))),
  type: Type.Optional(Type.String({ description: 'of an event' })),
  by: Type.Optional(nullable(Type.String({ description: 'of an event: who did it' }))),
  severity: Type.Optional(nullable(Type.Integer({ description: 'of a line: 0 is an emergency, 7 for debugging' }))),
  app: Type.Optional(nullable(Type.String({ description: 'of a line: the program that speaks' }))),
})

const Log = Type.Object({
  entries: Type.Array(Entry, { description: 'In order of time' }),
  lastEvent: Type.Integer({ description: 'A stream of events goes on behind it, by `after`' }),
  lastLine: Type.Integer({ description: 'and by `lines`' }),
})

/** All that is known of a host, in order of time. */
export const hostLogRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  app.get(
    '/api/v1/hosts/:host/log',
    {
      schema: {
        tags: ['events'],
        operationId: 'readHostLog',
        summary: 'All that is known of a host, in order of time: events, boots, reports, and what its console said',
        params: HostParams,
        querystring: Query,
        response: answers({ 200: Log }),
      },
    },
    async (request) => {
      const { since, limit } = request.query
      const host = await findHost(store, request.params.host)
      const from = since === undefined ? undefined : Date.parse(since)
      const { entries, ...last } = await readHostLog(store, { host: host.id, since: from, limit })
      const shown = entries.map((entry) =>
        entry.kind === 'event'
          ? { kind: entry.kind, ...namedEventJson(entry.event) }
          : { kind: entry.kind, ...lineJson(entry.line) },
      )
      return { entries: shown, ...last }
    },
  )
}
