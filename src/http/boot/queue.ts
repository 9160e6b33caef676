import type { FastifyInstance } from 'fastify'
import type { OpenDoor } from './door.ts'
import { decideNow } from './gates.ts'
import { requireBoot } from './touch.ts'

/** Where a machine that waits for its turn asks every few seconds: a small script that says where it stands, or that it goes on. */
export async function queueRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  app.route<{ Params: { readonly bootid: string } }>({
    method: ['GET', 'HEAD'],
    url: '/b/:bootid/queue',
    handler: async (request, reply) => {
      const live = await requireBoot(door, request.params.bootid)
      const decision = await decideNow(door, request, live, request.params.bootid)
      const script =
        decision.kind === 'queue' && live.host.revision === live.boot.revision
          ? `#!ipxe\necho Place ${decision.place} of ${decision.waiting} in the queue\n`
          : '#!ipxe\nset queued no\n'
      return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(script)
    },
  })
}
