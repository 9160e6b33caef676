import type { FastifyReply } from 'fastify'

/** Ends when nobody waits for the answer any more. Fastify's own signal ends with the body of the request. */
export function whileAsked({ raw }: FastifyReply): AbortSignal {
  const abort = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) abort.abort()
  })
  return abort.signal
}
