import type { FastifyInstance } from 'fastify'
import { ProvisionError } from '../core/errors.ts'
import { STOPPING } from './closing.ts'

/**
 * Hands all requests for which a door has no route of its own to an app that is made when the first of them comes, once for all that come while it is made.
 * The door keeps the connections; what the app answers leaves as if the door were the app's own.
 * @param make the app, ready. When it fails the request is refused, and the next one tries again
 */
export function openLate(door: FastifyInstance, make: () => Promise<FastifyInstance>): void {
  let making: Promise<FastifyInstance> | undefined
  let isClosing = false

  function open(): Promise<FastifyInstance> {
    making ??= make().catch((cause: unknown) => {
      making = undefined
      const why = 'this door cannot be opened now; the log of the server says why'
      throw new ProvisionError('unavailable', why, { cause })
    })
    return making
  }

  // Here nothing of the body is read yet.
  door.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const app = await open()
    if (isClosing) throw new ProvisionError('unavailable', STOPPING)
    reply.hijack()
    app.routing(request.raw, reply.raw)
  })

  door.addHook('preClose', async () => {
    isClosing = true
    const app = await making?.catch(() => undefined) // what is being made cannot be stopped, and takes moments
    await app?.close()
  })
}
