import type { ErrorKind } from '../core/errors.ts'

/** The status by which each kind of refusal is told. */
export const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'too-many': 429,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  unavailable: 503,
}

/**
 * What the statuses of HTTP are called. `import` of `node:http` would look at all that it has to give, and so load a client, `fetch` and WebSockets that a server
 * does not need: 9 MB.
 */
export const { STATUS_CODES } = process.getBuiltinModule('node:http')
