import { Ajv, type Options } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { checkLate, once } from './compile-late.ts'

const COMMON: Options = {
  allErrors: true,
  removeAdditional: false,
  useDefaults: true,
  allowUnionTypes: true,
  strict: false,
}

/** A checker of requests that names every wrong field, and drops none in silence. Only what comes as text is made of it. */
export function makeValidator(shared: readonly TSchema[]): FastifySchemaCompiler<TSchema> {
  const make = (options: Options) => {
    const ajv = new Ajv({ ...COMMON, ...options })
    addFormats.default(ajv)
    for (const schema of shared) ajv.addSchema(schema)
    return ajv
  }
  const [json, texts] = [once(() => make({ coerceTypes: false })), once(() => make({ coerceTypes: 'array' }))]
  return checkLate(({ schema, httpPart }) => (httpPart === 'body' ? json() : texts()).compile(schema))
}
