import type { FastifyPluginAsync } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import type { HostState } from '../../core/host.ts'
import type { FileCache } from '../../images/file-cache.ts'
import type { Store } from '../../store/store.ts'
import type { Gate } from './auth/gate.ts'
import { guardDoor } from './auth/guard.ts'

/** What is told of a server's health. */
export interface HealthDoor {
  readonly store: Pick<Store, 'countHosts'>
  readonly version: string
  /** Of files; `undefined` when none are kept. */
  readonly cache: FileCache | undefined
  /** What is wrong with the serving process' parts. */
  troubles(): readonly string[]
}

/** How many hosts are in each state; absent while the database cannot be read. */
interface Counted {
  readonly hosts?: Readonly<Record<HostState, number>>
}

/**
 * `/healthz`. Containers ask for it every few seconds, whether or not anybody ever looks at the rest of the door: nothing of that may be imported here, nor
 * what writes answers by their types.
 */
export const healthRoutes: FastifyPluginAsync<HealthDoor & { readonly gate: Gate }> = async (
  app,
  { gate, ...door },
) => {
  guardDoor(app, gate)
  app.get('/healthz', { config: { open: true } }, async (request, reply) => {
    const { known, trouble } = await countHosts(door.store)
    const troubles = [...door.troubles(), ...trouble]
    const status = troubles.length === 0 ? 'ok' : 'degraded'
    const cache = door.cache?.state ?? { limit: 0, bytes: 0, files: 0 }
    const health = {
      status,
      asksForToken: gate.settings.asksForToken,
      version: door.version,
      ...known,
      cache,
      troubles,
    }
    // A load balancer needs no more, and a stranger gets no more.
    return reply.code(status === 'ok' ? 200 : 503).send(request.isStranger ? { status } : health)
  })
}

/** A database that cannot be read is the trouble that a health check is for. */
async function countHosts(store: HealthDoor['store']): Promise<{ known: Counted; trouble: readonly string[] }> {
  try {
    return { known: { hosts: await store.countHosts() }, trouble: [] }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return { known: {}, trouble: [error.message] }
  }
}
