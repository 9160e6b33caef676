/** A browser that signed in with a token. Times are in ms since 1970. */
export interface Session {
  readonly createdAt: number
  /** When it last asked for something, within a minute. */
  readonly seenAt: number
  /** Where it signed in from. */
  readonly address: string
}

/** A session that asks for nothing this long is over: a working day, so that a forgotten browser is none tomorrow. */
export const SESSION_IDLE = 10 * 3_600_000
/** And every session is over after this long. */
export const SESSION_LENGTH = 7 * 86_400_000

/** Whether a session still counts. */
export function isSessionLive({ createdAt, seenAt }: Session, now: number): boolean {
  return now < seenAt + SESSION_IDLE && now < createdAt + SESSION_LENGTH
}
