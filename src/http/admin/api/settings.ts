import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type DefaultsPlace, editDefaults, listDefaults } from '../../../commands/edit-defaults.ts'
import type { JsonObject } from '../../../core/json.ts'
import { type ApiDoor, defaultsDeps } from './door.ts'
import { readSettingEdits } from './read-edits.ts'
import { PASSWORDS, SettingEdits } from './shapes/edits.ts'
import { ImageParams } from './shapes/image.ts'
import { answers, nullable } from './shapes/shape.ts'

const Places = Type.Object({
  places: Type.Array(
    Type.Object({
      image: nullable(
        Type.String({ description: 'The image that it is for; null for all hosts', examples: ['esxi8'] }),
      ),
      imageJson: Type.Boolean({ description: "It stands in the image's image.json, where no command changes it" }),
      settings: Type.Unsafe<JsonObject>({
        type: 'object',
        additionalProperties: true,
        description: 'By kind of image; secrets read `(set)`',
        examples: [{ esxi: { disk: 'local' } }],
      }),
    }),
  ),
})

const Edits = Type.Object(
  { settings: Type.Optional(SettingEdits), ...PASSWORDS },
  { additionalProperties: false, minProperties: 1 },
)

const Edited = Type.Object({
  ...Places.properties,
  changes: Type.Array(Type.String({ examples: ['esxi.disk set'] }), { description: 'In words without values' }),
  warnings: Type.Array(Type.String()),
})

/** What is set for installs on all hosts and of images: `metalspray defaults`. */
export const settingRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, door) => {
  const show = async (image?: string) => (await listDefaults(await defaultsDeps(door), image)).map(placeFace)
  const edit = async (image: string | undefined, body: Parameters<typeof readSettingEdits>[0]) => {
    const { edits, warnings } = readSettingEdits(body)
    const edited = await editDefaults(await defaultsDeps(door), image, edits)
    const places = await show(image)
    return { places, changes: [...edited.told], warnings: [...warnings, ...edited.warnings] }
  }

  app.get(
    '/settings',
    {
      schema: {
        tags: ['server'],
        operationId: 'getSettings',
        summary: 'What is set for installs, for all hosts and for images',
        response: answers({ 200: Places }),
      },
    },
    async () => ({ places: await show() }),
  )

  app.patch(
    '/settings',
    {
      schema: {
        tags: ['server'],
        operationId: 'editSettings',
        summary: 'Change what is set for installs on all hosts',
        body: Edits,
        response: answers({ 200: Edited }),
      },
    },
    async (request) => edit(undefined, request.body),
  )

  app.get(
    '/images/:image/settings',
    {
      schema: {
        tags: ['images'],
        operationId: 'getImageSettings',
        summary: 'What is set for installs of an image',
        params: ImageParams,
        response: answers({ 200: Places }),
      },
    },
    async (request) => ({ places: await show(request.params.image) }),
  )

  app.patch(
    '/images/:image/settings',
    {
      schema: {
        tags: ['images'],
        operationId: 'editImageSettings',
        summary: 'Change what is set for installs of an image',
        params: ImageParams,
        body: Edits,
        response: answers({ 200: Edited }),
      },
    },
    async (request) => edit(request.params.image, request.body),
  )
}

function placeFace({ image, isImageJson, settings }: DefaultsPlace) {
  return { image: image ?? null, imageJson: isImageJson, settings }
}
