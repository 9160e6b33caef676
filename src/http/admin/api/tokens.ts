import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readWait } from '../../../commands/read-wait.ts'
import { accessEventJson, tokenJson } from '../../../commands/token-json.ts'
import { createToken, revokeToken } from '../../../commands/tokens.ts'
import { ROLES } from '../../../core/access.ts'
import { readTokenName } from '../../../core/token.ts'
import type { ApiDoor } from './door.ts'
import { field } from './field.ts'
import { answers } from './shapes/shape.ts'
import { AccessEventShape, TokenShape } from './shapes/token.ts'

const tags = ['tokens']
/** Who may come is for those to know who may change it. */
const config = { role: 'admin' } as const

const Name = Type.String({ minLength: 1, maxLength: 64, description: 'Who or what it is for', examples: ['ci'] })
const Params = Type.Object({ token: Name })

const NewToken = Type.Object(
  {
    name: Name,
    role: Type.Enum([...ROLES], { description: 'What it allows' }),
    expires: Type.String({
      maxLength: 100,
      default: '90d',
      description: 'How long it may be used, at most a year, or `never`',
      examples: ['30d'],
    }),
  },
  { additionalProperties: false },
)

const Query = Type.Object(
  { last: Type.Integer({ minimum: 1, maximum: 10_000, default: 50, description: 'The newest so many, oldest first' }) },
  { additionalProperties: false },
)

const Made = Type.Object({
  token: Type.String({ description: 'The token itself: nobody is told it again', examples: ['ms_0123…'] }),
  kept: TokenShape,
})

/** Tokens: who may come to this door. */
export const tokenRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, { workshop, now }) => {
  const { access } = workshop.store
  const depsOf = ({ caller, ip }: FastifyRequest) => ({ access, now, by: caller.name, address: ip })

  app.get(
    '/tokens',
    {
      config,
      schema: {
        ...{
          tags,
          operationId: 'listTokens',
          summary: 'List tokens, also those that are over; never the tokens themselves',
        },
        response: answers({ 200: Type.Object({ tokens: Type.Array(TokenShape) }) }),
      },
    },
    async () => ({ tokens: (await access.listTokens()).map((token) => tokenJson(token, now())) }),
  )

  app.get(
    '/access-events',
    {
      config,
      schema: {
        ...{
          tags,
          operationId: 'listAccessEvents',
          summary: 'Who signed in, who was refused, which tokens were made and revoked',
        },
        querystring: Query,
        response: answers({ 200: Type.Object({ events: Type.Array(AccessEventShape) }) }),
      },
    },
    async (request) => ({ events: (await access.listAccessEvents(request.query.last)).map(accessEventJson) }),
  )

  app.post(
    '/tokens',
    {
      config,
      schema: {
        ...{ tags, operationId: 'createToken', summary: 'Make a token', body: NewToken },
        response: answers({ 201: Made }),
      },
    },
    async (request, reply) => {
      const { name, role, expires } = request.body
      await field('name', () => readTokenName(name))
      const expiresIn = expires === 'never' ? undefined : await field('expires', () => readWait(expires))
      const { secret, token } = await createToken(depsOf(request), { name, role, expiresIn })
      // Nobody between here and there is to keep it.
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ token: secret, kept: tokenJson(token, now()) })
    },
  )

  app.delete(
    '/tokens/:token',
    {
      config,
      schema: {
        ...{
          tags,
          operationId: 'revokeToken',
          summary: 'Take a token out of use at once, with the sessions of its browsers',
        },
        params: Params,
        response: answers({ 200: TokenShape }),
      },
    },
    async (request) => tokenJson(await revokeToken(depsOf(request), request.params.token), now()),
  )
}
