import type { AccessEvent } from '../core/access.ts'
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

/** A line of the record of who came, as other programs read it. */
export function accessEventJson({ at, type, by, address, text }: AccessEvent) {
  return { at: new Date(at).toISOString(), type, by: by ?? null, address: address ?? null, text }
}
