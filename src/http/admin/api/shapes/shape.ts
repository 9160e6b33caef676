import { type Static, type TArrayOptions, type TSchema, Type } from 'typebox'
import { PROBLEM_TYPE } from '../../problem.ts'

/** A type that has a name in the document; the same to whoever writes or reads one. */
export function ref<T extends TSchema & { readonly $id?: string }>(schema: T) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })
}

/** A value that may be unknown. */
export function nullable<T extends TSchema>(schema: T) {
  const { description, examples } = schema as { readonly description?: string; readonly examples?: readonly unknown[] }
  const told = {
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
  }
  return Type.Union([schema, Type.Null()], told)
}

/** A list that is only read. */
export function list<T extends TSchema>(items: T, options: TArrayOptions = {}) {
  return Type.Unsafe<readonly Static<T>[]>(Type.Array(items, options))
}

/** A time, as ISO 8601 in UTC. */
export function time(description: string) {
  return Type.String({ description, format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] })
}

const PROBLEM = {
  description: 'Refused: what is wrong, and with which field',
  content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } },
}

/** The answers of a route: its own, and the problems that any may have. */
export function answers<T extends { readonly [status: number]: unknown }>(own: T): T {
  return { ...own, '4xx': PROBLEM, '5xx': PROBLEM }
}
