import type { FastifyServerOptions } from 'fastify'

/**
 * For doors that check nothing by schemas: Fastify then does without the two compilers of its own, 4 MB that it loads when it is told nothing. A route with a schema
 * does not start.
 */
export const WITHOUT_SCHEMAS: Pick<FastifyServerOptions, 'schemaController'> = {
  schemaController: { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } },
}

function refuse(): never {
  throw new Error('routes of this door have no schemas')
}
