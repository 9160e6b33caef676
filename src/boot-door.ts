import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify'
import type { BootDoor } from './http/boot/door.ts'
import { bootRoutes } from './http/boot/door.ts'
import { Query } from './http/boot/query.ts'
import { textErrors } from './http/boot/text-errors.ts'
import { closeSoon } from './http/closing.ts'
import { WITHOUT_SCHEMAS } from './http/without-schemas.ts'

/** A request takes no longer than this to arrive, in ms. */
const SLOWEST_REQUEST = 60_000
/**
 * A connection on which nothing moves for so long has nobody at its other end, in ms. Long, since an installer may stop reading
 * while its disk is busy.
 */
const SILENCE = 600_000
/** Firmware and loaders fetch hundreds of files over one connection, with pauses between them, in ms. */
const KEEP_ALIVE = 75_000
const LONGEST_BODY = 1 << 20

// Routes name the type of their query themselves: Fastify knows of objects alone.
const querystringParser = (text: string) => new Query(text) as unknown as Record<string, unknown>

/** The door that machines reach. It does not listen yet. */
export async function buildBootDoor(door: BootDoor, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = Fastify({
    ...WITHOUT_SCHEMAS,
    // With a logger of its own Fastify would make another for each request, and listen to the end of each answer for lines that nobody wants.
    logger: false,
    childLoggerFactory: () => logger,
    // Behind nginx a machine's address is what nginx says that it is. Nobody else is believed.
    trustProxy: door.accelRedirect === undefined ? false : 'loopback',
    logController: new LogController({ disableRequestLogging: true }),
    // What a GET changes must not be changed by a HEAD: the routes name their methods themselves.
    exposeHeadRoutes: false,
    bodyLimit: LONGEST_BODY,
    requestTimeout: SLOWEST_REQUEST,
    connectionTimeout: SILENCE,
    keepAliveTimeout: KEEP_ALIVE,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // in the voice of the door, by `closeSoon`
    routerOptions: { maxParamLength: 4096, querystringParser },
    frameworkErrors: textErrors,
    clientErrorHandler: refuseBrokenHttp,
  })
  app.log = logger
  // Some of busybox' wgets end their half of a connection behind the request; Node would drop the answer. Not in its types.
  Object.assign(app.server, { httpAllowHalfOpen: true })
  closeSoon(app)
  await app.register(bootRoutes, door)
  return app
}

const BROKEN_HTTP: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/** Answers bytes that are no HTTP request, in the voice of this door, unless that would get into the midst of another answer. */
function refuseBrokenHttp(error: FastifyError | (Error & { code?: string }), socket: Socket): void {
  // Node's own field, by which its own handler tells the same.
  const { _httpMessage: running } = socket as Socket & { readonly _httpMessage?: ServerResponse | null }
  if (error.code === 'ECONNRESET' || !socket.writable || running?.headersSent === true) {
    socket.destroy()
    return
  }
  const [status, phrase] = BROKEN_HTTP[error.code ?? ''] ?? [400, 'Bad Request']
  const body = `${phrase.toLowerCase()}\n`
  const head = `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  socket.end(head + body)
}
