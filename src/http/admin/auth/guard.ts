import type { FastifyInstance } from 'fastify'
import { type Caller, isEnough, LOOPBACK, type Role, usualRole } from '../../../core/access.ts'
import { ProvisionError } from '../../../core/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; known before any handler of the admin door runs. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** The role that a route needs; without it {@link usualRole} counts. */
    role?: Role
  }
}

/** Lets nobody through to the routes of a door who may not use them. */
export function guardDoor(app: FastifyInstance): void {
  // Fastify wants the field of every request declared; no handler sees it before the hook has set it.
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    request.caller = LOOPBACK
    const needed = request.routeOptions.config?.role ?? usualRole(request.method)
    if (!isEnough(request.caller.role, needed)) {
      throw new ProvisionError(
        'forbidden',
        `this needs the role ${needed}; ${request.caller.name} is ${request.caller.role}`,
      )
    }
  })
}
