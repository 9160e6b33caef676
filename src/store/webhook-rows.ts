import type { EventType } from '../core/event.ts'
import type { HostId } from '../core/host.ts'
import type { Webhook, WebhookState } from '../core/webhook.ts'

/** A row of the table of webhooks, with what waits in its queue where that was asked. */
export interface WebhookRow {
  readonly id: number
  readonly name: string
  readonly url: string
  readonly secret: string
  readonly tag: string
  readonly events: string | null
  readonly hosts: string | null
  readonly created_at: number
  readonly created_by: string | null
  readonly failures: number
  readonly hold_until: number
  readonly delivered_at: number | null
  readonly failed_at: number | null
  readonly failed_why: string | null
  readonly given_up: number
  readonly given_up_at: number | null
  readonly gone_at: number | null
  readonly pending: number
  /** When the first that can go may go, were it not held back; `null` when nothing waits. */
  readonly next_at: number | null
}

/** The lists were written from their types. */
export function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    events: row.events === null ? undefined : (JSON.parse(row.events) as EventType[]),
    hosts: row.hosts === null ? undefined : (JSON.parse(row.hosts) as HostId[]),
    createdAt: row.created_at,
    createdBy: row.created_by ?? undefined,
  }
}

/** How it goes with what waits for a webhook. */
export function stateOf(row: WebhookRow): WebhookState {
  const { failed_at, failed_why, next_at } = row
  return {
    pending: row.pending,
    nextTryAt: next_at === null ? undefined : Math.max(next_at, row.hold_until),
    deliveredAt: row.delivered_at ?? undefined,
    failed: failed_at === null ? undefined : { at: failed_at, why: failed_why ?? '' },
    failures: row.failures,
    givenUp: row.given_up,
    givenUpAt: row.given_up_at ?? undefined,
    goneAt: row.gone_at ?? undefined,
  }
}

export function hostsJson(hosts: readonly HostId[] | undefined): string | null {
  return hosts === undefined ? null : JSON.stringify(hosts)
}
