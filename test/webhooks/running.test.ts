import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { addWebhook } from '../../src/commands/webhooks.ts'
import { EventTail } from '../../src/store/event-tail.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { startWebhooks } from '../../src/webhooks.ts'
import { hostOf } from '../support/hosts.ts'
import { receiver } from '../support/receiver.ts'
import { closedAfter } from '../support/stores.ts'

async function lab(t: TestContext) {
  const store = closedAfter(t, openSqliteStore(':memory:'))
  await store.addHosts([hostOf()], 0, { type: 'imported', text: 'before' })
  const here = await receiver(t)
  const lines: string[] = []
  const clock = { now: Date.UTC(2026, 0, 1) }
  const now = () => clock.now
  const wanted = { url: `${here.url}key-of-mine`, name: 'chat', events: undefined, hosts: undefined, secret: undefined }
  await addWebhook({ store, now, by: 'cli tester' }, wanted)
  const events = new EventTail(store)
  t.after(() => events.close())
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  const messages = () => lines.map((line) => JSON.parse(line).msg as string)
  const start = () => startWebhooks({ store, events, log, agent: 'x', now })
  const happens = (text: string) => store.addEvent(1, undefined, 0, { type: 'finished', text })
  const until = async (is: () => boolean | Promise<boolean>) => {
    while (!(await is())) await setImmediate()
  }
  return { ...{ store, here, lines, clock, messages, start, happens, until } }
}

test('while it runs, receivers are told as things happen, and of what happened before', async (t) => {
  const { here, happens, start, messages } = await lab(t)
  await happens('one')
  await using _running = start()
  await here.until(1)
  await happens('two')
  await happens('three')
  const received = await here.until(3)
  assert.deepEqual(
    received.map(({ json }) => json.data.event.text),
    ['one', 'two', 'three'],
  )
  assert.deepEqual(messages(), [])
})

test('the log says when a receiver begins to fail and when it is told again, not where it is', async (t) => {
  const { store, here, happens, start, messages, lines, clock, until } = await lab(t)
  here.answers = 500
  await happens('one')
  {
    await using _running = start()
    await until(() => messages().length === 1)
    clock.now += 5000
    await happens('two')
    await until(async () => (await store.webhooks.find('chat')).failures === 2)
  }
  clock.now += 3_600_000
  here.answers = 200
  await using _running = start()
  await until(() => messages().length === 2)
  assert.deepEqual(messages(), [
    'the receiver of the webhook answered 500 Internal Server Error; it is tried again',
    'the webhook is told again',
  ])
  assert.ok(!lines.join().includes('key-of-mine'))
})

test('nothing goes on when it has stopped', async (t) => {
  const { store, here, happens, start } = await lab(t)
  {
    await using _running = start()
    await happens('one')
    await here.until(1)
  }
  await happens('two')
  assert.equal(await store.webhooks.take({ holder: 'another', length: 45_000 }, Date.UTC(2026, 0, 1)), true)
  assert.equal(here.received.length, 1)
})
