import { type AccessToken, tokenState } from '../core/token.ts'

/** A token as other programs read it. */
export function tokenJson(token: AccessToken, now: number) {
  const { name, role, createdAt, createdBy, expiresAt, usedAt, revokedAt } = token
  const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())
  return {
    ...{ name, role, state: tokenState(token, now), createdAt: time(createdAt), createdBy: createdBy ?? null },
    ...{ expiresAt: time(expiresAt), usedAt: time(usedAt), revokedAt: time(revokedAt) },
  }
}
