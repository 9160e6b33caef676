import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Message, signedHeaders } from './sign.ts'

// `import` would look at all that this module has to give, and so load a second client with WebSockets: 9 MB.
const { request: httpRequest, STATUS_CODES } = process.getBuiltinModule('node:http')

/** What came of one attempt. */
export type Answer =
  | { readonly ok: true; readonly status: number }
  | {
      readonly ok: false
      /** In a few words that go behind a name. */
      readonly why: string
      /** `undefined` when there was no answer. */
      readonly status?: number
      /** How long the receiver wants to be left alone, in ms. */
      readonly retryAfter?: number
    }

export interface Post extends Message {
  readonly url: string
  readonly secret: string
  /** What sends it, for the receiver's log. */
  readonly agent: string
  /** In ms since 1970. */
  readonly at: number
  /** How long the receiver may take, in ms. */
  readonly limit: number
  readonly signal?: AbortSignal
}

/** So much of an answer is read, in bytes: nobody needs any of it, but a receiver that is cut off calls that an error. */
const MOST_READ = 65_536

/** Sends one delivery over a connection of its own. No redirect is followed: it would send the event to whom nobody named. */
export async function post({ url, secret, agent, at, limit, signal, ...message }: Post): Promise<Answer> {
  const late = AbortSignal.timeout(limit)
  const body = Buffer.from(message.body)
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': agent,
      ...signedHeaders(message, secret, at),
    },
    signal: signal === undefined ? late : AbortSignal.any([late, signal]),
  }
  const { promise, resolve } = Promise.withResolvers<Answer>()
  try {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const request = send(url, options, (response) => {
      drain(response)
      resolve(judge(response))
    })
    request.on('error', (error) => resolve({ ok: false, why: late.aborted ? tooLate(limit) : describe(error) }))
    // Behind whatever was said before; an answer that is none (101) ends without any.
    request.on('close', () => resolve({ ok: false, why: CUT }))
    request.end(body)
  } catch (error) {
    resolve({ ok: false, why: describe(error) })
  }
  return promise
}

function drain(response: IncomingMessage): void {
  let read = 0
  response.on('error', () => {}) // it was judged by its status
  response.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > MOST_READ) response.destroy()
  })
}

function judge(response: IncomingMessage): Answer {
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return { ok: true, status }
  const phrase = STATUS_CODES[status] ?? ''
  const more = status >= 300 && status < 400 ? ' (redirects are not followed)' : ''
  const retryAfter = readRetryAfter(response.headers['retry-after'])
  const told = retryAfter === undefined ? {} : { retryAfter }
  return { ok: false, why: `answered ${status} ${phrase}`.trim() + more, status, ...told }
}

/** Only seconds: a date is of a clock that may be another one. */
function readRetryAfter(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined
}

const CUT = 'cut the connection'

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection',
  ECONNRESET: CUT,
  EPIPE: CUT,
  ENOTFOUND: 'has a name that is not known',
  EAI_AGAIN: 'has a name that cannot be looked up now',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code = '' } = error as NodeJS.ErrnoException
  return CODES[code] ?? `cannot be told: ${(error.message || code).slice(0, 200)}`
}

function tooLate(limit: number): string {
  return `does not answer within ${limit / 1000} s`
}
