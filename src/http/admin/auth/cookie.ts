/** The secret of a session, as the cookie holds it. */
const SECRET = /^[0-9a-f]{40}$/
/** With this prefix browsers take a cookie over TLS alone, for this very host (RFC 6265bis, §4.1.3.2). */
const SECURE_NAME = '__Host-metalspray'
const NAME = 'metalspray'

/** The cookie in which a browser keeps its session. */
export class SessionCookie {
  readonly #name: string
  readonly #attributes: string

  /** @param isSecure whether browsers reach the door by TLS */
  constructor(isSecure: boolean) {
    this.#name = isSecure ? SECURE_NAME : NAME
    this.#attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  }

  /** The secret in a request's Cookie header. Several of one name are one too many: somebody else set one of them. */
  read(header: string | undefined): string | undefined {
    const prefix = `${this.#name}=`
    const found = (header ?? '').split(';').flatMap((part) => {
      const pair = part.trim()
      return pair.startsWith(prefix) ? [pair.slice(prefix.length)] : []
    })
    const [secret] = found
    return found.length === 1 && secret !== undefined && SECRET.test(secret) ? secret : undefined
  }

  /** The Set-Cookie header of a new session. @param length in ms */
  set(secret: string, length: number): string {
    return `${this.#name}=${secret}; Max-Age=${Math.floor(length / 1000)}; ${this.#attributes}`
  }

  /** The Set-Cookie header that takes it away. */
  clear(): string {
    return `${this.#name}=; Max-Age=0; ${this.#attributes}`
  }
}
