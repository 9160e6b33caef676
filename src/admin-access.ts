import type { createServer } from 'node:https'
import type { FastifyInstance } from 'fastify'
import { needToken } from './commands/tokens.ts'
import { ProvisionError } from './core/errors.ts'
import { isLoopback } from './http/admin/auth/addresses.ts'
import type { GateSettings } from './http/admin/auth/gate.ts'
import type { Logger } from './log.ts'
import type { Store } from './store/store.ts'
import { readTls, type TlsFiles, type TlsPair } from './tls.ts'

/** How people reach the admin door. */
export interface AdminReach {
  /** Asks for a token on loopback, too. */
  readonly tokenRequired: boolean
  /** The address by which people reach it, when that is another one: a name, or that of a proxy. */
  readonly url: string | undefined
  readonly tls: TlsFiles | undefined
}

/** What the admin door is built with. */
export interface AdminAccess {
  readonly gate: GateSettings
  readonly tls: TlsPair | undefined
}

/** A door on loopback, for whoever is on the machine. */
export function openAccess(store: Pick<Store, 'access'>, now: () => number): AdminAccess {
  const { access } = store
  return { gate: { access, now, asksForToken: false, url: undefined, isSecure: false }, tls: undefined }
}

/**
 * Prepares the admin door, and says in the log who may come.
 * @throws {ProvisionError} conflict, when it is to ask for a token and there is none; invalid, for a certificate that cannot be used
 */
export async function prepareAccess(
  { adminHost: host, admin: reach }: { readonly adminHost: string; readonly admin: AdminReach },
  { store, log, now }: { readonly store: Pick<Store, 'access'>; readonly log: Logger; readonly now: () => number },
): Promise<AdminAccess> {
  const tls = reach.tls === undefined ? undefined : await readTls(reach.tls, now())
  if (tls?.warning !== undefined) log.warn(tls.warning)
  const url = reach.url === undefined ? undefined : new URL(reach.url)
  const isSecure = tls !== undefined || url?.protocol === 'https:'
  const asksForToken = reach.tokenRequired || !isLoopback(host)
  if (asksForToken) {
    const { isWell, text } = await needToken(store.access, now())
    log[isWell ? 'info' : 'warn'](text)
  } else log.info('the admin door asks for no token: whoever is on this machine may do everything')
  if (!isLoopback(host) && !isSecure) {
    log.warn('tokens cross the network in the clear: give the admin door --tls-cert and --tls-key, or a proxy with TLS')
  }
  return { gate: { access: store.access, now, asksForToken, url, isSecure }, tls }
}

/** Takes the certificate that is in the files now; one that cannot be used is told, and the one before stays. */
export async function renewTls(admin: FastifyInstance, files: TlsFiles, log: Logger): Promise<void> {
  try {
    const { cert, key, warning } = await readTls(files, Date.now())
    if (warning !== undefined) log.warn(warning)
    const server = admin.server as unknown as ReturnType<typeof createServer>
    server.setSecureContext({ cert, key })
    log.info('the admin door has read its certificate again')
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    log.error(`the admin door keeps the certificate that it has: ${error.message}`)
  }
}
