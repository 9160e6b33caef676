import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { attentionOfHost } from '../../../commands/attention.ts'
import { type DiffDeps, diffBoots, LAST } from '../../../commands/explain/diff-boots.ts'
import { diffJson } from '../../../commands/explain/diff-json.ts'
import { introduce } from '../../../commands/explain/introduce.ts'
import { describeFiles, explainFile } from '../../../commands/explain/make-files.ts'
import { type Explanation as ExplanationOfHost, explain } from '../../../commands/explain.ts'
import { explanationJson, introductionJson } from '../../../commands/explanation-json.ts'
import { plannableImages } from '../../../commands/workshop.ts'
import { isEnough } from '../../../core/access.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { type ApiDoor, listDeps } from './door.ts'
import { BootDifference, Explanation, Introduction } from './shapes/explanation.ts'
import { HostParams } from './shapes/host.ts'
import { answers, list } from './shapes/shape.ts'

const Image = Type.Optional(
  Type.String({ maxLength: 200, description: 'As if its plan were this image', examples: ['esxi8'] }),
)

const Identifier = (description: string, example: string) =>
  Type.Optional(Type.String({ maxLength: 200, description, examples: [example] }))

const MachineQuery = Type.Object(
  {
    mac: Type.Optional(
      list(Type.String({ maxLength: 200 }), {
        maxItems: 64,
        description: 'Its network cards',
        examples: [['94:40:c9:00:00:01']],
      }),
    ),
    serial: Identifier('Its serial number', 'CZJ1001'),
    uuid: Identifier('Its DMI UUID', '00112233-4455-6677-8899-aabbccddeeff'),
    image: Image,
  },
  { additionalProperties: false },
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
      const { image } = request.query
      return face(door, await explain(await explainDeps(door), request.params.host, image), image === undefined)
    },
  )

  app.get(
    '/hosts/:host/explain/diff',
    {
      schema: {
        tags,
        operationId: 'diffHost',
        summary: 'What a host would get otherwise than another host, or than in its newest boot; changes nothing',
        description: 'Ids and addresses of the boots are not what differs; secrets are not compared.',
        params: HostParams,
        querystring: Type.Object(
          {
            other: Type.String({
              minLength: 1,
              maxLength: 300,
              default: LAST,
              description: 'Another host; or `last`, for what the newest boot of this one really got',
              examples: ['last'],
            }),
            image: Image,
          },
          { additionalProperties: false },
        ),
        response: answers({ 200: BootDifference }),
      },
    },
    async (request) => {
      const deps = await explainDeps(door)
      const { other, image } = request.query
      return diffJson(await diffBoots(deps, await explain(deps, request.params.host, image), { other, image }))
    },
  )

  app.get(
    '/explain',
    {
      schema: {
        tags,
        operationId: 'explainMachine',
        summary:
          'Which host a machine would be found to be, were it to ask now, and what it would get; changes nothing',
        description: 'Good for machines that nobody knows yet, too. At least one identifier is needed.',
        querystring: MachineQuery,
        response: answers({ 200: Introduction }),
      },
    },
    async (request) => {
      const { mac = [], serial, uuid, image } = request.query
      const deps = await explainDeps(door)
      const introduction = await introduce(deps, { macs: mac, serial, uuid }, { discover: door.discover, image })
      const { explained, kind } = introduction
      const isNow = kind === 'known' && image === undefined
      return introductionJson(introduction, explained && (await face(door, explained, isNow)))
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

/** @param isNow whether it is asked about a host as it is: of anything else nothing has happened yet */
async function face(door: ApiDoor, explained: ExplanationOfHost, isNow: boolean) {
  const made = await describeFiles(await explainDeps(door), explained)
  const attention = isNow ? await attentionOfHost(await listDeps(door), explained.host, explained.problems) : undefined
  return explanationJson(explained, { made, now: door.now(), attention })
}

async function explainDeps({ workshop, folders, maxInstalls, now }: ApiDoor): Promise<DiffDeps> {
  const { find } = await plannableImages(workshop, folders)
  return { ...workshop, find, maxInstalls, now }
}
