import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Caller, isEnough, type Role, usualRole } from '../../../core/access.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { isJsonObject } from '../../../core/json.ts'
import { CHALLENGE, type Gate, type Known } from './gate.ts'
import { LongAnswers } from './long-answers.ts'
import { checkLoading, checkOrigin, couldBeForm, isFromBrowser, isSafe } from './same-origin.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; known before any handler of the admin door runs. Nobody at an `open` route may be {@link FastifyRequest.isStranger}. */
    caller: Caller
    /** Whether nobody is known behind the request; only `open` routes are asked by strangers. */
    isStranger: boolean
    /** Whether a browser signed in: the others have nothing to sign out of. */
    canSignOut: boolean
    /** What a form of this caller must bring back, in its field `csrf` or the header `X-CSRF-Token`. */
    csrf: string
  }
  interface FastifyContextConfig {
    /** The role that a route needs; without it {@link usualRole} counts. */
    role?: Role
    /** A route for everybody, known or not. */
    open?: boolean
  }
}

const STRANGER: Caller = { name: 'nobody', role: 'viewer' }

/** Pages of other sites can load nothing from here, neither as what it is nor as something else (Fetch, "CORP"). */
const FOR_NO_OTHER_SITE = { 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff' }

/** Lets nobody through to the routes of a door who may not use them. */
export function guardDoor(app: FastifyInstance, gate: Gate): void {
  app.decorateRequest('caller')
  app.decorateRequest('isStranger', true)
  app.decorateRequest('canSignOut', false)
  app.decorateRequest('csrf', '')
  const known = new WeakMap<FastifyRequest, Known>()
  const answers = new LongAnswers(app, gate.settings.lookEvery)

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(FOR_NO_OTHER_SITE)
    const found = await identify(gate, request, reply)
    const why = typeof found === 'string' ? found : undefined
    if (typeof found !== 'string') {
      known.set(request, found)
      if (found.mayGoOn !== undefined) answers.watch(reply, found.mayGoOn)
      const { caller, csrf, by } = found
      Object.assign(request, { caller, csrf, isStranger: false, canSignOut: by === 'session' })
    } else request.caller = STRANGER
    if (known.get(request)?.by !== 'token') telling(gate, request, () => checkSite(request, gate))
    if (configOf(request).open === true) return
    if (why !== undefined) return refuseStranger(request, reply, why)
    telling(gate, request, () => checkRole(request))
  })

  // Only here is the body of a form known.
  app.addHook('preValidation', async (request) => {
    const who = known.get(request)
    const isFree = who === undefined || isSafe(request.method) || configOf(request).open === true
    if (isFree || !needsProof(request, who) || isSame(proofIn(request), who.csrf)) return
    throw new ProvisionError(
      'forbidden',
      'this form is not of your session any more; load its page again and send it again',
    )
  })
}

/** Refuses what the page of another site has a browser ask for; of a token in a request no such page knows. */
function checkSite(request: FastifyRequest, { settings }: Gate): void {
  if (!isSafe(request.method)) checkOrigin(request, settings)
  else if (configOf(request).open !== true) checkLoading(request)
}

async function identify(gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<Known | string> {
  try {
    return await gate.identify(request)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    gate.explain(error, reply)
    throw error
  }
}

/** Writes down who was refused, once an hour for each: what somebody may not is not what the door fails at. */
function telling(gate: Gate, request: FastifyRequest, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    const { ip: address, isStranger, caller, method, routeOptions } = request
    const by = isStranger ? undefined : caller.name
    const text = `${method} ${routeOptions.url ?? 'an unknown address'}: ${error.message}`
    gate.log.writeOnce(`${by ?? address} ${text}`, { type: 'refused', by, address, text })
    throw error
  }
}

/** A person is sent to where he can sign in; a program is told what it needs. */
function refuseStranger(request: FastifyRequest, reply: FastifyReply, why: string): FastifyReply {
  if (isForPage(request)) {
    const next = request.method === 'GET' ? `?next=${encodeURIComponent(request.url)}` : ''
    return reply.redirect(`/sign-in${next}`, 303)
  }
  reply.header('www-authenticate', CHALLENGE)
  // htmx goes where this says; without it, it would do nothing.
  if (request.headers['hx-request'] !== undefined) reply.header('hx-redirect', '/sign-in')
  throw new ProvisionError('unauthorized', why)
}

/** Whether a browser is to show the answer as a page. */
function isForPage({ headers, url }: FastifyRequest): boolean {
  const isPart = headers['hx-request'] !== undefined
  return !isPart && !url.startsWith('/api/v1/') && (headers.accept ?? '').includes('text/html')
}

function checkRole(request: FastifyRequest): void {
  const { caller } = request
  const { role: needed = usualRole(request.method) } = configOf(request)
  if (isEnough(caller.role, needed)) return
  throw new ProvisionError('forbidden', `this needs the role ${needed}; ${caller.name} is ${caller.role}`)
}

/** The routes that nobody made have no configuration. */
function configOf(request: FastifyRequest): { readonly open?: boolean; readonly role?: Role } {
  return request.routeOptions.config ?? {}
}

/** Whether a page of another site could have had a browser send this, if the browser did not say where the page is from. */
function needsProof(request: FastifyRequest, { by }: Known): boolean {
  if (by === 'token') return false
  if (!isFromBrowser(request)) return by === 'session'
  // For any other method a browser asks first whether another site may (Fetch, "CORS-preflight").
  return request.method === 'POST' && couldBeForm(request.headers['content-type'])
}

function proofIn({ headers, body }: FastifyRequest): string {
  const field = isJsonObject(body) ? body['csrf'] : undefined
  const given = headers['x-csrf-token'] ?? field
  return typeof given === 'string' ? given : ''
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
