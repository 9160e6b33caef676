import ms from 'ms'
import { webhookStateOf } from '../commands/webhook-json.ts'
import type { Webhook, WebhookState } from '../core/webhook.ts'
import { count } from '../core/words.ts'
import type { Terminal } from './terminal.ts'
import { ago, columns, printable } from './text.ts'

/** Prints webhooks as a table, and behind it what is wrong with each. */
export function showWebhooks(terminal: Terminal, webhooks: readonly (Webhook & WebhookState)[]): void {
  if (webhooks.length === 0) {
    terminal.say('nobody is told of anything; `metalspray webhook add URL` has somebody told')
    return
  }
  const now = terminal.now()
  const rows = webhooks.map((webhook) => [
    webhook.name,
    webhookStateOf(webhook),
    String(webhook.pending),
    ago(webhook.deliveredAt, now),
    ago(webhook.failed?.at, now),
    nextOf(webhook, now),
    webhook.events?.join(',') ?? 'all',
    webhook.hosts?.join(',') ?? 'all',
    printable(webhook.url),
  ])
  const head = ['Name', 'State', 'Waiting', 'Arrived', 'Failed', 'Next', 'Events', 'Hosts', 'To']
  const [first = '', ...lines] = columns(head, rows)
  terminal.out(terminal.colors.bold(first))
  for (const line of lines) terminal.out(line)
  for (const webhook of webhooks) for (const line of troublesOf(webhook, now)) terminal.out(line)
}

function nextOf({ nextTryAt }: WebhookState, now: number): string {
  if (nextTryAt === undefined) return '-'
  return nextTryAt <= now ? 'now' : `in ${ms(nextTryAt - now)}`
}

function troublesOf({ name, failed, failures, givenUp, givenUpAt, goneAt }: Webhook & WebhookState, now: number) {
  const isOver = goneAt !== undefined
  return [
    ...(isOver ? [`${name}: its receiver wants no more (410); \`metalspray webhook test ${name}\` asks it again`] : []),
    ...(failures > 0 && !isOver
      ? [`${name}: failed ${count(failures, 'time')}; it ${printable(failed?.why ?? '')}`]
      : []),
    ...(givenUp > 0 ? [`${name}: ${count(givenUp, 'event')} given up, the last ${ago(givenUpAt, now)}`] : []),
  ]
}
