import { setTimeout as sleep } from 'node:timers/promises'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ProvisionError } from '../core/errors.ts'
import { isJsonObject } from '../core/json.ts'
import { type NewsLine, readLine, toLine } from './news-line.ts'

/** The admin door of a server, here or elsewhere. */
export interface Server {
  readonly url: string
  readonly token: string | undefined
}

/** What is to be followed, in the parameters of `GET /api/v1/events`. */
export interface Wanted {
  readonly host?: string | undefined
  readonly type?: string | undefined
  /** In ms since 1970. */
  readonly since?: number | undefined
  /** Events behind this id, */
  readonly after?: number | undefined
  /** and lines of the console of the host behind this id. */
  readonly lines?: number | undefined
}

/** Before the first new try, and at most, in ms. */
const PAUSE = 1000
const LONGEST_PAUSE = 15_000
/** A server says every 15 s that it is there; one that was silent for so long is not, in ms. */
const SILENCE = 60_000

/**
 * Follows a server's hosts until the signal fires. A connection that breaks is opened again, and goes on where it was: `onBreak` is told.
 * Says `undefined` when it has begun.
 * @throws {ProvisionError} when the server cannot be reached at first, or refuses
 */
export async function* followServer(
  { server, onBreak }: { readonly server: Server; onBreak(why: string): void },
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<NewsLine | undefined, void, undefined> {
  const query = queryOf(wanted)
  let lastId = await reach(server, query, wanted, signal)
  yield undefined
  let pause = PAUSE
  const onLine = ({ id }: Message, line: NewsLine | undefined) => {
    pause = PAUSE
    lastId = id ?? lastId
    if (line?.kind === 'line') query.set('lines', String(line.id))
  }
  while (!signal.aborted) {
    try {
      yield* linesOf(messages(server, query, lastId, signal), onLine)
      if (!signal.aborted) onBreak('the server ended the stream')
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) throw error
      onBreak(reasonOf(error))
    }
    await sleep(pause, undefined, { signal }).catch(() => {})
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

async function* linesOf(
  messages: AsyncIterable<Message>,
  onLine: (message: Message, line: NewsLine | undefined) => void,
): AsyncGenerator<NewsLine, void, undefined> {
  for await (const message of messages) {
    const line = readLine(message.event, message.data)
    onLine(message, line)
    if (line !== undefined) yield line
  }
}

/** Asks once in a way that is answered at once. @returns the id of the newest event, for who begins there */
async function reach(server: Server, query: URLSearchParams, { since, after }: Wanted, signal: AbortSignal) {
  const once = new URLSearchParams(query)
  once.set('limit', '1')
  const response = await ask(server, once, { accept: 'application/json' }, signal)
  const page: unknown = await response.json().catch(() => undefined)
  if (!isJsonObject(page) || typeof page['next'] !== 'number') {
    throw new ProvisionError('unavailable', `${server.url} is no admin door of metalspray`)
  }
  if (after !== undefined) return String(after)
  return since === undefined ? String(page['next']) : undefined
}

/** All that a server knows of a host. @throws {ProvisionError} when it cannot be reached, or refuses */
export async function readServerLog(
  server: Server,
  { host, since, limit }: { readonly host: string; readonly since: number | undefined; readonly limit: number },
  signal: AbortSignal,
): Promise<{ readonly entries: readonly NewsLine[]; readonly lastEvent: number; readonly lastLine: number }> {
  const query = queryOf({ since })
  query.set('limit', String(limit))
  const path = `hosts/${encodeURIComponent(host)}/log`
  const response = await ask(server, query, { accept: 'application/json' }, signal, path)
  const log: unknown = await response.json().catch(() => undefined)
  if (!isJsonObject(log) || !Array.isArray(log['entries'])) {
    throw new ProvisionError('unavailable', `${server.url} is no admin door of metalspray`)
  }
  const entries = log['entries'].flatMap((entry: unknown) => toLine(isJsonObject(entry) && entry['kind'], entry) ?? [])
  return { entries, lastEvent: Number(log['lastEvent']), lastLine: Number(log['lastLine']) }
}

interface Message {
  readonly id?: string | undefined
  readonly event?: string | undefined
  readonly data: string
}

async function* messages(
  server: Server,
  query: URLSearchParams,
  lastId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Message, void, undefined> {
  const silent = new AbortController()
  const alive = () => timer.refresh()
  const timer = setTimeout(() => silent.abort(new Error('the server was silent for too long')), SILENCE)
  try {
    const headers = { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) }
    const response = await ask(server, query, headers, AbortSignal.any([signal, silent.signal]))
    const parser = new EventSourceParserStream({ onComment: alive })
    const texts = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(parser)
    for await (const message of texts ?? []) {
      alive()
      yield message
    }
  } finally {
    clearTimeout(timer)
  }
}

async function ask(
  { url, token }: Server,
  query: URLSearchParams,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  path = 'events',
): Promise<Response> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const asked = fetch(`${url}/api/v1/${path}?${query}`, { headers: { ...headers, ...authorization }, signal })
  const response = await asked.catch((error: unknown) => {
    if (signal.aborted) throw error
    throw new Unreachable(`cannot reach ${url}: ${reasonOf(error)}`, { cause: error })
  })
  if (response.ok) return response
  throw await refusalOf(response, token)
}

/** The server is not there now, which may pass. */
class Unreachable extends ProvisionError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, options)
  }
}

async function refusalOf(response: Response, token: string | undefined): Promise<ProvisionError> {
  const body: unknown = await response.json().catch(() => undefined)
  const told = isJsonObject(body) ? (body['detail'] ?? body['error'] ?? body['title']) : undefined
  const why = typeof told === 'string' ? told : `the server answered ${response.status}`
  if (response.status >= 500) return new Unreachable(why)
  if (response.status === 401 && token === undefined) {
    return new ProvisionError('unauthorized', `${why}; METALSPRAY_TOKEN is the variable for a token`)
  }
  return new ProvisionError(response.status === 404 ? 'not-found' : 'invalid', why)
}

/** Whether trying again may help: anything but a refusal of what was asked. */
function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || !(error instanceof ProvisionError)
}

/** What broke a connection: `fetch` keeps that behind words of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && !(error instanceof Unreachable) ? reasonOf(error.cause) : error.message
}

function queryOf({ host, type, since, lines }: Wanted): URLSearchParams {
  const query = new URLSearchParams()
  if (host !== undefined) query.set('host', host)
  if (type !== undefined) query.set('type', type)
  if (lines !== undefined) query.set('lines', String(lines))
  if (since !== undefined) query.set('since', new Date(since).toISOString())
  return query
}
