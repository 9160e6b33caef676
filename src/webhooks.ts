import { randomUUID } from 'node:crypto'
import { type DeliverDeps, Deliveries } from './commands/deliver-webhooks.ts'
import { DELIVERY_LIMIT } from './commands/webhooks.ts'
import type { Logger } from './log.ts'
import type { EventTail, Subscription } from './store/event-tail.ts'
import type { Store } from './store/store.ts'
import type { Delivery } from './store/webhook-store.ts'
import type { Answer } from './webhooks/post.ts'

/** How often it is looked for what is to be tried again, and for webhooks that others added, in ms. */
const LOOK_EVERY = 2000
/** What begins in the first half of a lease must end in the second. In ms. */
const LEASE = 3 * DELIVERY_LIMIT
/** How long what is on its way may take when the server stops, in ms. */
const PATIENCE = 3000

export interface WebhookParts extends Pick<DeliverDeps, 'agent' | 'now'> {
  readonly store: Store
  readonly events: EventTail
  readonly log: Logger
}

/** Tells webhooks of what happens until it is disposed of. Nothing waits for it: machines boot whatever receivers do. */
export function startWebhooks({ store, events, log, agent, now }: WebhookParts): AsyncDisposable {
  const deliveries = new Deliveries({
    ...{ store, agent, now, random: Math.random, lease: { holder: randomUUID(), length: LEASE } },
    onAnswer: (delivery, answer, givenUp) => {
      trouble = ''
      tell(log, delivery, answer, givenUp)
    },
    onError: (error) => complain(error),
  })
  let tail: Subscription | undefined
  let running: Promise<void> | undefined
  let isWoken = false
  let isClosed = false
  let trouble = ''

  function complain(error: unknown): void {
    // Told once: a full disk is tried again every few seconds.
    const message = error instanceof Error ? error.message : String(error)
    if (message !== trouble) log.warn({ err: error }, 'webhooks cannot be told')
    trouble = message
  }

  async function look(): Promise<void> {
    if (!(await store.webhooks.isAny())) {
      tail?.close()
      tail = undefined
      return
    }
    if (isClosed) return
    tail ??= events.subscribe({}, wake)
    for (const attempt of await deliveries.look()) void attempt.then(wake)
  }

  async function lookUntilQuiet(): Promise<void> {
    while (isWoken) {
      isWoken = false
      await look().catch(complain)
    }
  }

  function wake(): void {
    if (isClosed) return
    isWoken = true
    running ??= lookUntilQuiet().finally(() => {
      running = undefined
      if (isWoken) wake()
    })
  }

  const timer = setInterval(wake, LOOK_EVERY)
  timer.unref()
  wake()
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true
      clearInterval(timer)
      tail?.close()
      await running
      await deliveries.close(PATIENCE).catch(complain)
    },
  }
}

/** No address is in it: it may have a key in its path. */
function tell(log: Logger, { webhook, event, failures }: Delivery, answer: Answer, givenUp: number): void {
  const about = { webhook: webhook.name, event: event.id }
  if (answer.ok && failures > 0) log.info(about, 'the webhook is told again')
  if (!answer.ok && failures === 0) log.warn(about, `the receiver of the webhook ${answer.why}; it is tried again`)
  if (!answer.ok && givenUp > 0) log.warn({ ...about, givenUp }, `events are given up: the receiver ${answer.why}`)
}
