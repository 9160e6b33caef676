import type { FastifyBaseLogger } from 'fastify'
import type { AccessEvent } from '../../../core/access.ts'
import type { AccessStore } from '../../../store/access.ts'

/** Something that is told often is told again after this long, in ms. */
const QUIET = 3_600_000
const MOST_TOPICS = 1000

type News = Omit<AccessEvent, 'at'>

/** Writes down who came to the door: a line of the log, and a row that outlives it. Neither has a secret in it. */
export class AccessLog {
  readonly #access: AccessStore
  readonly #now: () => number
  readonly #log: FastifyBaseLogger
  readonly #told = new Map<string, number>()

  constructor(access: AccessStore, now: () => number, log: FastifyBaseLogger) {
    this.#access = access
    this.#now = now
    this.#log = log
  }

  /** Nobody waits for it, and no answer fails because of it. */
  write({ type, by, address, text }: News): void {
    this.#log[type === 'locked-out' ? 'warn' : 'info']({ access: type, by, address }, text)
    const event = { type, by, address, text, at: this.#now() }
    this.#access.addAccessEvent(event).catch((error) => this.#log.warn({ err: error }, 'who came is not written down'))
  }

  /** As {@link write}, once an hour for each topic: a program with a token that has expired asks for ever. */
  writeOnce(topic: string, news: News): void {
    const now = this.#now()
    if (now - (this.#told.get(topic) ?? -QUIET) < QUIET) return
    if (this.#told.size >= MOST_TOPICS) this.#told.clear()
    this.#told.set(topic, now)
    this.write(news)
  }
}
