import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type Following, follow, type Live, type News } from '../../../commands/follow.ts'
import { lineJson, namedEventJson, progressJson } from '../../../commands/host-json.ts'
import { ProvisionError } from '../../../core/errors.ts'
import type { EventQuery, NamedEvent, Store } from '../../../store/store.ts'

/** So many may look at once. */
const MOST_STREAMS = 200
/** A stream on which nothing is new says that it is alive, in ms: proxies cut what is silent for a minute. */
const BEAT = 15_000
/** Who takes nothing of what there is for so long, in ms, is dropped. */
const STALL = 60_000
/** When a browser asks again after the stream has ended, in ms. */
const AGAIN = 2000

type Wanted = Pick<EventQuery, 'host' | 'types' | 'after' | 'since'> & Pick<Following, 'lines'>

const texts = new WeakMap<NamedEvent, string>()

/** The streams of news that are open at a door: bounded in number, and each in what waits for its reader. */
export class Streams {
  readonly #open = new Set<AbortController>()
  readonly #sources: { readonly store: Store; readonly live: Live }
  readonly #beat: number

  constructor(sources: { readonly store: Store; readonly live: Live }, beat = BEAT) {
    this.#sources = sources
    this.#beat = beat
  }

  get size(): number {
    return this.#open.size
  }

  /** Ends all streams when their door closes: what is open would keep it from that. */
  closeWith(app: FastifyInstance): void {
    app.addHook('preClose', async () => {
      for (const stream of this.#open) stream.abort()
    })
  }

  /** Opens a stream of server-sent events, which `stop` ends. @throws {ProvisionError} unavailable, when there are too many */
  open(wanted: Wanted): { readonly stream: Readable; stop(): void } {
    if (this.#open.size >= MOST_STREAMS) {
      const why = `${MOST_STREAMS} streams of events are open already; close one, or ask again`
      throw new ProvisionError('unavailable', why)
    }
    const controller = new AbortController()
    this.#open.add(controller)
    // In this order: what waits for news has to end before its stream can.
    const stop = () => {
      this.#open.delete(controller)
      controller.abort()
    }
    const drop = () => {
      stop()
      stream.destroy(new Error('a reader of events was too slow'))
    }
    const stream = Readable.from(this.#write(wanted, controller.signal, drop), { objectMode: false })
    return { stream, stop }
  }

  async *#write(wanted: Wanted, signal: AbortSignal, drop: () => void): AsyncGenerator<string, void, undefined> {
    yield `retry: ${AGAIN}\n\n`
    for await (const news of follow(this.#sources, { ...wanted, idle: this.#beat, onOverflow: drop }, signal)) {
      const stalled = setTimeout(drop, STALL)
      try {
        yield news.length === 0 ? ': nothing new\n\n' : news.map(sseText).join('')
      } finally {
        clearTimeout(stalled)
      }
    }
    yield ': the server is stopping\n\n'
  }
}

/** One news as a server-sent event. Events have an id, by which a reader goes on where it was cut off; nothing else has. */
function sseText(news: News): string {
  if (news.kind === 'progress') return `event: progress\ndata: ${JSON.stringify(progressJson(news.install))}\n\n`
  if (news.kind === 'line') return `event: line\ndata: ${JSON.stringify(lineJson(news.line))}\n\n`
  const { event } = news
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = `id: ${event.id}\ndata: ${JSON.stringify(namedEventJson(event))}\n\n`
  texts.set(event, text)
  return text
}
