import formbody from '@fastify/formbody'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret, newSecret } from '../../../commands/tokens.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { isJsonObject } from '../../../core/json.ts'
import { SESSION_LENGTH } from '../../../core/session.ts'
import { callerOf } from '../../../core/token.ts'
import type { Pages } from '../../../render/html.ts'
import { STATUS } from '../../status.ts'
import { ownPath } from '../own-path.ts'
import { sendPage } from '../pages/frame.ts'
import type { Gate } from './gate.ts'

/** A token and an address below the door are short. */
const LONGEST_FORM = 8192

/** Where people sign in with a token, and sign out: a browser keeps a session's cookie, never the token. */
export const signInRoutes: FastifyPluginAsync<{ readonly gate: Gate; readonly pages: Pages }> = async (
  app,
  { gate, pages },
) => {
  await app.register(formbody, { bodyLimit: LONGEST_FORM })

  // Nobody's name and no way around stand above the form.
  const show = (reply: FastifyReply, next: string, problem: string) =>
    sendPage(reply, pages, 'sign-in', { next, problem, caller: undefined, who: whoIs(reply.request) })

  app.get('/sign-in', { config: { open: true } }, async (request, reply) => {
    const next = pathIn(fieldOf(request.query, 'next'))
    // A link on another site's page leads here although somebody is signed in: browsers then keep the cookie to themselves. They send it
    // when our own page leads on.
    const isLed = request.isStranger && request.headers['sec-fetch-site'] === 'cross-site'
    if (isLed) reply.header('refresh', `0;url=${next}`)
    return show(reply, next, '')
  })

  app.post('/sign-in', { config: { open: true }, bodyLimit: LONGEST_FORM }, async (request, reply) => {
    const next = pathIn(fieldOf(request.body, 'next'))
    try {
      const token = await gate.signIn(fieldOf(request.body, 'token').trim(), request)
      await endSession(gate, request)
      const secret = newSecret()
      const now = gate.settings.now()
      const session = { createdAt: now, seenAt: now, address: request.ip }
      await gate.settings.access.addSession(hashSecret(secret), token.id, session)
      tell(gate, request, 'signed-in', callerOf(token).name)
      return reply.header('set-cookie', gate.cookie.set(secret, SESSION_LENGTH)).redirect(next, 303)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      gate.explain(error, reply)
      return show(reply.code(STATUS[error.kind]), next, error.message)
    }
  })

  app.post('/sign-out', { config: { role: 'viewer' } }, async (request, reply) => {
    if (await endSession(gate, request)) tell(gate, request, 'signed-out', request.caller.name)
    return reply.header('set-cookie', gate.cookie.clear()).redirect('/sign-in', 303)
  })
}

/** @returns whether there was one */
async function endSession({ cookie, settings }: Gate, request: FastifyRequest): Promise<boolean> {
  const secret = cookie.read(request.headers.cookie)
  if (secret !== undefined) await settings.access.endSession(hashSecret(secret))
  return secret !== undefined && request.canSignOut
}

function tell(gate: Gate, request: FastifyRequest, type: 'signed-in' | 'signed-out', by: string): void {
  gate.log.write({ type, by, address: request.ip, text: type === 'signed-in' ? 'in a browser' : 'of a browser' })
}

function whoIs({ isStranger, canSignOut, caller }: FastifyRequest): string {
  if (isStranger) return ''
  return canSignOut ? `You are signed in as ${caller.name}.` : 'Nobody on this machine needs to sign in here.'
}

function fieldOf(form: unknown, name: string): string {
  const value = isJsonObject(form) ? form[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** Where somebody wants to go on; not to sign in or out once more. */
function pathIn(text: string): string {
  const path = ownPath(text)
  return path.startsWith('/sign-') ? '/' : path
}
