import type { FastifyInstance } from 'fastify'
import { ProvisionError } from '../core/errors.ts'

/**
 * Lets a door that closes be gone as soon as the answers on their way are over. Node ends connections that are idle when the
 * closing starts; one that still carried a download would be kept for its next request, which nobody is going to serve.
 */
export function closeSoon(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', (done) => {
    isClosing = true
    done()
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    done(isClosing ? new ProvisionError('unavailable', 'the server is stopping; ask again') : undefined)
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
}
