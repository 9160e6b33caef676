import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { AdminAccess } from './admin-access.ts'
import { Gate } from './http/admin/auth/gate.ts'
import { type HealthDoor, healthRoutes } from './http/admin/health.ts'
import { sendProblem } from './http/admin/problem.ts'
import { closeSoon } from './http/closing.ts'
import { openLate } from './http/late-app.ts'
import { WITHOUT_SCHEMAS } from './http/without-schemas.ts'

/** What the admin door is made of. */
export interface AdminParts {
  readonly health: HealthDoor
  readonly access: AdminAccess
  readonly logger: FastifyBaseLogger
  /** Makes what is behind the door. */
  readonly makeApp: (gate: Gate) => Promise<FastifyInstance>
}

/**
 * The door that people reach. It does not listen yet. It has the connections and the certificate, and tells how the server is; all else is made when somebody asks
 * for it.
 */
export async function buildAdminDoor({ health, access, logger, makeApp }: AdminParts): Promise<FastifyInstance> {
  const { tls } = access
  const gate = new Gate(access.gate, logger)
  const door = Fastify({
    ...WITHOUT_SCHEMAS,
    loggerInstance: logger,
    ...(tls === undefined ? {} : { https: { cert: tls.cert, key: tls.key } }),
    trustProxy: gate.trustsProxy,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: sendProblem,
  })
  closeSoon(door)
  door.setErrorHandler(sendProblem)
  openLate(door, async () => {
    const app = await makeApp(gate)
    await app.ready()
    return app
  })
  await door.register(healthRoutes, { ...health, gate })
  return door
}
