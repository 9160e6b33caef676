import type { Webhook, WebhookState } from '../core/webhook.ts'
import type { TestResult } from './webhooks.ts'

/** A webhook as other programs read it: all but its secret. */
export function webhookJson({ name, url, events, hosts, createdAt, createdBy }: Webhook) {
  return {
    ...{ name, url, events: events ?? null, hosts: hosts ?? null },
    ...{ createdAt: time(createdAt), createdBy: createdBy ?? null },
  }
}

/** The same, with how it goes. */
export function webhookStateJson(webhook: Webhook & WebhookState) {
  const { pending, nextTryAt, deliveredAt, failed, failures, givenUp, givenUpAt, goneAt } = webhook
  return {
    ...webhookJson(webhook),
    ...{ state: webhookStateOf(webhook), pending, nextTryAt: time(nextTryAt), deliveredAt: time(deliveredAt) },
    failed: failed === undefined ? null : { at: time(failed.at), why: failed.why },
    ...{ failures, givenUp, givenUpAt: time(givenUpAt), goneAt: time(goneAt) },
  }
}

export const WEBHOOK_STATES = ['new', 'ok', 'failing', 'gone'] as const

/** How it went the last time. */
export function webhookStateOf({ deliveredAt, failures, goneAt }: WebhookState): (typeof WEBHOOK_STATES)[number] {
  if (goneAt !== undefined) return 'gone'
  if (failures > 0) return 'failing'
  return deliveredAt === undefined ? 'new' : 'ok'
}

/** What came of a test. */
export function testJson({ answer, took }: TestResult) {
  return { ok: answer.ok, status: answer.status ?? null, why: answer.ok ? null : answer.why, took }
}

function time(at: number): string
function time(at: number | undefined): string | null
function time(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
