import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** One operation of an OpenAPI document. */
export interface Operation {
  readonly id: string
  readonly method: string
  /** With parameters in braces. */
  readonly path: string
  readonly tag: string
  readonly parameters: readonly Parameter[]
  /** The schema of its JSON; `undefined` when it takes none. */
  readonly body: unknown
  readonly takesAnything: boolean
  /** Checks that an answer is what the document says. @throws {assert.AssertionError} */
  check(answer: Told): void
  /** Makes checks of its body and of all its answers; says how many. @throws {Error} for a type that is none, or is not there */
  compileAll(): number
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: { readonly type?: string; readonly enum?: readonly unknown[] }
}

export interface Told {
  readonly status: number
  readonly type: string
  readonly text: string
}

interface Described {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: unknown }> }
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>
}

/** Reads the operations of a document, each with a check of its answers. */
export function operationsOf(document: { readonly paths: Record<string, Record<string, Described>> }): Operation[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'document')
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Operation => {
      const { operationId: id, tags, parameters = [], requestBody, responses } = described
      const base = `document#/paths/${escaped(path)}/${method}/responses`
      return {
        ...{ id, method: method.toUpperCase(), path, tag: tags[0] ?? '', parameters },
        body: requestBody?.content['application/json']?.schema,
        takesAnything: requestBody?.content['application/octet-stream'] !== undefined,
        compileAll: () => {
          const types = (place: string, content: object = {}) =>
            Object.keys(content).map((type) => compiled(ajv, `${place}/content/${escaped(type)}/schema`))
          const body = types(base.replace(/responses$/, 'requestBody'), requestBody?.content)
          return [
            body,
            ...Object.entries(responses).map(([way, { content }]) => types(`${base}/${way}`, content)),
          ].flat().length
        },
        check: (told) => checkAnswer(told, { responses, compile: (way) => compiled(ajv, `${base}/${way}`) }),
      }
    }),
  )
}

interface Documented {
  readonly responses: Described['responses']
  compile(way: string): ValidateFunction
}

function checkAnswer({ status, type, text }: Told, { responses, compile }: Documented): void {
  assert.ok(status < 500 || status === 503, `${status} ${text.slice(0, 500)}`)
  const key = [String(status), `${String(status)[0]}XX`].find((one) => responses[one] !== undefined)
  assert.ok(key !== undefined, `${status} is not documented`)
  const documented = Object.keys(responses[key]?.content ?? {})
  const [plain = ''] = type.split(';')
  if (documented.length === 0) {
    assert.equal(text, '')
    return
  }
  assert.ok(documented.includes(plain), `${status} is ${type}, documented is ${documented.join()}`)
  if (!plain.endsWith('json')) return
  const validate = compile(`${key}/content/${escaped(plain)}/schema`)
  assert.ok(validate(JSON.parse(text)), `${JSON.stringify(validate.errors)}\n${text.slice(0, 1000)}`)
}

function compiled(ajv: Ajv2020, $ref: string): ValidateFunction {
  return ajv.getSchema($ref) ?? ajv.compile({ $ref })
}

function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
}
