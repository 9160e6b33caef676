import { hash, randomBytes } from 'node:crypto'
import type { Role } from '../core/access.ts'
import { ProvisionError } from '../core/errors.ts'
import { type AccessToken, readTokenName, tokenState } from '../core/token.ts'
import type { AccessStore } from '../store/access.ts'

export interface TokenDeps {
  readonly access: AccessStore
  /** In ms since 1970. */
  readonly now: () => number
  /** Who asks: `token NAME`, `loopback`, `cli USER`. */
  readonly by: string
  /** Where from, when it is over the network. */
  readonly address?: string
}

export interface NewToken {
  readonly name: string
  readonly role: Role
  /** How long it may be used, in ms; `undefined` for one that never ends by itself. */
  readonly expiresIn: number | undefined
}

/** The prefix lets programs that search repositories for secrets know one; 160 random bits cannot be guessed. */
const TOKEN = /^ms_[0-9a-f]{40}$/
const RANDOM_BYTES = 20

/**
 * Makes a token.
 * @returns the token itself, which nobody can be told again, and what is kept of it
 * @throws {ProvisionError} invalid, for a name that cannot be; conflict, when the name is taken
 */
export async function createToken(
  { access, now, by, address }: TokenDeps,
  { name, role, expiresIn }: NewToken,
): Promise<{ readonly secret: string; readonly token: AccessToken }> {
  readTokenName(name)
  const at = now()
  const secret = `ms_${newSecret()}`
  const expiresAt = expiresIn === undefined ? undefined : at + expiresIn
  const token = await access.addToken(hashSecret(secret), { name, role, createdAt: at, createdBy: by, expiresAt })
  await access.addAccessEvent({ type: 'token-created', at, by, address, text: `token ${name} (${role})` })
  return { secret, token }
}

/** Takes a token out of use at once, with the sessions of the browsers that signed in with it. @throws {ProvisionError} not-found */
export async function revokeToken({ access, now, by, address }: TokenDeps, name: string): Promise<AccessToken> {
  const at = now()
  const token = await access.revokeToken(name, at)
  await access.addAccessEvent({ type: 'token-revoked', at, by, address, text: `token ${name} (${token.role})` })
  return token
}

/** The command that somebody needs who has no token. */
const MAKE_ONE = 'metalspray token create NAME --role admin'

/**
 * Refuses to open a door that asks for a token when nobody was ever given one. When all have expired it opens all the same, for nobody: machines
 * must go on booting when a server that was left alone starts again, and a token that is made then counts at once.
 * @returns what the log is to say of it
 * @throws {ProvisionError} conflict
 */
export async function needToken(
  access: AccessStore,
  now: number,
): Promise<{ readonly isWell: boolean; readonly text: string }> {
  const tokens = (await access.listTokens()).filter((token) => tokenState(token, now) !== 'revoked')
  if (tokens.length === 0) {
    throw new ProvisionError(
      'conflict',
      `the admin door is to ask for a token, and there is none; make one, with the same --data: ${MAKE_ONE}`,
    )
  }
  const live = tokens.filter((token) => tokenState(token, now) === 'live')
  if (live.length > 0) return { isWell: true, text: `the admin door asks for a token; ${live.length} can be used` }
  const text = `the admin door asks for a token, and all have expired: nobody gets in. Make a new one: ${MAKE_ONE}`
  return { isWell: false, text }
}

/** A new secret of 160 random bits, in hex: for a token, or for the cookie of a session. */
export function newSecret(): string {
  return randomBytes(RANDOM_BYTES).toString('hex')
}

/** What is stored of a secret. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/**
 * The hash of what claims to be a token. A token is found by this hash in an index: whoever measures how long that takes learns of
 * hashes, from which no token can be made, so the look-up needs no comparison in constant time of its own.
 * @returns `undefined` for a text that cannot be a token
 */
export function hashToken(text: string): string | undefined {
  return TOKEN.test(text) ? hashSecret(text) : undefined
}
