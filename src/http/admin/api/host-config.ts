import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { configOrigins } from '../../../commands/config/config-origins.ts'
import { takeDescription } from '../../../commands/config/load-description.ts'
import { editHost } from '../../../commands/edit-host.ts'
import { findHost } from '../../../commands/find-host.ts'
import { CONFIG_KEY } from '../../../core/config/model.ts'
import { ProvisionError } from '../../../core/errors.ts'
import type { Json } from '../../../core/json.ts'
import { readImageName } from '../../../core/plan.ts'
import { readImageJson } from '../../../images/image-json.ts'
import { type ApiDoor, editDeps, editedFace } from './door.ts'
import { IF_MATCH, readIfMatch, tagAs } from './etag.ts'
import { EditedShape } from './shapes/edits.ts'
import { HostParams } from './shapes/host.ts'
import { answers, ref } from './shapes/shape.ts'

const Setting = Type.Object({
  path: Type.String({ examples: ['config.hostname'] }),
  value: Type.Unsafe<Json>({ description: 'Secrets read `(set)`', examples: ['esx3'] }),
  from: Type.String({ description: 'Who says so', examples: ['this host', 'image esxi8', 'all hosts'] }),
})

const Config = Type.Object({
  settings: Type.Array(Setting),
  problems: Type.Array(Type.String(), { description: 'What is wrong with all of it together' }),
})

const Upload = Type.Object(
  {
    files: Type.Record(Type.String({ minLength: 1, maxLength: 300 }), Type.String({ maxLength: 1 << 20 }), {
      minProperties: 1,
      maxProperties: 100,
      description:
        "The texts of files by their names: one of YAML of ours, netplan or cloud-init, or all of a NoCloud seed's or config drive's",
      examples: [{ 'host.yaml': 'hostname: esx3\n' }],
    }),
  },
  { additionalProperties: false },
)

const Uploaded = Type.Object({
  form: Type.String({ description: 'What the files were taken for', examples: ["cloud-init's user data"] }),
  edited: ref(EditedShape),
})

const tags = ['hosts']

/** What a host is to be: `edit-host --show-config` and `--config`. */
export const hostConfigRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  const { workshop, folders, now } = door
  const imageJson = async (image: string) => {
    try {
      return await readImageJson(join(folders.images, readImageName(image)))
    } catch (error) {
      if (error instanceof ProvisionError) return {} // a host's plan may name what is not there yet
      throw error
    }
  }

  app.get(
    '/hosts/:host/config',
    {
      schema: {
        tags,
        operationId: 'getHostConfig',
        summary: 'What a host is to be, each part with who says so',
        params: HostParams,
        response: answers({ 200: Config }),
      },
    },
    async (request) => {
      const host = await findHost(workshop.store, request.params.host)
      const { settings, problems } = await configOrigins({ store: workshop.store, imageJson }, host)
      return { settings: settings.map(({ path, value, from }) => ({ path, value, from })), problems: [...problems] }
    },
  )

  app.put(
    '/hosts/:host/config',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        operationId: 'putHostConfig',
        summary: 'Say what a host is to be, in whatever form it is at hand',
        description: 'In the place of what was said of it before. Clear passwords are kept as hashes.',
        params: HostParams,
        headers: IF_MATCH,
        body: Upload,
        response: answers({ 200: Uploaded }),
      },
    },
    async (request, reply) => {
      const { form, config, warnings } = takeDescription(new Map(Object.entries(request.body.files)))
      const deps = { ...(await editDeps(door, request)), expect: readIfMatch(request) }
      const edited = await editHost(deps, request.params.host, { settings: [{ path: [CONFIG_KEY], value: config }] })
      tagAs(reply, edited.host, now())
      return { form, edited: await editedFace(door, edited, [...warnings, ...edited.warnings]) }
    },
  )
}
