/** What a caller of the admin door may do, the least first: look, change what machines do, change who may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** Who makes a request at the admin door. */
export interface Caller {
  /** As events name him: `token NAME`, `loopback`. */
  readonly name: string
  readonly role: Role
}

/** Whoever asks from the machine itself without a token, where none is asked for. */
export const LOOPBACK: Caller = { name: 'loopback', role: 'admin' }

/** Whether a role is enough where another one is needed. */
export function isEnough(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

/** The role that a request needs of which its route says nothing: to look is free, to change is not. */
export function usualRole(method: string): Role {
  return method === 'GET' || method === 'HEAD' ? 'viewer' : 'admin'
}

/** What is written down of who came to the admin door, beside what callers did to hosts. */
export const ACCESS_EVENTS = [
  'token-created',
  'token-revoked',
  'webhook-added',
  'webhook-removed',
  'signed-in',
  'signed-out',
  'refused',
  'locked-out',
] as const

export type AccessEventType = (typeof ACCESS_EVENTS)[number]

/** One line of that record. */
export interface AccessEvent {
  readonly type: AccessEventType
  /** In ms since 1970. */
  readonly at: number
  /** Who did it, when that is known: `token NAME`, `cli USER`. */
  readonly by: string | undefined
  /** The address that it came from, when it came over the network. */
  readonly address: string | undefined
  /** One line for people. */
  readonly text: string
}
