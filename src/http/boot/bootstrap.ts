import { isIPv4 } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import type { Sighting } from '../../core/greet.ts'
import { rescued, type Soon, soon } from '../../core/soon.ts'
import { placeOf } from './base-url.ts'
import type { OpenDoor } from './door.ts'
import type { Query } from './query.ts'
import { readSighting } from './sighting.ts'
import { Together } from './together.ts'
import { welcome } from './welcome.ts'

interface BootstrapRoute {
  Querystring: Query
}

/** What iPXE asks: first a constant script, then, with all that it knows of its machine, what to do. */
export async function bootstrapRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/bootstrap.ipxe',
    handler: async (request, reply) => {
      const { base, address } = placeOf(request, door.baseUrl)
      // iPXE knows IPv4 addresses here, and no names.
      const syslog = door.tellsSyslog && isIPv4(address) ? address : undefined
      return sendScript(reply, door.templates.bootstrap({ base, syslog }))
    },
  })

  const machines = new Together<Asking>((asked) => answerAll(door, asked))
  // GET alone: this opens a boot, so it cannot be asked what it would answer. That is what `explain` is for.
  app.route<BootstrapRoute>({
    method: 'GET',
    url: '/bootstrap',
    handler: (request, reply) => machines.add({ request, reply }),
  })

  // A machine that cannot get through says so here, before it has a boot of its own. For the log alone: anybody can write it.
  app.route<BootstrapRoute>({
    method: ['GET', 'HEAD'],
    url: '/beacon',
    handler: async (request, reply) => {
      const told = ['stage', 'errno', 'e', 'try', 'mac'].map((name) => [name, request.query.last(name)?.slice(0, 64)])
      request.log.warn({ ...Object.fromEntries(told), ip: request.ip }, 'a machine could not reach its next stage')
      return sendScript(reply, '#!ipxe\n')
    },
  })
}

interface Asking {
  readonly request: FastifyRequest<BootstrapRoute>
  readonly reply: FastifyReply
}

/** All are told what to do before the first is answered: see {@link Together}. */
function answerAll(door: OpenDoor, asked: readonly Asking[]): void {
  const scripts = asked.map(({ request }) => scriptOrError(door, request))
  asked.forEach(({ reply }, index) => {
    void soon(
      scripts[index],
      (script) => void (typeof script === 'string' ? sendScript(reply, script) : reply.send(script)),
    )
  })
}

function scriptOrError(door: OpenDoor, request: FastifyRequest<BootstrapRoute>): Soon<unknown> {
  return rescued<unknown>(
    () => scriptFor(door, request),
    (error) => error,
  )
}

function scriptFor(door: OpenDoor, request: FastifyRequest<BootstrapRoute>): Soon<string> {
  const sighting = trySighting(request, door.now())
  if (!(sighting instanceof ProvisionError)) return welcome(door, request, sighting)
  door.tally.answered('refused')
  request.log.info({ refused: sighting.message, ip: request.ip }, 'bootstrap refused')
  return door.templates.refused({ ...placeOf(request, door.baseUrl), reason: sighting.message })
}

/** What cannot be read is told to the machine by a script, since a console shows nothing of a refusal but its number. */
function trySighting(request: FastifyRequest<BootstrapRoute>, now: number): Sighting | ProvisionError {
  try {
    return readSighting(request.query, request.ip, now)
  } catch (error) {
    if (error instanceof ProvisionError) return error
    throw error
  }
}

function sendScript(reply: FastifyReply, script: string): FastifyReply {
  return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(script)
}
