import type { FastifyRequest } from 'fastify'
import { ProvisionError } from '../../../core/errors.ts'

/** Methods that change nothing. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** Whether a browser made a request that changes something: each of them says where the page is from that asked for it. */
export function isFromBrowser({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}

/** Where browsers see the door. */
export interface OwnSite {
  /** The address by which people reach it, when that is not what the request says. */
  readonly url: URL | undefined
  /** Whether by TLS. */
  readonly isSecure: boolean
}

/** Refuses what the page of another site has a browser do. @throws {ProvisionError} forbidden */
export function checkOrigin(request: FastifyRequest, own: OwnSite): void {
  const { origin } = request.headers
  if (!isAskedElsewhere(request) && (origin === undefined || isOwnOrigin(origin, request.host, own))) return
  throw askedElsewhere()
}

/**
 * Refuses what the page of another site loads from here without leading somebody here, as an image for instance. It can read none of it, but
 * would have the server work: copy its database, ask every DHCP server, hold streams open.
 * @throws {ProvisionError} forbidden
 */
export function checkLoading(request: FastifyRequest): void {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': goal } = request.headers
  const isLed = mode === 'navigate' && goal === 'document'
  if (isAskedElsewhere(request) && !isLed) throw askedElsewhere()
}

function isAskedElsewhere({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

function askedElsewhere(): ProvisionError {
  return new ProvisionError('forbidden', 'this was asked for by a page of another site; nothing was done')
}

function isOwnOrigin(origin: string, host: string, { url, isSecure }: OwnSite): boolean {
  if (!URL.canParse(origin)) return false // `null`, which is what a page says that will not say
  const from = new URL(origin)
  if (from.origin === url?.origin) return true
  return (!isSecure || from.protocol === 'https:') && from.host === hostOf(from.protocol, host)
}

/** A Host header as an URL has it: without the scheme's own port. */
function hostOf(protocol: string, host: string): string | undefined {
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : undefined
}

/** What a form can send; anything else a browser sends to another site only if that site allows it, and we never do. */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', '']

/** Whether the page of another site could have a browser send a body of this type without asking first (Fetch, "CORS-safelisted"). */
export function couldBeForm(contentType: string | undefined): boolean {
  return FORMS.includes((contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '')
}
