import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { ProvisionError } from '../core/errors.ts'

/** What is said to requests that come while a door closes. */
export const STOPPING = 'the server is stopping; ask again'

/** How often the connections of a closing door are looked at, in ms. */
const LOOK_MS = 50
/**
 * So many looks in a row have to find a connection without an answer on its way before it is ended. A request that came right behind the one before may
 * still be unread: to end the connection then takes from the client even what the system was about to send it.
 */
const IDLE_LOOKS = 8

/**
 * Lets a door that closes be gone as soon as the answers on their way are over. Node ends connections that are idle when the
 * closing starts; one that still carried a download would be kept for its next request, which nobody is going to serve.
 */
export function closeSoon(app: FastifyInstance): void {
  let isClosing = false
  const open = new Set<Socket>()
  // What TLS wraps is not what answers are written to.
  app.server.on(app.server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', (done) => {
    isClosing = true
    done()
    if (!app.server.listening) return
    const looks = new Map<Socket, number>()
    // Not at the end of each answer: a hook for that would cost every request of a server that is not closing.
    const timer = setInterval(() => {
      for (const socket of open) {
        const idle = isIdle(socket) ? (looks.get(socket) ?? 0) + 1 : 0
        looks.set(socket, idle)
        if (idle >= IDLE_LOOKS) socket.destroy()
      }
    }, LOOK_MS)
    app.server.once('close', () => clearInterval(timer))
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    // The status is for doors whose errors are Fastify's own.
    done(isClosing ? Object.assign(new ProvisionError('unavailable', STOPPING), { statusCode: 503 }) : undefined)
  })
}

function isIdle(socket: Socket): boolean {
  // Node's own field, by which its closeIdleConnections() tells the same.
  const { _httpMessage: running } = socket as Socket & { readonly _httpMessage?: ServerResponse | null }
  return (running === null || running === undefined) && socket.writableLength === 0
}
