import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { testJson, webhookJson, webhookStateJson } from '../../../commands/webhook-json.ts'
import { addWebhook, readHosts, removeWebhook, testWebhook } from '../../../commands/webhooks.ts'
import { EVENT_TYPES, type EventType } from '../../../core/event.ts'
import { readWebhookName, readWebhookUrl, USUAL_EVENTS } from '../../../core/webhook.ts'
import { readWebhookSecret } from '../../../webhooks/sign.ts'
import type { ApiDoor } from './door.ts'
import { field } from './field.ts'
import { answers, nullable } from './shapes/shape.ts'
import { WebhookShape, WebhookStateShape } from './shapes/webhook.ts'

const tags = ['webhooks']
/** An address may have a key in its path, and events go where the server can reach and others cannot. */
const config = { role: 'admin' } as const

const Params = Type.Object({ webhook: Type.String({ minLength: 1, maxLength: 64, description: 'Its name' }) })

/** Not a union, of which nobody could say what is wrong. */
const EventTypes = Type.Unsafe<readonly EventType[] | null>({
  type: ['array', 'null'],
  items: { enum: EVENT_TYPES },
  minItems: 1,
  description: `Of these types alone; null for all; without it: ${USUAL_EVENTS.join(', ')}`,
})

const NewWebhook = Type.Object(
  {
    url: Type.String({ maxLength: 2000, description: 'http:// or https://', examples: ['https://chat.example/hook'] }),
    name: Type.Optional(Type.String({ maxLength: 64, description: 'Without it, the name of the machine in `url`' })),
    events: Type.Optional(EventTypes),
    hosts: Type.Optional(
      Type.Array(Type.String({ maxLength: 200 }), {
        minItems: 1,
        maxItems: 1000,
        description: 'Of these hosts alone: ids, names, MAC addresses, serials or UUIDs',
      }),
    ),
    secret: Type.Optional(
      Type.String({ maxLength: 100, description: '`whsec_` and base64 of 24 to 64 bytes; without it, a new one' }),
    ),
  },
  { additionalProperties: false },
)

const Made = Type.Object({
  secret: Type.String({ description: 'What signs its deliveries: nobody is told it again', examples: ['whsec_…'] }),
  webhook: WebhookShape,
})

const Tested = Type.Object({
  ok: Type.Boolean({ description: 'Whether the receiver took it' }),
  status: nullable(Type.Integer({ description: 'What it answered; null for nothing' })),
  why: nullable(Type.String({ description: 'Why it did not arrive', examples: ['refuses the connection'] })),
  took: Type.Integer({ description: 'How long it took, in ms' }),
})

/** Webhooks: who is told of what happens. */
export const webhookRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, { workshop, now, version }) => {
  const { store } = workshop
  const { webhooks } = store
  const depsOf = ({ caller, ip }: FastifyRequest) => ({ store, now, by: caller.name, address: ip })

  app.get(
    '/webhooks',
    {
      config,
      schema: {
        ...{
          tags,
          operationId: 'listWebhooks',
          summary: 'List webhooks, and how it goes with each; never their secrets',
        },
        response: answers({ 200: Type.Object({ webhooks: Type.Array(WebhookStateShape) }) }),
      },
    },
    async () => ({ webhooks: (await webhooks.list()).map(webhookStateJson) }),
  )

  app.post(
    '/webhooks',
    {
      config,
      schema: {
        ...{
          tags,
          operationId: 'addWebhook',
          summary: 'Have somebody told of what happens from now on',
          body: NewWebhook,
        },
        response: answers({ 201: Made }),
      },
    },
    async (request, reply) => {
      const { url, name, events, hosts, secret } = request.body
      await field('url', () => readWebhookUrl(url))
      if (name !== undefined) await field('name', () => readWebhookName(name))
      if (secret !== undefined) await field('secret', () => readWebhookSecret(secret))
      const ids = hosts && (await field('hosts', () => readHosts(store, hosts)))
      const types = events === null ? undefined : (events ?? USUAL_EVENTS)
      const made = await addWebhook(depsOf(request), { url, name, events: types, hosts: ids, secret })
      // Nobody between here and there is to keep it.
      reply.code(201).header('cache-control', 'no-store')
      return { secret: made.secret, webhook: webhookJson(made.webhook) }
    },
  )

  app.get(
    '/webhooks/:webhook',
    {
      config,
      schema: {
        ...{ tags, operationId: 'getWebhook', summary: 'One webhook, and how it goes with it' },
        params: Params,
        response: answers({ 200: WebhookStateShape }),
      },
    },
    async (request) => webhookStateJson(await webhooks.find(request.params.webhook)),
  )

  app.delete(
    '/webhooks/:webhook',
    {
      config,
      schema: {
        ...{ tags, operationId: 'removeWebhook', summary: 'Tell somebody no more, also not of what waits' },
        params: Params,
        response: answers({ 200: WebhookShape }),
      },
    },
    async (request) => webhookJson(await removeWebhook(depsOf(request), request.params.webhook)),
  )

  app.post(
    '/webhooks/:webhook/test',
    {
      config,
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: 'Send a signed event `test`; when it arrives, what waits is tried again at once',
        params: Params,
        response: answers({ 200: Tested }),
      },
    },
    async (request) =>
      testJson(await testWebhook({ store, now }, request.params.webhook, { agent: `metalspray/${version}` })),
  )
}
