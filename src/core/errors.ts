/** What kind of refusal an error is. Each door has its own face for it: a status, a console line, an exit code. */
export type ErrorKind =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'too-many'
  | 'not-found'
  | 'conflict'
  | 'stale'
  | 'unavailable'

/** The only error class thrown on purpose; anything else that escapes is a bug. Its message is safe to show to anyone. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError'
  readonly kind: ErrorKind

  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
