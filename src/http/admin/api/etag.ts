import type { FastifyReply, FastifyRequest } from 'fastify'
import { expectTag, hostTag } from '../../../commands/host-tag.ts'
import { expire } from '../../../core/greet.ts'
import type { Host } from '../../../core/host.ts'

export const IF_MATCH = {
  type: 'object',
  properties: {
    'if-match': {
      type: 'string',
      maxLength: 1000,
      description: 'The ETag of the host as you saw it: the change is refused with 412 when it is another one by now',
    },
  },
} as const

/** Sends the tag of a host as an editor sees it now. */
export function tagAs(reply: FastifyReply, host: Host, now: number): void {
  reply.header('etag', `"${hostTag(expire({ host, events: [] }, now).host)}"`)
}

/** What `If-Match` asks of a host; `undefined` when it asks for nothing but that there is one. */
export function readIfMatch({ headers }: Pick<FastifyRequest, 'headers'>): ((host: Host) => void) | undefined {
  return expecting(headers['if-match'])
}

/** The same, of a tag that came in another way. */
export function expecting(text: string | undefined): ((host: Host) => void) | undefined {
  if (text === undefined || text.trim() === '*') return undefined
  // Of weak ones none is the same as anything, by the rules of HTTP.
  const tags = [...text.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, tag = '']) => (weak === undefined ? [tag] : []))
  return (host) => expectTag(host, tags)
}
