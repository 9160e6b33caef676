import type { FastifyInstance } from 'fastify'
import { ProvisionError } from '../core/errors.ts'

const STOPPING = 'the server is stopping; ask again'

/** How long after its answer a connection of a closing door may be kept, in ms. */
const LINGER = 50

/**
 * Lets a door that closes be gone as soon as the answers on their way are over. Node ends connections that are idle when the
 * closing starts; one that still carried a download would be kept for its next request, which nobody is going to serve.
 */
export function closeSoon(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', (done) => {
    isClosing = true
    done()
    if (!app.server.listening) return
    // Not at the end of each answer: a hook for that would cost every request of a server that is not closing.
    const closeIdle = setInterval(() => app.server.closeIdleConnections(), LINGER)
    app.server.once('close', () => clearInterval(closeIdle))
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    // The status is for doors whose errors are Fastify's own.
    done(isClosing ? Object.assign(new ProvisionError('unavailable', STOPPING), { statusCode: 503 }) : undefined)
  })
}
