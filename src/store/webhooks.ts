import type { Database } from 'better-sqlite3'
import { ProvisionError } from '../core/errors.ts'
import type { HostId } from '../core/host.ts'
import { BLOCKING_ATTEMPTS } from '../core/webhook.ts'
import { openEventLog } from './event-log.ts'
import { openLeases } from './leases.ts'
import { hostsJson, stateOf, toWebhook, type WebhookRow } from './webhook-rows.ts'
import type { Delivery, DeliveryTarget, WebhookStore } from './webhook-store.ts'

/** So many events wait for one receiver, and some more; behind them the oldest are given up. */
const MOST_WAITING = 10_000
/** They are counted when so many came in: to count is to look at each. */
const COUNT_EVERY = 500
/** When nothing was wanted for so many events, that is noted, too: otherwise all of them are looked through again after a restart. */
const NOTE_EVERY = 1000

/** How the statements are run: {@link Runners.now} is for what may be lost in a power cut, whole. */
interface Runners {
  read<T>(work: () => T): T
  durably<T>(work: () => T): Promise<T>
  now<T>(work: () => T): Promise<T>
}

/** What is written when one is added; the rest has its beginning in the table. */
type NewRow = Pick<WebhookRow, 'name' | 'url' | 'secret' | 'tag' | 'events' | 'hosts' | 'created_at' | 'created_by'>

interface DueRow extends WebhookRow {
  readonly event_id: number
  readonly queued_at: number
  readonly attempts: number
}

const WANTED = `events.id > webhooks.queued_to
  AND (webhooks.events IS NULL OR events.type IN (SELECT value FROM json_each(webhooks.events)))
  AND (webhooks.hosts IS NULL OR events.host_id IN (SELECT value FROM json_each(webhooks.hosts)))`

/** An event that blocks the others is tried when its webhook is, any other one when its own time has come. */
const CAN_GO = `(attempts < ${BLOCKING_ATTEMPTS} OR next_at <= @now)`

const FACE = `SELECT webhooks.*, (SELECT count(*) FROM deliveries WHERE webhook_id = webhooks.id) AS pending,
  (SELECT min(iif(attempts < ${BLOCKING_ATTEMPTS}, 0, next_at)) FROM deliveries WHERE webhook_id = webhooks.id) AS next_at
  FROM webhooks`

