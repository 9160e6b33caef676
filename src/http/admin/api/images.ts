import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { imageJson } from '../../../commands/image-json.ts'
import { listImages } from '../../../commands/list-images.ts'
import { removeImage } from '../../../commands/remove-image.ts'
import { verifyImage } from '../../../commands/verify-image.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { readImageName } from '../../../core/plan.ts'
import { whileAsked } from '../while-asked.ts'
import type { ApiDoor } from './door.ts'
import { ImageParams, ImageShape } from './shapes/image.ts'
import { answers, list, ref } from './shapes/shape.ts'

const Verified = Type.Object({
  name: Type.String({ examples: ['esxi8'] }),
  isIntact: Type.Boolean({ description: 'Nothing in it is another one' }),
  intact: Type.Integer({ description: 'Files that are as the import noted them', examples: [142] }),
  differences: list(Type.String(), {
    description: 'A sentence for each file that is another one, is gone or was added',
  }),
  own: list(Type.String(), { description: 'Scripts and templates that an operator added' }),
  isNoted: Type.Boolean({ description: 'The import noted its files' }),
  warnings: list(Type.String()),
})

const Removed = Type.Object({
  name: Type.String({ examples: ['esxi8'] }),
  hosts: list(Type.String(), { description: 'Hosts that had it in their plans, and are held now' }),
})

const tags = ['images']

/** Images: what there is, whether it is intact, and taking it away. */
export const imageRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, { workshop, folders }) => {
  const { store, images: library } = workshop

  app.get(
    '/images',
    {
      schema: {
        tags,
        operationId: 'listImages',
        summary: 'What is in the images folder, by name',
        response: answers({ 200: Type.Object({ images: Type.Array(ref(ImageShape)) }) }),
      },
    },
    async () => ({ images: (await listImages({ library, store })).map(imageJson) }),
  )

  app.get(
    '/images/:image',
    {
      schema: {
        tags,
        operationId: 'getImage',
        summary: 'One image',
        params: ImageParams,
        response: answers({ 200: ref(ImageShape) }),
      },
    },
    async (request) => {
      const name = readImageName(request.params.image)
      const found = (await listImages({ library, store })).find((image) => image.name === name)
      if (found === undefined) throw new ProvisionError('not-found', `there is no image ${name}`)
      return imageJson(found)
    },
  )

  app.delete(
    '/images/:image',
    {
      schema: {
        tags,
        operationId: 'deleteImage',
        summary: 'Remove an image that no plan names',
        params: ImageParams,
        querystring: Type.Object(
          {
            force: Type.Boolean({ default: false, description: 'Even when plans name it: those hosts are then held' }),
          },
          { additionalProperties: false },
        ),
        response: answers({ 200: Removed }),
      },
    },
    async (request) =>
      removeImage({ imagesRoot: folders.images, store }, { name: request.params.image, force: request.query.force }),
  )

  app.post(
    '/images/:image/verify',
    {
      config: { role: 'operator' },
      schema: {
        tags,
        operationId: 'verifyImage',
        summary: 'Compare an image with what was imported, file by file',
        description: 'All of it is read: that takes as long as its size needs.',
        params: ImageParams,
        response: answers({ 200: Verified }),
      },
    },
    async (request, reply) => {
      const name = readImageName(request.params.image)
      const deps = { imagesRoot: folders.images, onProgress: () => undefined }
      const verified = await verifyImage(deps, name, whileAsked(reply))
      return { name, isIntact: verified.differences.length === 0, ...verified }
    },
  )
}
