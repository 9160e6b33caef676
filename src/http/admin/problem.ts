import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import type { Static } from 'typebox'
import { ProvisionError } from '../../core/errors.ts'
import { STATUS, STATUS_CODES } from '../status.ts'
import type { Problem } from './api/shapes/problem.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** What is wrong with one field of a request. */
export interface FieldFault {
  /** With dots: `settings.set`; empty for the whole. */
  readonly field: string
  readonly detail: string
}

/** A refusal that is about fields of a request. */
export class FieldError extends ProvisionError {
  readonly faults: readonly FieldFault[]

  constructor(faults: readonly FieldFault[]) {
    super('invalid', faults.map(inWords).join('; '))
    this.faults = faults
  }
}

function inWords({ field, detail }: FieldFault): string {
  return field === '' ? detail : `${field}: ${detail}`
}

/** Says a refusal, or a failure, as tools read it. Of what is a bug nothing is told. */
export function problemOf(
  error: Pick<FastifyError, 'message' | 'validation' | 'statusCode'> | ProvisionError,
): Static<typeof Problem> {
  if (error instanceof ProvisionError) {
    const errors = error instanceof FieldError ? { errors: [...error.faults] } : {}
    return { ...blank(STATUS[error.kind], error.message), ...errors }
  }
  if (error.validation !== undefined) {
    const faults = faultsOf(error.validation)
    return { ...blank(400, faults.map(inWords).join('; ')), errors: faults }
  }
  const status = error.statusCode ?? 500
  return blank(status, status >= 500 ? 'internal error' : error.message)
}

function blank(status: number, detail: string): Static<typeof Problem> {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail }
}

/** So many tell what is meant. */
const MOST_FAULTS = 20

function faultsOf(validation: readonly FastifySchemaValidationError[]): FieldFault[] {
  // Whichever of several shapes was meant, the one line that says so is enough.
  const told = validation.filter(({ schemaPath, keyword }) => keyword === 'anyOf' || !schemaPath.includes('/anyOf/'))
  return told.slice(0, MOST_FAULTS).map(faultOf)
}

function faultOf({ instancePath, keyword, params, message }: FastifySchemaValidationError): FieldFault {
  const path = instancePath.split('/').slice(1)
  const field = (...more: string[]) =>
    [...path, ...more].map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
  if (keyword === 'required') return { field: field(String(params['missingProperty'])), detail: 'is missing' }
  if (keyword === 'additionalProperties') {
    return { field: field(String(params['additionalProperty'])), detail: 'is not known here' }
  }
  if (keyword === 'enum') {
    const allowed = (params['allowedValues'] as readonly unknown[]).join(', ')
    return { field: field(), detail: `must be one of ${allowed}` }
  }
  return { field: field(), detail: message ?? 'cannot be that' }
}

/** Answers with what is wrong. */
export function sendProblem(error: FastifyError | ProvisionError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error)
  if (problem.status >= 500) request.log.error({ err: error }, 'a request failed')
  reply.code(problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem)
}

/** Has all that is refused at a door told as problems. */
export function tellProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | ProvisionError>(sendProblem)
  app.setNotFoundHandler((request, reply) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const problem = blank(404, `there is no ${request.method} ${pathname.slice(0, 200)}; /api/docs says what there is`)
    return reply.code(404).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem)
  })
}
