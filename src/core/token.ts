import { type Caller, ROLES, type Role } from './access.ts'
import { ProvisionError } from './errors.ts'
import { quoted } from './identity.ts'

/** What is kept of a token: who may show it and what it allows, never the token itself. Times are in ms since 1970. */
export interface AccessToken {
  readonly id: number
  readonly name: string
  readonly role: Role
  readonly createdAt: number
  readonly createdBy: string | undefined
  /** `undefined` for one that never ends by itself. */
  readonly expiresAt: number | undefined
  /** When it was last shown, within a minute. */
  readonly usedAt: number | undefined
  readonly revokedAt: number | undefined
}

export type TokenState = 'live' | 'expired' | 'revoked'

export function tokenState(token: Pick<AccessToken, 'expiresAt' | 'revokedAt'>, now: number): TokenState {
  if (token.revokedAt !== undefined) return 'revoked'
  return token.expiresAt !== undefined && token.expiresAt <= now ? 'expired' : 'live'
}

/** Who comes with this token. */
export function callerOf({ name, role }: Pick<AccessToken, 'name' | 'role'>): Caller {
  return { name: `token ${name}`, role }
}

/** A name that fits a log line, a URL and a shell. @throws {ProvisionError} invalid */
export function readTokenName(text: string): string {
  if (/^[A-Za-z0-9][\w.@-]{0,63}$/.test(text)) return text
  const rule = 'letters, digits and . _ @ -, at most 64, a letter or digit first'
  throw new ProvisionError('invalid', `${quoted(text)} cannot name a token (${rule})`)
}

/** @throws {ProvisionError} invalid */
export function readRole(text: string): Role {
  const role = ROLES.find((one) => one === text)
  if (role === undefined) throw new ProvisionError('invalid', `${quoted(text)} is no role (${ROLES.join(', ')})`)
  return role
}
