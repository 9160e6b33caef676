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
