import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import { STATUS } from '../status.ts'
import { hideBootids } from './bootid.ts'

/** How soon a machine may ask again after a 503, in seconds; iPXE obeys it by itself. */
const RETRY_AFTER = 5
const LONGEST_LINE = 200

/** A refusal for machines and their scripts: one line that a console can show. Never a 2xx, which a BIOS would run. */
export function textErrors(
  error: Error & { readonly statusCode?: number | undefined },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error instanceof ProvisionError ? STATUS[error.kind] : (error.statusCode ?? 500)
  if (status >= 500 && status !== 503) {
    request.log.error({ err: error }, 'internal error')
    return sendLine(reply, status, 'internal error')
  }
  request.log.info({ refused: hideBootids(error.message), status }, 'refused')
  if (status === 503) reply.header('retry-after', RETRY_AFTER)
  return sendLine(reply, status, error instanceof ProvisionError ? error.message : consoleLine(error.message))
}

/** What Fastify says repeats whole addresses. */
function consoleLine(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 3)}...` : text
}

export function sendLine(reply: FastifyReply, status: number, line: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${line}\n`)
}
