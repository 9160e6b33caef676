import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { findHost } from '../../../commands/find-host.ts'
import type { Live } from '../../../commands/follow.ts'
import { namedEventJson } from '../../../commands/host-json.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { EVENT_TYPES, type EventType } from '../../../core/event.ts'
import { quoted } from '../../../core/identity.ts'
import type { NamedEvent, Store } from '../../../store/store.ts'
import { EventShape } from '../api/shapes/event.ts'
import { answers, nullable, ref } from '../api/shapes/shape.ts'
import { Streams } from './streams.ts'

export interface LiveDoor {
  readonly store: Store
  readonly live: Live
  /** When a stream without news says that it is alive, in ms; a test does not wait for that. */
  readonly beat?: number
}

const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const Query = Type.Object(
  {
    host: Type.Optional(Type.String({ description: 'id, name, MAC address, serial or UUID of a host' })),
    type: Type.Optional(Type.String({ description: 'types of events, separated by commas' })),
    after: Type.Optional(Type.Integer({ ...Id, description: 'the first events behind this id' })),
    before: Type.Optional(Type.Integer({ ...Id, description: 'events before this id; not in a stream' })),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'events of this time or later' })),
    lines: Type.Optional(
      Type.Integer({ ...Id, description: 'in a stream of one host: also the lines of its console behind this id' }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'at most so many; not in a stream' }),
  },
  { additionalProperties: false },
)

/** A page of events. */
export const EventPage = Type.Object({
  events: Type.Array(ref(EventShape), { description: 'Oldest first' }),
  next: Type.Integer({ description: 'For `after`: what comes later', examples: [1207] }),
  previous: nullable(
    Type.Integer({ description: 'For `before`: what came earlier; null when there is nothing', examples: [1108] }),
  ),
})

/** The events of all hosts: as pages, and as a stream to who asks for `text/event-stream`. */
export const eventRoutes: FastifyPluginAsyncTypebox<LiveDoor> = async (app, { store, live, beat }) => {
  const streams = new Streams({ store, live }, beat)
  streams.closeWith(app)

  app.get(
    '/api/v1/events',
    {
      schema: {
        tags: ['events'],
        operationId: 'listEvents',
        summary: 'Events of all hosts, as pages or as a stream',
        description:
          'Asked for with `Accept: text/event-stream`, it is a stream of server-sent events that goes on behind `Last-Event-ID`.',
        querystring: Query,
        response: answers({ 200: EventPage }),
      },
    },
    async (request, reply) => {
      const { limit, before, lines } = request.query
      const wanted = await readWanted(store, request.query)
      reply.header('vary', 'accept')
      if (!wantsStream(request))
        return pageOf(await store.readEvents({ ...wanted, before, limit }), wanted.after, limit)
      const { stream, stop } = streams.open({ ...wanted, lines, after: lastEventId(request) ?? wanted.after })
      reply.raw.once('close', stop)
      // Behind nginx, too, each event is to come when it happens.
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream')
      return reply.send(stream as never)
    },
  )
}

/** What pages and streams have in common. @throws {ProvisionError} not-found, conflict, invalid */
async function readWanted(store: Store, { host, type, after, since }: Static<typeof Query>) {
  return {
    host: host === undefined ? undefined : (await findHost(store, host)).id,
    types: type === undefined ? undefined : readTypes(type),
    after,
    since: since === undefined ? undefined : Date.parse(since),
  }
}

/** What is told of events that were found. */
export function pageOf(
  events: readonly NamedEvent[],
  after: number | undefined,
  limit: number,
): Static<typeof EventPage> {
  const first = events.at(0)
  return {
    events: events.map(namedEventJson),
    next: events.at(-1)?.id ?? after ?? 0,
    previous: first === undefined || (after === undefined && events.length < limit) ? null : first.id,
  }
}

/** Also asked for with HEAD, which has no body: that is never a stream. */
function wantsStream({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.accept?.includes('text/event-stream') === true
}

/** What a browser says that it has seen when it comes again. */
function lastEventId({ headers }: FastifyRequest): number | undefined {
  const text = headers['last-event-id']
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** @throws {ProvisionError} invalid */
function readTypes(text: string): EventType[] {
  return text.split(',').map((word) => {
    const type = EVENT_TYPES.find((one) => one === word.trim())
    if (type !== undefined) return type
    throw new ProvisionError('invalid', `${quoted(word)} is no type of event; there are ${EVENT_TYPES.join(', ')}`)
  })
}
