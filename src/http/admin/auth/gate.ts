import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret, hashToken } from '../../../commands/tokens.ts'
import { type Caller, LOOPBACK } from '../../../core/access.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { isSessionLive } from '../../../core/session.ts'
import { type AccessToken, callerOf, tokenState } from '../../../core/token.ts'
import type { AccessStore } from '../../../store/access.ts'
import { AccessLog } from './access-log.ts'
import { clientOf, isLoopback, isOwnName } from './addresses.ts'
import { SessionCookie } from './cookie.ts'
import { Lockout } from './lockout.ts'
import type { OwnSite } from './same-origin.ts'

/** How often at most it is written down that a token or a session is in use, in ms. */
const NOTE_EVERY = 60_000

/** What programs are told to come with (RFC 6750, §3). */
export const CHALLENGE = 'Bearer realm="metalspray"'

/** Headers that a proxy adds. */
const OF_PROXIES = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/** Who may come to the door, and how. */
export interface GateSettings extends OwnSite {
  readonly access: AccessStore
  /** In ms since 1970. */
  readonly now: () => number
  /** Asks everybody for a token; otherwise whoever is on this machine needs none. */
  readonly asksForToken: boolean
  /** How often long answers are looked at, in ms; a test does not wait for that. */
  readonly lookEvery?: number
}

/** Somebody whom the gate knows. */
export interface Known {
  readonly caller: Caller
  /** By what: a token in the request, a browser's session, or that he is on this machine. */
  readonly by: 'token' | 'session' | 'loopback'
  /** What a form of his must bring back to be his own. */
  readonly csrf: string
  /** Whether he may still be told what he asked for a while ago; `undefined` when that cannot end. */
  readonly mayGoOn?: () => Promise<boolean>
}

/** Tells who makes a request at the admin door. */
export class Gate {
  readonly settings: GateSettings
  readonly cookie: SessionCookie
  readonly log: AccessLog
  readonly #lockout: Lockout
  readonly #ownMachine: Known = { caller: LOOPBACK, by: 'loopback', csrf: randomBytes(20).toString('hex') }

  constructor(settings: GateSettings, log: FastifyBaseLogger) {
    this.settings = settings
    this.cookie = new SessionCookie(settings.isSecure)
    this.log = new AccessLog(settings.access, settings.now, log)
    this.#lockout = new Lockout(settings.now)
  }

  /** For Fastify: behind a proxy on this machine somebody's address is what the proxy says that it is. Nobody else is believed. */
  get trustsProxy(): 'loopback' | false {
    return this.settings.url === undefined ? false : 'loopback'
  }

  /**
   * @returns who it is, or in one sentence why nobody is known
   * @throws {ProvisionError} unauthorized, for a token that is none; too-many, when it was not the first
   */
  async identify(request: FastifyRequest): Promise<Known | string> {
    const bearer = /^Bearer(?: +(.*))?$/i.exec(request.headers.authorization ?? '')
    if (bearer !== null) {
      const secret = bearer[1]?.trim() ?? ''
      const token = await this.#find(secret, request)
      if (token === undefined) throw this.#refuse(request)
      const mayGoOn = async () => {
        const found = await this.settings.access.findToken(hashSecret(secret))
        return found !== undefined && tokenState(found, this.settings.now()) === 'live'
      }
      return { caller: callerOf(token), by: 'token', csrf: '', mayGoOn }
    }
    const secret = this.cookie.read(request.headers.cookie)
    const known = secret === undefined ? undefined : await this.#bySession(secret)
    if (known !== undefined) return known
    return this.settings.asksForToken ? 'this door asks for a token' : this.#byMachine(request)
  }

  /**
   * The token that somebody signs in with. Whoever tried many must wait, also with the right one.
   * @throws {ProvisionError} unauthorized, too-many
   */
  async signIn(secret: string, request: FastifyRequest): Promise<AccessToken> {
    if (this.wait(request) > 0) throw tooMany(request)
    const token = await this.#find(secret, request)
    if (token === undefined) throw this.#refuse(request)
    this.#lockout.succeed(clientOf(request.ip))
    return token
  }

