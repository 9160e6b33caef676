import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'

/** Reads the bodies that installers post: forms, multipart and JSON as fields, anything else as text. */
export async function readBodies(app: FastifyInstance): Promise<void> {
  await app.register(formbody)
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Tools name the type although they send nothing: a callback needs no body.
    if (body === '') done(null, undefined)
    else void parseJson(request, String(body), done)
  })
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer) =>
    readMultipart(request.headers['content-type'] ?? '', body),
  )
  // Installers post whatever their tools make of it; only fields are looked into.
  app.addContentTypeParser(['*', 'text/plain'], { parseAs: 'string' }, (_request, body, done) => done(null, body))
}

/** The fields of a multipart body by name. @throws {ProvisionError} invalid */
async function readMultipart(type: string, body: Buffer): Promise<unknown> {
  if (body.length === 0) return undefined
  const fields = new Map<string, string[]>()
  for (const [name, value] of await parseMultipart(type, body)) {
    if (typeof value !== 'string') {
      throw new ProvisionError('invalid', `${quoted(name)} is sent as a file; send it as a field`)
    }
    const values = fields.get(name) ?? []
    values.push(value)
    fields.set(name, values)
  }
  return Object.fromEntries(fields)
}

async function parseMultipart(type: string, body: Buffer): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  } catch (error) {
    throw new ProvisionError('invalid', 'the body is not multipart/form-data, as its type says', { cause: error })
  }
}
