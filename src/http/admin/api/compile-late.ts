import serializers from '@fastify/fast-json-stringify-compiler'
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'
import type { TSchema } from 'typebox'

/**
 * Makes checkers of requests when the first request comes. There are hundreds of types, of which a server that has just started needs none:
 * to make them all takes longer than all else that it does until it listens.
 */
export function checkLate(compile: FastifySchemaCompiler<TSchema>): FastifySchemaCompiler<TSchema> {
  return (route) => {
    const made = once(() => compile(route))
    const check: ReturnType<typeof compile> = (data: unknown) => {
      const result = made()(data)
      check.errors = made().errors ?? null
      return result
    }
    return check
  }
}

/** Makes writers of answers as Fastify does, which leave out what a type does not name, but when the first answer is written. */
export function writeLate(shared: readonly TSchema[]): FastifySerializerCompiler<TSchema> {
  const named = Object.fromEntries(shared.map((schema) => ['$id' in schema ? schema.$id : '', schema]))
  const compile = once(() => serializers()(named))
  return ({ schema, method, url, httpStatus = '' }) => {
    const write = once(() => compile()({ schema, method, url, httpStatus }))
    return (data) => write()(data)
  }
}

/** What is made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly it: T } | undefined
  return () => {
    made ??= { it: make() }
    return made.it
  }
}
