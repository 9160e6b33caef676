import type { Socket } from 'node:net'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify'
import { type AdminDoor, adminRoutes } from './http/admin/door.ts'
import type { BootDoor } from './http/boot/door.ts'
import { bootRoutes } from './http/boot/door.ts'
import { textErrors } from './http/boot/text-errors.ts'

/** A machine that says nothing for so long has gone, in ms. */
const SILENCE = 60_000
/** Firmware and loaders fetch hundreds of files over one connection, with pauses between them, in ms. */
const KEEP_ALIVE = 75_000
const LONGEST_BODY = 1 << 20

/** The door that machines reach. It does not listen yet. */
export async function buildBootDoor(door: BootDoor, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // What a GET changes must not be changed by a HEAD: the routes name their methods themselves.
    exposeHeadRoutes: false,
    bodyLimit: LONGEST_BODY,
    requestTimeout: SILENCE,
    keepAliveTimeout: KEEP_ALIVE,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: textErrors,
    clientErrorHandler: refuseBrokenHttp,
  })
  await app.register(bootRoutes, door)
  return app
}

/** The door that people reach. It does not listen yet. */
export async function buildAdminDoor(door: AdminDoor, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
  })
  await app.register(adminRoutes, door)
  return app
}

const BROKEN_HTTP: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/** Answers bytes that are no HTTP request, in the voice of this door. */
function refuseBrokenHttp(error: FastifyError | (Error & { code?: string }), socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, phrase] = BROKEN_HTTP[error.code ?? ''] ?? [400, 'Bad Request']
  const body = `${phrase.toLowerCase()}\n`
  const head = `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  socket.end(head + body)
}
