import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Gate } from './http/admin/auth/gate.ts'
import { guardDoor } from './http/admin/auth/guard.ts'
import { signInRoutes } from './http/admin/auth/sign-in.ts'
import { type AdminDoor, adminRoutes } from './http/admin/door.ts'
import { sendProblem, tellProblems } from './http/admin/problem.ts'

/**
 * What is behind the admin door: the API and the pages. Most servers have machines to boot for days before somebody comes to it, and it takes a
 * seventh of their memory: it is imported by `import()` alone. It never listens: the door does.
 */
export async function buildAdminApp(door: AdminDoor, gate: Gate, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    trustProxy: gate.trustsProxy,
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: sendProblem,
  })
  tellProblems(app)
  guardDoor(app, gate)
  try {
    await app.register(signInRoutes, { gate, pages: door.pages })
    await app.register(adminRoutes, door)
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}
