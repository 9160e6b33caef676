import type { FastifyInstance } from 'fastify'
import { ProvisionError } from '../core/errors.ts'

const STOPPING = 'the server is stopping; ask again'

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
    // The status is for doors whose errors are Fastify's own.
    done(isClosing ? Object.assign(new ProvisionError('unavailable', STOPPING), { statusCode: 503 }) : undefined)
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
}