  /** Adds to an answer what HTTP wants beside a refusal. */
  explain({ kind }: ProvisionError, reply: FastifyReply): void {
    if (kind === 'unauthorized') reply.header('www-authenticate', `${CHALLENGE}, error="invalid_token"`)
    if (kind === 'too-many') reply.header('retry-after', Math.ceil(this.wait(reply.request) / 1000))
  }

  /** How long somebody who tried many tokens must wait, in ms. */
  wait({ ip }: FastifyRequest): number {
    return this.#lockout.wait(clientOf(ip))
  }

  /** A live token; `undefined` for a text that is none. @throws {ProvisionError} unauthorized, for one that is over */
  async #find(secret: string, request: FastifyRequest): Promise<AccessToken | undefined> {
    const hash = hashToken(secret)
    const token = hash === undefined ? undefined : await this.settings.access.findToken(hash)
    if (token === undefined) return undefined
    const now = this.settings.now()
    const state = tokenState(token, now)
    if (state !== 'live') {
      // Whoever has it had the right one once: he does not guess.
      const text = `token ${token.name} ${state === 'expired' ? 'has expired' : 'was revoked'}`
      this.log.writeOnce(`${token.id} ${state}`, {
        type: 'refused',
        by: callerOf(token).name,
        address: request.ip,
        text,
      })
      throw new ProvisionError('unauthorized', text)
    }
    if (now - (token.usedAt ?? 0) >= NOTE_EVERY) note(this.settings.access.noteTokenUse(token.id, now))
    return token
  }

  async #bySession(secret: string): Promise<Known | undefined> {
    const hash = hashSecret(secret)
    const now = this.settings.now()
    const found = await this.#findSession(hash)
    if (found === undefined) return undefined
    if (now - found.session.seenAt >= NOTE_EVERY) {
      note(this.settings.access.noteSessionUse(hash, now))
      note(this.settings.access.noteTokenUse(found.token.id, now))
    }
    const mayGoOn = async () => (await this.#findSession(hash)) !== undefined
    return { caller: callerOf(found.token), by: 'session', csrf: hashSecret(`csrf ${secret}`), mayGoOn }
  }

  async #findSession(hash: string) {
    const found = await this.settings.access.findSession(hash)
    const now = this.settings.now()
    const isLive = found !== undefined && isSessionLive(found.session, now) && tokenState(found.token, now) === 'live'
    return isLive ? found : undefined
  }

  /** Whoever is on this machine, unless a page of another site or a proxy may have sent him. */
  #byMachine(request: FastifyRequest): Known | string {
    if (!isLoopback(request.socket.remoteAddress ?? '')) return 'this door asks who is not on its machine for a token'
    const proxy = OF_PROXIES.find((name) => request.headers[name] !== undefined)
    if (proxy !== undefined) {
      return `this came by a proxy (it has the header ${proxy}), and so from who knows where: it needs a token`
    }
    const { host } = request.headers
    const { url } = this.settings
    if (host === undefined || isOwnName(request.hostname, url === undefined ? [] : [url.hostname]))
      return this.#ownMachine
    return 'this machine is localhost for who needs no token; by another name (--admin-url) it needs one'
  }

  #refuse(request: FastifyRequest): ProvisionError {
    const { ip: address } = request
    if (this.wait(request) > 0) return tooMany(request)
    const text = `a token that is none, at ${request.method} ${request.routeOptions.url ?? 'an unknown address'}`
    this.log.write({ type: 'refused', by: undefined, address, text })
    const wait = this.#lockout.fail(clientOf(address))
    if (wait === 0) return new ProvisionError('unauthorized', 'there is no such token')
    const locked = `must wait ${Math.ceil(wait / 1000)} s, after many tokens that were none`
    this.log.write({ type: 'locked-out', by: undefined, address, text: locked })
    return tooMany(request)
  }
}

function tooMany({ ip }: FastifyRequest): ProvisionError {
  return new ProvisionError('too-many', `too many tokens that were none came from ${ip}; wait and try again`)
}

/** It is for people to look at; the next request notes it again. */
function note(noted: Promise<void>): void {
  noted.catch(() => {})
}
