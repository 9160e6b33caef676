import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { attentionOfHost } from '../../../commands/attention.ts'
import { type ExplainDeps, explain, explainFile } from '../../../commands/explain.ts'
import { explanationJson } from '../../../commands/explanation-json.ts'
import { plannableImages } from '../../../commands/workshop.ts'
import { isEnough } from '../../../core/access.ts'
import { ProvisionError } from '../../../core/errors.ts'
import type { Json } from '../../../core/json.ts'
import { type ApiDoor, listDeps } from './door.ts'
import { HostParams, HostShape } from './shapes/host.ts'
import { answers, list, nullable, ref } from './shapes/shape.ts'

const Image = Type.Optional(
  Type.String({ maxLength: 200, description: 'As if its plan were this image', examples: ['esxi8'] }),
)

const FileQuery = Type.Object(
  {
    image: Image,
    secrets: Type.Boolean({ default: false, description: 'With the hashes of passwords, for administrators alone' }),
  },
  { additionalProperties: false },
)

const FileParams = Type.Object({
  ...HostParams.properties,
  name: Type.String({
    minLength: 1,
    maxLength: 300,
    description: 'One of `files`; a slash in it is written `%2F`',
    examples: ['boot.cfg'],
  }),
})

const Explanation = Type.Object({
  host: ref(HostShape),
  next: Type.Object({
    kind: Type.Enum(['wait', 'local', 'install', 'queue', 'hold'], { description: 'What it does at its next boot' }),
    image: nullable(Type.String({ description: 'What it installs, or waits to install' })),
    reason: nullable(Type.String({ description: 'Why it is held' })),
    why: Type.String({ description: 'In plain words', examples: ['its plan is wipe,esxi8'] }),
  }),
  problems: list(Type.String(), { description: 'What its loader or its installer would refuse' }),
  warnings: list(Type.String(), { description: 'What would go on otherwise than it is probably meant' }),
  settings: list(
    Type.Object({
      path: Type.String({ examples: ['esxi.disk'] }),
      value: Type.Unsafe<Json>({ description: 'Secrets read `(set)`' }),
      from: Type.Enum(['host', 'image', 'image.json', 'server'], { description: 'Where it is set' }),
    }),
  ),
  template: nullable(Type.String({ description: 'What its boot script is made of' })),
  script: nullable(Type.String({ description: 'Its boot script; the id of the boot is zeros' })),
  scriptProblem: nullable(Type.String({ description: 'Why there is none' })),
  files: list(Type.String(), { description: 'What is made for the boot: see `/explain/files`' }),
})

const tags = ['hosts']

/** What a host would get at its next boot, and why: `metalspray explain`. */
export const explainRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  app.get(
    '/hosts/:host/explain',
    {
      schema: {
        tags,
        operationId: 'explainHost',
        summary: 'What a host would get at its next boot, and why; changes nothing',
        params: HostParams,
        querystring: Type.Object({ image: Image }, { additionalProperties: false }),
        response: answers({ 200: Explanation }),
      },
    },
    async (request) => {
      const deps = await explainDeps(door)
      const { image } = request.query
      const explained = await explain(deps, request.params.host, image)
      // Of what is asked about another image nothing has happened yet.
      const attention =
        image === undefined
          ? await attentionOfHost(await listDeps(door), explained.host, explained.problems)
          : undefined
      return explanationJson(explained, door.now(), attention)
    },
  )

  app.get(
    '/hosts/:host/explain/files/:name',
    {
      schema: {
        tags,
        operationId: 'explainFile',
        summary: 'One file of that boot, as the host would get it',
        description: 'The id of the boot is zeros, and secrets are stand-ins of the same form.',
        produces: ['text/plain', 'application/octet-stream'],
        params: FileParams,
        querystring: FileQuery,
        response: answers({ 200: Type.Unsafe<unknown>({ type: 'string', description: 'The file' }) }),
      },
    },
    async (request, reply) => {
      const { image, secrets: showsSecrets } = request.query
      if (showsSecrets && !isEnough(request.caller.role, 'admin')) {
        throw new ProvisionError('forbidden', 'secrets are shown to administrators alone')
      }
      const deps = await explainDeps(door)
      const { host, name } = request.params
      const body = await explainFile(deps, await explain(deps, host, image), { name, showsSecrets })
      // Whatever it is, no browser takes it for a page.
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      const isText = typeof body === 'string'
      return reply.type(isText ? 'text/plain; charset=utf-8' : 'application/octet-stream').send(Buffer.from(body))
    },
  )
}

async function explainDeps({ workshop, folders, maxInstalls, now }: ApiDoor): Promise<ExplainDeps> {
  const { find } = await plannableImages(workshop, folders)
  return { ...workshop, find, maxInstalls, now }
}