/** The statements over webhooks and their queue. */
export function openWebhooks(db: Database, { read, durably, now: soon }: Runners): WebhookStore {
  const leases = openLeases(db)
  let uncounted = COUNT_EVERY
  const log = openEventLog(db)
  const insert = db.prepare<[NewRow]>(
    `INSERT INTO webhooks (name, url, secret, tag, events, hosts, created_at, created_by, queued_to)
      VALUES (@name, @url, @secret, @tag, @events, @hosts, @created_at, @created_by, (SELECT coalesce(max(id), 0) FROM events))`,
  )
  const byName = db.prepare<[string], WebhookRow>(`${FACE} WHERE name = ?`)
  const all = db.prepare<[], WebhookRow>(`${FACE} ORDER BY name`)
  const remove = db.prepare<[number]>('DELETE FROM webhooks WHERE id = ?')
  const isWaiting = db
    .prepare<[], number>(
      `SELECT EXISTS (SELECT 1 FROM webhooks WHERE gone_at IS NULL AND (
        (SELECT max(id) FROM events) > queued_to + ${NOTE_EVERY} OR EXISTS (SELECT 1 FROM events WHERE ${WANTED})))`,
    )
    .pluck()
  const enqueue = db.prepare<[number]>(
    `INSERT OR IGNORE INTO deliveries (webhook_id, event_id, queued_at)
      SELECT webhooks.id, events.id, ? FROM webhooks JOIN events ON ${WANTED} WHERE gone_at IS NULL`,
  )
  const note = db.prepare<[]>('UPDATE webhooks SET queued_to = (SELECT coalesce(max(id), 0) FROM events)')
  const tooMany = db.prepare<[], { id: number; more: number }>(
    `SELECT webhook_id AS id, count(*) - ${MOST_WAITING} AS more FROM deliveries GROUP BY webhook_id HAVING more > 0`,
  )
  const dropOldest = db.prepare<[{ id: number; more: number }]>(
    `DELETE FROM deliveries WHERE webhook_id = @id AND event_id IN
      (SELECT event_id FROM deliveries WHERE webhook_id = @id ORDER BY event_id LIMIT @more)`,
  )
  const giveUp = db.prepare<[{ id: number; count: number; at: number }]>(
    'UPDATE webhooks SET given_up = given_up + @count, given_up_at = @at WHERE id = @id',
  )
  const due = db.prepare<[{ now: number }], DueRow>(
    `SELECT webhooks.*, deliveries.event_id, deliveries.queued_at, deliveries.attempts FROM webhooks
      JOIN deliveries ON deliveries.webhook_id = webhooks.id AND deliveries.event_id =
        (SELECT event_id FROM deliveries WHERE webhook_id = webhooks.id AND ${CAN_GO} ORDER BY event_id LIMIT 1)
      WHERE hold_until <= @now AND gone_at IS NULL
      ORDER BY max(coalesce(delivered_at, 0), coalesce(failed_at, 0)), deliveries.event_id`,
  )
  const settle = db.prepare<[number, number]>('DELETE FROM deliveries WHERE webhook_id = ? AND event_id = ?')
  const noteDelivered = db.prepare<[number, number]>(
    'UPDATE webhooks SET delivered_at = ?, failures = 0, hold_until = 0 WHERE id = ?',
  )
  const noteFailed = db.prepare<[{ id: number; at: number; why: string; hold: number }]>(
    'UPDATE webhooks SET failed_at = @at, failed_why = @why, failures = failures + 1, hold_until = @hold WHERE id = @id',
  )
  const postpone = db.prepare<[number, number, number]>(
    'UPDATE deliveries SET attempts = attempts + 1, next_at = ? WHERE webhook_id = ? AND event_id = ?',
  )
  const noteGone = db.prepare<[number, number]>('UPDATE webhooks SET gone_at = ? WHERE id = ?')
  const drop = db.prepare<[number, number]>('DELETE FROM deliveries WHERE webhook_id = ? AND queued_at <= ?')
  const resume = db.prepare<[number]>('UPDATE webhooks SET failures = 0, hold_until = 0, gone_at = NULL WHERE id = ?')
  const hurry = db.prepare<[number]>('UPDATE deliveries SET next_at = 0 WHERE webhook_id = ?')
  const isAny = db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM webhooks)').pluck()
  const existing = (name: string): WebhookRow => {
    const row = byName.get(name)
    if (row === undefined) throw new ProvisionError('not-found', `there is no webhook ${name}`)
    return row
  }
  const reading = async <T>(work: () => T): Promise<T> => read(work)
  const targetOf = (row: WebhookRow): DeliveryTarget => {
    return { webhook: toWebhook(row), secret: row.secret, tag: row.tag, failures: row.failures }
  }
  const face = (row: WebhookRow) => ({ ...toWebhook(row), ...stateOf(row) })

  function toDeliveries(row: DueRow): Delivery[] {
    const events = log.read({ after: row.event_id - 1, before: row.event_id + 1, limit: 1 })
    return events.map((event) => ({ ...targetOf(row), event, queuedAt: row.queued_at, attempts: row.attempts }))
  }

  return {
    add: ({ events, hosts, ...webhook }) =>
      durably(() => {
        if (byName.get(webhook.name) !== undefined) {
          throw new ProvisionError('conflict', `there is a webhook ${webhook.name} already; choose another name`)
        }
        const { name, url, secret, tag, createdAt, createdBy = null } = webhook
        const lists = { events: events === undefined ? null : JSON.stringify(events), hosts: hostsJson(hosts) }
        insert.run({ name, url, secret, tag, ...lists, created_at: createdAt, created_by: createdBy })
        return toWebhook(existing(name))
      }),
    list: () => reading(() => all.all().map(face)),
    find: (name) => reading(() => face(existing(name))),
    findTarget: (name) => reading(() => targetOf(existing(name))),
    isAny: () => reading(() => isAny.get() === 1),
    resume: (name) =>
      durably(() => {
        const { id } = existing(name)
        resume.run(id)
        hurry.run(id)
      }),
    remove: (name) =>
      durably(() => {
        const row = existing(name)
        remove.run(row.id)
        return toWebhook(row)
      }),

    take: (lease, now) => soon(() => leases.take('webhooks', lease, now) !== undefined),
    release: (holder) => soon(() => leases.release('webhooks', holder)),
    async queue(now) {
      if (read(() => isWaiting.get()) !== 1) return false
      return soon(() => {
        const { changes } = enqueue.run(now)
        note.run()
        uncounted += changes
        if (uncounted < COUNT_EVERY) return changes > 0
        uncounted = 0
        for (const { id, more } of tooMany.all()) {
          dropOldest.run({ id, more })
          giveUp.run({ id, count: more, at: now })
        }
        return changes > 0
      })
    },
    due: (now) => reading(() => due.all({ now }).flatMap(toDeliveries)),
    delivered: ({ webhook: { id }, event }, at) =>
      soon(() => {
        settle.run(id, event.id)
        noteDelivered.run(at, id)
      }),
    failed: ({ webhook: { id }, event }, { at, why, holdUntil, nextAt, giveUpTo, isGone }) =>
      soon(() => {
        noteFailed.run({ id, at, why, hold: holdUntil })
        postpone.run(nextAt, id, event.id)
        if (isGone) noteGone.run(at, id)
        const count = drop.run(id, isGone ? at : giveUpTo).changes
        if (count > 0) giveUp.run({ id, count, at })
        return count
      }),
  }
}

/** Has the webhooks of a host that is another one now follow it. */
export function moveWebhooks(db: Database): (gone: HostId, kept: HostId) => void {
  const move = db.prepare<[{ gone: number; kept: number }]>(
    `UPDATE webhooks SET hosts = (SELECT json_group_array(DISTINCT iif(value = @gone, @kept, value)) FROM json_each(hosts))
      WHERE @gone IN (SELECT value FROM json_each(hosts))`,
  )
  return (gone, kept) => void move.run({ gone, kept })
}
