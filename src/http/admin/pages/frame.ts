import type { FastifyReply, FastifyRequest } from 'fastify'
import { isEnough, type Role } from '../../../core/access.ts'
import type { Pages } from '../../../render/html.ts'

/** What the layout of every page is told. */
function frameOf(request: FastifyRequest) {
  return { caller: request.caller, csrf: request.csrf, canSignOut: request.canSignOut }
}

/** Whether whoever looks at a page may do what needs a role; what he may not is not shown to him. */
export function may(request: FastifyRequest, role: Role): boolean {
  return isEnough(request.caller.role, role)
}

/**
 * All that a page may load is from this server, and it cannot be shown inside of another one (OWASP, Content Security Policy).
 * Forms go nowhere else.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** Sends a page. What it shows is of now, and for whoever asked: nobody keeps it. */
export function sendPage(reply: FastifyReply, pages: Pages, name: string, data: object): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    })
    .send(pages.render(name, { ...frameOf(reply.request), ...data }))
}
