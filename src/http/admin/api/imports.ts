import { isAbsolute } from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { importJson } from '../../../commands/image-json.ts'
import { type ImportRequest, importImage } from '../../../commands/import-image.ts'
import { type ImportHandle, Imports } from '../../../commands/imports.ts'
import { readImageName } from '../../../core/plan.ts'
import { refuseExisting } from '../../../images/staging.ts'
import { receiveUpload } from '../../../images/uploads.ts'
import { FieldError } from '../problem.ts'
import type { ApiDoor } from './door.ts'
import { ImageParams } from './shapes/image.ts'
import { ImportShape } from './shapes/import.ts'
import { answers, list, ref } from './shapes/shape.ts'

const OPTIONS = {
  kind: Type.Optional(
    Type.String({ maxLength: 100, description: 'What it must be; recognised without it', examples: ['esxi'] }),
  ),
  label: Type.Optional(
    Type.String({ maxLength: 200, description: 'What it is, for people', examples: ['ESXi 8.0 U3'] }),
  ),
  kernelOptions: Type.Optional(Type.String({ maxLength: 4000, description: 'Words for the kernel command line' })),
  sha256: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f]{64}$', description: 'What the file must add up to' })),
  replace: Type.Boolean({ default: false, description: 'Puts it in the place of an image of that name' }),
}

const UploadQuery = Type.Object(
  {
    ...OPTIONS,
    filename: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$',
        description: 'What the file is called, to be noted with the image',
        examples: ['VMware-VMvisor-Installer-8.0U3.iso'],
      }),
    ),
  },
  { additionalProperties: false },
)

const PathBody = Type.Object(
  {
    name: ImageParams.properties.image,
    path: Type.String({
      minLength: 1,
      maxLength: 4000,
      description: 'An absolute path on the server: a tarball, an ISO or a directory',
      examples: ['/srv/iso/VMware-VMvisor-Installer-8.0U3.iso'],
    }),
    ...OPTIONS,
  },
  { additionalProperties: false },
)

const ImportParams = Type.Object({
  id: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'The number of the import',
    examples: [1],
  }),
})

const tags = ['images']

/** Imports of images: as an upload, or of what is on the server, with how far each is. */
export const importRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, { workshop, folders, now }) => {
  const imports = new Imports(now)
  const root = folders.images
  // What runs is stopped before the database closes, and leaves nothing.
  app.addHook('preClose', async () => imports.stop())

  const run = async (request: ImportRequest, { signal, tell }: ImportHandle) => {
    const onProgress = ({
      step,
      done,
      total,
      file,
    }: {
      step: Parameters<typeof tell>[0]
      done: number
      total: number
      file: string
    }) => tell(step, done, total, file)
    const result = await importImage({ imagesRoot: root, onProgress }, request, signal)
    await workshop.images.refresh()
    return result
  }

  const uploadRoute: FastifyPluginAsyncTypebox = async (uploads) => {
    // As it comes, whatever it says that it is: its first bytes tell what it is.
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploads.put(
      '/images/:image',
      {
        schema: {
          tags,
          operationId: 'uploadImage',
          summary: 'Import an image from an ISO or tarball that is sent',
          description: 'It is written to the disk as it comes. It is there whole when this is answered, or not at all.',
          consumes: ['application/octet-stream'],
          params: ImageParams,
          querystring: UploadQuery,
          body: Type.Unsafe<unknown>({ description: 'An ISO, or a tarball: plain, .gz, .xz or .zst' }),
          response: answers({ 201: ref(ImportShape) }),
        },
      },
      async (request, reply) => {
        // Of one that is refused, the rest is not waited for.
        reply.header('connection', 'close')
        const { filename, ...options } = request.query
        const name = readImageName(request.params.image)
        if (!options.replace) await refuseExisting(root, name)
        const length = Number(request.headers['content-length'])
        const total = Number.isSafeInteger(length) ? length : undefined
        // Once all has come, it goes on whether or not somebody waits for the answer.
        const { id, ended } = imports.start({ name, by: request.caller.name }, async (handle) => {
          const file = filename ?? `${name}.upload`
          await using upload = await receiveUpload(
            { root, name, file },
            (request.body as Readable | undefined) ?? request.raw,
            {
              signal: handle.signal,
              onBytes: (done) => handle.tell('upload', done, total, file),
            },
          )
          return await run({ ...options, name, source: upload.path, importedAt: now() }, handle)
        })
        await ended
        return reply
          .code(201)
          .header('location', `/api/v1/images/${name}`)
          .send(importJson(imports.job(id)))
      },
    )
  }
  await app.register(uploadRoute)

  app.post(
    '/imports',
    {
      schema: {
        tags,
        operationId: 'startImport',
        summary: 'Import an image from a file or directory of the server; goes on after the answer',
        body: PathBody,
        response: answers({ 202: ref(ImportShape) }),
      },
    },
    async (request, reply) => {
      const { path, ...options } = request.body
      if (!isAbsolute(path)) throw new FieldError([{ field: 'path', detail: 'must begin at the root of the server' }])
      const name = readImageName(options.name)
      const wanted: ImportRequest = { ...options, name, source: path, importedAt: now() }
      const { id, ended } = imports.start({ name, by: request.caller.name }, (handle) => run(wanted, handle))
      ended.catch(() => undefined) // told by the import itself
      return reply
        .code(202)
        .header('location', `/api/v1/imports/${id}`)
        .send(importJson(imports.job(id)))
    },
  )

  app.get(
    '/imports',
    {
      schema: {
        tags,
        operationId: 'listImports',
        summary: 'Imports that run, and the last ones that ended; the newest first',
        response: answers({ 200: Type.Object({ imports: list(ref(ImportShape)) }) }),
      },
    },
    async () => ({ imports: imports.list.map(importJson) }),
  )

  app.get(
    '/imports/:id',
    {
      schema: {
        tags,
        operationId: 'getImport',
        summary: 'How far an import is',
        params: ImportParams,
        response: answers({ 200: ref(ImportShape) }),
      },
    },
    async (request) => importJson(imports.job(request.params.id)),
  )

  app.delete(
    '/imports/:id',
    {
      schema: {
        tags,
        operationId: 'cancelImport',
        summary: 'Stop an import; nothing is left of it',
        params: ImportParams,
        response: answers({ 202: Type.Null({ description: 'It is being stopped' }) }),
      },
    },
    async (request, reply) => {
      imports.cancel(request.params.id)
      return reply.code(202).send(null)
    },
  )
}
