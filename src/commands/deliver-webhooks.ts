import { GIVE_UP_AFTER, LONGEST_WAIT, type Webhook, waitAfter } from '../core/webhook.ts'
import type { Lease, Store } from '../store/store.ts'
import type { Delivery } from '../store/webhook-store.ts'
import { type Answer, post } from '../webhooks/post.ts'
import { attentionOfHost } from './attention.ts'
import { hostJson, namedEventJson } from './host-json.ts'
import { DELIVERY_LIMIT, sendable } from './webhooks.ts'

export interface DeliverDeps {
  readonly store: Pick<Store, 'webhooks' | 'findHost' | 'findInstall' | 'findSign'>
  /** Who delivers, of several servers over one database. */
  readonly lease: Lease
  /** What sends, for the receivers' logs. */
  readonly agent: string
  /** How long a receiver may take, in ms. */
  readonly limit?: number
  /** In ms since 1970. */
  now(): number
  /** From 0 to 1. */
  random(): number
  /** Is told what came of each attempt, and how many events were given up by it. */
  onAnswer?(delivery: Delivery, answer: Answer, givenUp: number): void
  /** Is told what keeps an attempt from being made or noted. */
  onError?(error: unknown): void
}

/** So many receivers are told at a time, each of one event. */
const AT_ONCE = 8
const GONE = 410
/** A webhook of which an attempt could not be noted is left alone for so long, in ms: it would be told of the same event without end. */
const REST = 10_000

/** Tells those who want to know of what happens: each of one event after the other. */
export class Deliveries {
  readonly #deps: DeliverDeps
  readonly #limit: number
  readonly #stop = new AbortController()
  /** By the id of the webhook. */
  readonly #running = new Map<Webhook['id'], Promise<void>>()
  /** Until when a webhook is left alone, by its id. */
  readonly #resting = new Map<Webhook['id'], number>()
  /** Until then nobody else delivers, by what this process has written. */
  #leasedUntil = 0
  #isClosing = false

  constructor(deps: DeliverDeps) {
    this.#deps = deps
    this.#limit = deps.limit ?? DELIVERY_LIMIT
  }

  /** Whether deliveries are under way. */
  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /**
   * Queues what is new, and begins to deliver what can be.
   * @returns what is over when each of these attempts is; nothing began when another server delivers
   * @throws {ProvisionError} unavailable
   */
  async look(): Promise<readonly Promise<void>[]> {
    const { store, now } = this.#deps
    if (!(await this.#mayDeliver())) return []
    await store.webhooks.queue(now())
    const due = await store.webhooks.due(now())
    if (this.#isClosing) return []
    const free = due.filter(({ webhook }) => !this.#running.has(webhook.id) && !this.#isResting(webhook))
    return free.slice(0, Math.max(0, AT_ONCE - this.#running.size)).map((delivery) => this.#begin(delivery))
  }

  /** Lets what runs end for a while, in ms, cuts it off then, and leaves the rest to others. What was cut off is sent again. */
  async close(patience: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), patience)
    this.#isClosing = true
    while (this.isBusy) await Promise.all(this.#running.values())
    clearTimeout(timer)
    this.#stop.abort()
    await this.#deps.store.webhooks.release(this.#deps.lease.holder)
  }

  /** What begins must end before somebody else may begin. */
  async #mayDeliver(): Promise<boolean> {
    const { store, lease } = this.#deps
    const now = this.#deps.now()
    const left = this.#leasedUntil - now
    if (left > lease.length / 2 && left <= lease.length) return true
    if (this.#isClosing || !(await store.webhooks.take(lease, now))) return false
    this.#leasedUntil = now + lease.length
    return true
  }

  #begin(delivery: Delivery): Promise<void> {
    const { onError } = this.#deps
    const { id } = delivery.webhook
    const attempt = this.#attempt(delivery)
      .catch((error: unknown) => {
        this.#resting.set(id, this.#deps.now() + REST)
        onError?.(error)
      })
      .finally(() => this.#running.delete(id))
    this.#running.set(id, attempt)
    return attempt
  }

  #isResting({ id }: Webhook): boolean {
    const left = (this.#resting.get(id) ?? 0) - this.#deps.now()
    if (left > 0 && left <= REST) return true
    this.#resting.delete(id)
    return false
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { store, agent, now, onAnswer } = this.#deps
    const { event, tag } = delivery
    const message = { id: `evt_${tag}_${event.id}`, body: JSON.stringify(await this.#tell(delivery)) }
    const { signal } = this.#stop
    const answer = await post({ ...sendable(delivery), ...message, agent, at: now(), limit: this.#limit, signal })
    if (answer.ok) await store.webhooks.delivered(delivery, now())
    else if (signal.aborted) return
    onAnswer?.(delivery, answer, answer.ok ? 0 : await this.#note(delivery, answer))
  }

  /** @returns how many events are given up */
  async #note(delivery: Delivery, { why, status, retryAfter = 0 }: Extract<Answer, { ok: false }>): Promise<number> {
    const { store, now, random } = this.#deps
    const at = now()
    const wait = waitAfter(delivery.failures + 1, random())
    return store.webhooks.failed(delivery, {
      ...{ at, why, isGone: status === GONE, giveUpTo: at - GIVE_UP_AFTER },
      holdUntil: at + Math.max(wait, Math.min(retryAfter, LONGEST_WAIT)),
      nextAt: at + waitAfter(delivery.attempts + 1, random()),
    })
  }

  /** The event, with its host as it is now: what waited for long is told with what came of it. */
  async #tell({ event }: Delivery) {
    const { store, now } = this.#deps
    const host = await store.findHost(event.hostId)
    const told =
      host === undefined
        ? null
        : hostJson(host, now(), await store.findInstall(host.id), await attentionOfHost({ store, now }, host))
    const { type } = event
    return { type, timestamp: new Date(event.at).toISOString(), data: { event: namedEventJson(event), host: told } }
  }
}
