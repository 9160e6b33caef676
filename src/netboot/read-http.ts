import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getByTls, type RequestOptions } from 'node:https'
import { ProvisionError } from '../core/errors.ts'

/** What is to be fetched by HTTP. */
export interface HttpRequest {
  readonly url: string
  /** More than so many bytes are not taken. */
  readonly largest: number
  /** Takes any certificate. */
  readonly trustsAnybody?: boolean
  readonly signal: AbortSignal
}

/** A file that came by HTTP, as firmware sees it. */
export interface HttpFile {
  readonly bytes: Buffer
  readonly status: number
  /** What HEAD said of the length; UEFI firmware asks it first, and takes no file without. */
  readonly promised: number | undefined
}

const MOST_REDIRECTS = 3

/**
 * Fetches a file as UEFI firmware does: HEAD, then GET. Not by `fetch`, which asks for compressed answers and knows ports to which it does not go.
 * @throws {ProvisionError} unavailable, when nothing answers; invalid, when it is too large
 */
export async function readHttp({ url, largest, signal, trustsAnybody }: HttpRequest): Promise<HttpFile> {
  const options = { signal, rejectUnauthorized: trustsAnybody !== true }
  try {
    const head = await ask(url, { ...options, method: 'HEAD' })
    head.resume()
    const length = head.headers['content-length']
    const answer = await ask(url, options)
    const bytes = await readBounded(answer, largest)
    return { bytes, status: answer.statusCode ?? 0, promised: length === undefined ? undefined : Number(length) }
  } catch (error) {
    if (error instanceof ProvisionError) throw error
    signal.throwIfAborted()
    throw new ProvisionError('unavailable', whyOf(error), { cause: error })
  }
}

/** Asks, and goes where it is sent. */
async function ask(url: string, options: RequestOptions, redirects = MOST_REDIRECTS): Promise<IncomingMessage> {
  const answer = await askOnce(new URL(url), options)
  const { location } = answer.headers
  const isElsewhere = [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) && location !== undefined
  if (!isElsewhere || redirects === 0) return answer
  answer.resume()
  return ask(new URL(location, url).href, options, redirects - 1)
}

function askOnce(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getByTls : getPlain
  // A connection of its own: none is left open behind.
  return new Promise((resolve, reject) => {
    get(url, { ...options, agent: false }, resolve).on('error', reject)
  })
}

async function readBounded(answer: IncomingMessage, largest: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let received = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    received += part.length
    if (received > largest) throw new ProvisionError('invalid', `it is larger than ${largest} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Of several addresses of one name, each has its own reason. */
function whyOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error ? first.message || first.name : String(first)
}
