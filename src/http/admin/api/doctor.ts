import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { LEVELS } from '../../../commands/doctor/finding.ts'
import type { ApiDoor } from './door.ts'
import { answers, list, nullable, time } from './shapes/shape.ts'

const Finding = Type.Object({
  id: Type.String({ description: 'Stays the same over releases: docs/doctor.md', examples: ['dhcp-second-server'] }),
  level: Type.Enum([...LEVELS], { description: '`fail` keeps machines from booting' }),
  what: Type.String({ examples: ['no DHCP server answers on eth1'] }),
  why: Type.String({ description: 'Why it matters' }),
  mend: nullable(Type.String({ description: 'The command that mends it; null when all is well' })),
})

const Examined = Type.Object({
  checkedAt: time('When it was looked at'),
  findings: list(Finding, { description: 'The worst first' }),
})

/** The doctor: whether machines can boot here, and what keeps them from it. */
export const doctorRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, { doctor, now }) => {
  app.get(
    '/doctor',
    {
      // It sends packets into the network of the machines, and names what this machine runs.
      config: { role: 'operator' },
      schema: {
        tags: ['server'],
        operationId: 'examine',
        summary: 'Try the whole chain as a machine would; takes some ten seconds',
        response: answers({ 200: Examined }),
      },
    },
    async (_request, reply) => {
      const findings = await doctor()
      reply.header('cache-control', 'no-store')
      return {
        checkedAt: new Date(now()).toISOString(),
        findings: findings.map(({ mend = null, ...finding }) => ({ ...finding, mend })),
      }
    },
  )
}
