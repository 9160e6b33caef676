import { randomBytes } from 'node:crypto'
import type { EventType } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import type { Webhook } from '../core/webhook.ts'
import { nameFromUrl, readWebhookName, readWebhookUrl } from '../core/webhook.ts'
import type { Store } from '../store/store.ts'
import type { DeliveryTarget } from '../store/webhook-store.ts'
import { type Answer, type Post, post } from '../webhooks/post.ts'
import { newWebhookSecret, readWebhookSecret } from '../webhooks/sign.ts'
import { findHost } from './find-host.ts'

export interface WebhookDeps {
  readonly store: Pick<Store, 'access' | 'webhooks'>
  /** In ms since 1970. */
  readonly now: () => number
  /** Who asks: `token NAME`, `loopback`, `cli USER`. */
  readonly by: string
  /** Where from, when it is over the network. */
  readonly address?: string
}

export interface WebhookRequest {
  readonly url: string
  /** `undefined` for one after the machine that is told. */
  readonly name: string | undefined
  /** `undefined` for all. */
  readonly events: readonly EventType[] | undefined
  /** `undefined` for all. */
  readonly hosts: readonly HostId[] | undefined
  /** `undefined` for a new one. */
  readonly secret: string | undefined
}

/** A receiver has so long to answer, in ms: the specification recommends 15 to 30 s. */
export const DELIVERY_LIMIT = 15_000

/**
 * Adds a webhook, which is told of all that happens from now on.
 * @returns its secret, which nobody is told again
 * @throws {ProvisionError} invalid, for an address, a name or a secret that cannot be; conflict, when the name is taken
 */
export async function addWebhook(
  { store, now, by, address }: WebhookDeps,
  request: WebhookRequest,
): Promise<{ readonly secret: string; readonly webhook: Webhook }> {
  const url = readWebhookUrl(request.url)
  const name = readWebhookName(request.name ?? nameFromUrl(url))
  const secret = request.secret === undefined ? newWebhookSecret() : readWebhookSecret(request.secret)
  const hosts = request.hosts && [...new Set(request.hosts)]
  const events = request.events && [...new Set(request.events)]
  const at = now()
  const tag = randomBytes(6).toString('hex')
  const webhook = await store.webhooks.add({ name, url, events, hosts, createdAt: at, createdBy: by, secret, tag })
  await store.access.addAccessEvent({ type: 'webhook-added', at, by, address, text: describe(webhook) })
  return { secret, webhook }
}

/** The hosts that people mean, as {@link findHost}. @throws {ProvisionError} not-found, conflict */
export async function readHosts(store: Pick<Store, 'findHosts'>, texts: readonly string[]): Promise<readonly HostId[]> {
  return (await Promise.all(texts.map((text) => findHost(store, text)))).map(({ id }) => id)
}

/** Takes a webhook away at once, with all that waits for it. @throws {ProvisionError} not-found */
export async function removeWebhook({ store, now, by, address }: WebhookDeps, name: string): Promise<Webhook> {
  const webhook = await store.webhooks.remove(name)
  const text = describe(webhook)
  await store.access.addAccessEvent({ type: 'webhook-removed', at: now(), by, address, text })
  return webhook
}

/** An address may have a key in its path; the record has only where it leads. */
function describe({ name, url }: Webhook): string {
  return `webhook ${name} to ${new URL(url).origin}`
}

/** What a test came to. @see testWebhook */
export interface TestResult {
  readonly webhook: Webhook
  readonly answer: Answer
  /** In ms. */
  readonly took: number
}

/**
 * Sends an event `test` that is none, signed as any other, past the queue. When it arrives, what waits is tried again at once.
 * @throws {ProvisionError} not-found
 */
export async function testWebhook(
  { store, now }: Pick<WebhookDeps, 'now'> & { readonly store: Pick<Store, 'webhooks'> },
  name: string,
  { agent, limit = DELIVERY_LIMIT }: { readonly agent: string; readonly limit?: number },
): Promise<TestResult> {
  const target = await store.webhooks.findTarget(name)
  const at = now()
  const message = { id: `test_${randomBytes(12).toString('hex')}`, body: testBody(target.webhook, at) }
  const began = performance.now()
  const answer = await post({ ...sendable(target), ...message, agent, at, limit })
  const took = Math.round(performance.now() - began)
  if (answer.ok) await store.webhooks.resume(name)
  return { webhook: target.webhook, answer, took }
}

function testBody({ name }: Webhook, at: number): string {
  const text = `a test of the webhook ${name}`
  return JSON.stringify({ type: 'test', timestamp: new Date(at).toISOString(), data: { text } })
}

/** Where something goes, and what signs it. */
export function sendable({ webhook, secret }: DeliveryTarget): Pick<Post, 'url' | 'secret'> {
  return { url: webhook.url, secret }
}
