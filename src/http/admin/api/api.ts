import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { writeLate } from './compile-late.ts'
import { doctorRoutes } from './doctor.ts'
import type { ApiDoor } from './door.ts'
import { explainRoutes } from './explain.ts'
import { hostChangeRoutes } from './host-changes.ts'
import { hostConfigRoutes } from './host-config.ts'
import { hostRecordRoutes } from './host-records.ts'
import { hostRoutes } from './hosts.ts'
import { imageRoutes } from './images.ts'
import { importRoutes } from './imports.ts'
import { serverRoutes } from './server.ts'
import { settingRoutes } from './settings.ts'
import { EditedShape, HostEditsShape } from './shapes/edits.ts'
import { BootShape, EventShape } from './shapes/event.ts'
import { HostShape } from './shapes/host.ts'
import { ImageShape } from './shapes/image.ts'
import { ImportShape } from './shapes/import.ts'
import { Problem } from './shapes/problem.ts'
import { makeValidator } from './validate.ts'
import { webhookRoutes } from './webhooks.ts'

/** The types that have names in the document. */
const SHARED = [Problem, HostShape, HostEditsShape, EditedShape, EventShape, BootShape, ImageShape, ImportShape]

const NOUNS = [
  hostRoutes,
  hostChangeRoutes,
  hostRecordRoutes,
  hostConfigRoutes,
  explainRoutes,
  settingRoutes,
  imageRoutes,
  importRoutes,
  serverRoutes,
  doctorRoutes,
  webhookRoutes,
]

/** Has the routes of a door checked, and told of, by the same types. It has to come before them. */
export function useShapes(app: FastifyInstance): void {
  for (const shape of SHARED) app.addSchema(shape)
  app.setValidatorCompiler(makeValidator(SHARED))
  app.setSerializerCompiler(writeLate(SHARED))
  // A body of text would be taken for JSON that is a text.
  app.removeContentTypeParser('text/plain')
}

/** The API for other programs, one plugin a noun. */
export const apiRoutes: FastifyPluginAsyncTypebox<ApiDoor> = async (app, options) => {
  // Fastify puts the prefix of a plugin before those of all in it; given on, it would be there twice.
  const door: ApiDoor = { ...options, ...{ prefix: '' } }
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
  for (const noun of NOUNS) await app.register(noun, door)
}
