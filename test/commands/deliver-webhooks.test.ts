import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DeliverDeps, Deliveries } from '../../src/commands/deliver-webhooks.ts'
import { addWebhook, removeWebhook, testWebhook, type WebhookRequest } from '../../src/commands/webhooks.ts'
import type { NewEvent } from '../../src/core/event.ts'
import { GIVE_UP_AFTER } from '../../src/core/webhook.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { isSigned, type Receiver, receiver } from '../support/receiver.ts'
import { closedAfter, tempFolder } from '../support/stores.ts'

interface Lab {
  readonly store: Store
  /** In ms since 1970; tests move it on. */
  readonly clock: { now: number }
  /** What became of each attempt: `name event: answered 500, 0 given up`. */
  readonly told: readonly string[]
  /** Adds a webhook. @returns its secret */
  add(request: Partial<WebhookRequest> & Pick<WebhookRequest, 'url'>): Promise<string>
  remove(name: string): Promise<void>
  happens(text: string, host?: number, type?: NewEvent['type']): Promise<void>
  server(holder?: string, more?: Partial<DeliverDeps>): Deliveries
}

async function lab(t: TestContext, store = closedAfter(t, openSqliteStore(':memory:'))): Promise<Lab> {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const told: string[] = []
  const now = () => clock.now
  const deps = { store, now, by: 'cli tester' }
  const hosts = [1, 2].map((id) => hostOf({ id, hostname: `esx${id}`, macs: [macOf(id)] }))
  await store.addHosts(hosts, 0, { type: 'imported', text: 'before' })
  return {
    ...{ store, clock, told },
    add: async (request) => {
      const usual = { name: undefined, events: undefined, hosts: undefined, secret: undefined }
      return (await addWebhook(deps, { ...usual, ...request })).secret
    },
    remove: async (name) => void (await removeWebhook(deps, name)),
    happens: (text, host = 1, type = 'finished') => store.addEvent(host, undefined, clock.now, { type, text }),
    server: (holder = 'a', more = {}) => {
      const server = new Deliveries({
        ...{ store, now, agent: 'metalspray/test', lease: { holder, length: 45_000 }, random: () => 0 },
        onAnswer: ({ webhook, event }, answer, givenUp) => {
          told.push(`${webhook.name} ${event.text}: ${answer.ok ? 'ok' : answer.why}, ${givenUp} given up`)
        },
        onError: (error) => told.push(String(error)),
        ...more,
      })
      t.after(() => server.close(0).catch(() => {}))
      return server
    },
  }
}

/** Delivers until nothing more can be, now. @returns how many attempts were made */
async function deliver(server: Deliveries): Promise<number> {
  let count = 0
  for (;;) {
    const attempts = await server.look()
    await Promise.all(attempts)
    if (attempts.length === 0) return count
    count += attempts.length
  }
}

const textsAt = ({ received }: Receiver) => received.map(({ json }) => json.data.event?.text)

test('a receiver gets a signed event with its host, once', async (t) => {
  const { store, add, happens, server, clock } = await lab(t)
  const here = await receiver(t)
  const secret = await add({ url: `${here.url}hooks?to=me`, name: 'chat' })
  await store.changeHost(1, 0, (host) => ({
    host: { ...host, metadata: { esxi: { rootPassword: '$6$x$y' } } },
    events: [],
  }))
  await happens('installed')
  const running = server()
  assert.equal(await deliver(running), 1)
  assert.equal(await deliver(running), 0)
  const [one] = here.received
  assert.ok(one)
  assert.deepEqual([one.method, one.path], ['POST', '/hooks?to=me'])
  assert.equal(one.headers['content-type'], 'application/json')
  assert.equal(one.headers['user-agent'], 'metalspray/test')
  assert.equal(one.headers['webhook-timestamp'], String(clock.now / 1000))
  assert.match(String(one.headers['webhook-id']), /^evt_[0-9a-f]{12}_\d+$/)
  assert.ok(isSigned(one, secret))
  assert.ok(!isSigned(one, `whsec_${Buffer.alloc(32).toString('base64')}`))
  const { type, timestamp, data } = one.json
  assert.deepEqual([type, timestamp], ['finished', new Date(clock.now).toISOString()])
  assert.equal(typeof data.event.id, 'number')
  assert.deepEqual(
    { ...data.event, id: 0 },
    { id: 0, host: 1, name: 'esx1', boot: null, at: timestamp, type: 'finished', text: 'installed', by: null },
  )
  assert.deepEqual([data.host.id, data.host.hostname, data.host.attention.level], [1, 'esx1', 'look'])
  assert.ok(!one.body.includes('$6$x$y'), 'secrets are hidden')
})

test('an event of a host that is gone has none', async (t) => {
  const { store, add, server } = await lab(t)
  const here = await receiver(t)
  await add({ url: here.url })
  await store.deleteHost(1, 0, () => ({ type: 'deleted', text: 'gone' }))
  await deliver(server())
  assert.deepEqual([here.received[0]?.json.data.host, here.received[0]?.json.data.event.host], [null, 1])
})

test('each is told of the types and hosts that it wants', async (t) => {
  const { add, happens, server } = await lab(t)
  const [failed, second] = [await receiver(t), await receiver(t)]
  await add({ url: failed.url, name: 'failed', events: ['failed'] })
  await add({ url: second.url, name: 'second', hosts: [2] })
  await happens('one', 1, 'failed')
  await happens('two', 2, 'failed')
  await happens('three', 2, 'edited')
  await deliver(server())
  assert.deepEqual(
    [textsAt(failed), textsAt(second)],
    [
      ['one', 'two'],
      ['two', 'three'],
    ],
  )
})

test('what a receiver refused is sent again, later each time, with the same id and a new signature', async (t) => {
  const { add, happens, server, clock, told } = await lab(t)
  const here = await receiver(t)
  const secret = await add({ url: here.url, name: 'chat' })
  await happens('one')
  await happens('two')
  here.answers = 500
  const running = server()
  const gaps: number[] = []
  for (let last = clock.now; gaps.length < 4; ) {
    if ((await deliver(running)) === 0) clock.now += 1000
    else {
      gaps.push(clock.now - last)
      last = clock.now
    }
  }
  assert.deepEqual(gaps, [0, 5000, 10_000, 20_000])
  here.answers = 200
  clock.now += 40_000
  assert.equal(await deliver(running), 2)
  assert.deepEqual(textsAt(here), ['one', 'one', 'one', 'one', 'one', 'two'])
  const [first, again] = here.received
  assert.ok(first && again && isSigned(again, secret))
  assert.equal(first.headers['webhook-id'], again.headers['webhook-id'])
  assert.notEqual(first.headers['webhook-signature'], again.headers['webhook-signature'])
  assert.equal(told[0], 'chat one: answered 500 Internal Server Error, 0 given up')
})

test('a receiver that is not there is told when it is', async (t) => {
  const { store, add, happens, server, clock } = await lab(t)
  const first = await receiver(t)
  await add({ url: first.url, name: 'chat' })
  await first.close()
  await happens('one')
  const running = server()
  await deliver(running)
  const { failed, state } = await store.webhooks.find('chat').then((found) => ({ ...found, state: found.pending }))
  assert.deepEqual([failed?.why, state], ['refuses the connection', 1])
  const second = await receiver(t, first.port)
  clock.now += 4999
  assert.equal(await deliver(running), 0)
  clock.now += 1
  assert.equal(await deliver(running), 1)
  assert.deepEqual(textsAt(second), ['one'])
})

test('an event that nobody takes for a day is given up', async (t) => {
  const { store, add, happens, server, clock, told } = await lab(t)
  const here = await receiver(t)
  await add({ url: here.url, name: 'chat' })
  await happens('one')
  here.answers = 500
  const running = server()
  for (const end = clock.now + GIVE_UP_AFTER; clock.now <= end + 3_600_000; clock.now += 600_000) await deliver(running)
  const { pending, givenUp, failures } = await store.webhooks.find('chat')
  assert.deepEqual([pending, givenUp, failures], [0, 1, here.received.length])
  assert.match(told.at(-1) ?? '', /, 1 given up$/)
  assert.ok(here.received.length > 20, `${here.received.length}`)
})

for (const [what, status, headers, why] of [
  ['leads elsewhere', 307, { location: '/elsewhere' }, 'answered 307 Temporary Redirect (redirects are not followed)'],
  ['does not know the address', 404, {}, 'answered 404 Not Found'],
] as const) {
  test(`a receiver that ${what} has not taken it`, async (t) => {
    const { store, add, happens, server } = await lab(t)
    const here = await receiver(t)
    here.answers = (response) => response.writeHead(status, headers).end('x')
    await add({ url: here.url, name: 'chat' })
    await happens('one')
    await deliver(server())
    assert.equal(here.received.length, 1)
    assert.equal((await store.webhooks.find('chat')).failed?.why, why)
  })
}

test('a receiver that says when it wants to be asked again is asked then, but within the hour', async (t) => {
  const { store, add, happens, server, clock } = await lab(t)
  const here = await receiver(t)
  await add({ url: here.url, name: 'chat' })
  await happens('one')
  for (const [asked, waited] of [
    ['600', 600_000],
    ['999999', 3_600_000],
    ['tomorrow', 20_000],
  ] as const) {
    here.answers = (response) => response.writeHead(429, { 'retry-after': asked }).end()
    await deliver(server())
    const { nextTryAt = 0 } = await store.webhooks.find('chat')
    assert.equal(nextTryAt - clock.now, waited)
    clock.now = nextTryAt
  }
})

test('a receiver that wants no more is told no more', async (t) => {
  const { store, add, happens, server, clock } = await lab(t)
  const here = await receiver(t)
  here.answers = 410
  await add({ url: here.url, name: 'chat' })
  await happens('one')
  await happens('two')
  const running = server()
  assert.equal(await deliver(running), 1)
  clock.now += GIVE_UP_AFTER
  await happens('three')
  assert.equal(await deliver(running), 0)
  assert.equal((await store.webhooks.find('chat')).givenUp, 2)
})

test('a receiver that does not answer in time has not taken it, and is left', async (t) => {
  const { store, add, happens, server } = await lab(t)
  const here = await receiver(t)
  here.answers = () => {}
  await add({ url: here.url, name: 'chat' })
  await happens('one')
  await deliver(server('a', { limit: 20 }))
  assert.equal((await store.webhooks.find('chat')).failed?.why, 'does not answer within 0.02 s')
})

test('a slow receiver delays nobody else', async (t) => {
  const { add, happens, server } = await lab(t)
  const [slow, quick] = [await receiver(t), await receiver(t)]
  const release = Promise.withResolvers<void>()
  slow.answers = (response) => void release.promise.then(() => response.end())
  await add({ url: slow.url, name: 'a-slow' })
  await add({ url: quick.url, name: 'quick' })
  for (const text of ['one', 'two', 'three']) await happens(text)
  const running = server()
  const [first, second] = await running.look()
  assert.ok(first && second)
  await second
  while (quick.received.length < 3) await Promise.all(await running.look())
  await slow.until(1)
  assert.deepEqual([textsAt(slow), textsAt(quick)], [['one'], ['one', 'two', 'three']])
  assert.ok(running.isBusy)
  release.resolve()
  await first
  await deliver(running)
  assert.deepEqual(textsAt(slow), ['one', 'two', 'three'])
})

test('not all receivers are told at one time', async (t) => {
  const { add, happens, server } = await lab(t)
  const here = await receiver(t)
  for (let n = 0; n < 20; n += 1) await add({ url: here.url, name: `hook${n}` })
  await happens('one')
  const running = server()
  const begun = await running.look()
  assert.equal(begun.length, 8)
  assert.equal((await running.look()).length, 0)
  await Promise.all(begun)
  await deliver(running)
  assert.equal(here.received.length, 20)
})

test('a webhook that is taken away is told no more', async (t) => {
  const { add, remove, happens, server } = await lab(t)
  const here = await receiver(t)
  await add({ url: here.url, name: 'chat' })
  for (const text of ['one', 'two', 'three']) await happens(text)
  const running = server()
  await Promise.all(await running.look())
  await remove('chat')
  await deliver(running)
  assert.deepEqual(textsAt(here), ['one'])
})

test('nothing is lost over a restart, and at most one event comes twice', async (t) => {
  const file = join(tempFolder(t), 'metalspray.sqlite')
  const here = await receiver(t)
  // A server that is gone in the midst of a delivery: it cannot note that it arrived.
  const before = openSqliteStore(file)
  const first = await lab(t, before)
  await first.add({ url: here.url, name: 'chat' })
  for (const text of ['one', 'two', 'three']) await first.happens(text)
  const dying = first.server('a')
  await Promise.all(await dying.look())
  const hang = Promise.withResolvers<void>()
  here.answers = () => hang.resolve()
  await dying.look()
  await hang.promise
  await before[Symbol.asyncDispose]()

  here.answers = 204
  const store = closedAfter(t, openSqliteStore(file))
  await store.addEvent(1, undefined, 0, { type: 'finished', text: 'four' })
  const now = () => first.clock.now
  const deps = { store, now, agent: 'x', random: () => 0, lease: { holder: 'b', length: 45_000 } }
  const next = new Deliveries(deps)
  assert.equal(await deliver(next), 0, 'the other one has it')
  first.clock.now += 45_000
  await deliver(next)
  assert.deepEqual(textsAt(here), ['one', 'two', 'two', 'three', 'four'])
  const ids = here.received.map(({ headers }) => headers['webhook-id'])
  assert.equal(ids[1], ids[2])
})

test('of two servers one delivers, and the other one at once when that stops', async (t) => {
  const { add, happens, server } = await lab(t)
  const here = await receiver(t)
  await add({ url: here.url })
  const [a, b] = [server('a'), server('b')]
  await happens('one')
  await Promise.all([deliver(a), deliver(b)])
  await happens('two')
  assert.equal(await deliver(b), 0)
  await a.close(1000)
  assert.equal(await deliver(a), 0)
  assert.equal(await deliver(b), 1)
  assert.deepEqual(textsAt(here), ['one', 'two'])
})

test('a server that stops cuts off what takes too long, and it is sent again', async (t) => {
  const { store, add, happens, server } = await lab(t)
  const here = await receiver(t)
  here.answers = () => {}
  await add({ url: here.url, name: 'chat' })
  await happens('one')
  const running = server()
  await running.look()
  await here.until(1)
  await running.close(1)
  const { pending, failures } = await store.webhooks.find('chat')
  assert.deepEqual([pending, failures], [1, 0])
})

test('when it cannot be noted that an event arrived, it is not sent again and again', async (t) => {
  const { store, add, happens, server, clock, told } = await lab(t)
  const here = await receiver(t)
  await add({ url: here.url, name: 'chat' })
  await happens('one')
  let isFull = true
  const { webhooks } = store
  const delivered: typeof webhooks.delivered = async (...args) => {
    if (isFull) throw new Error('the disk is full')
    await webhooks.delivered(...args)
  }
  const running = server('a', { store: { ...store, webhooks: { ...webhooks, delivered } } })
  assert.equal(await deliver(running), 1)
  assert.deepEqual(told, ['Error: the disk is full'])
  isFull = false
  clock.now += 10_000
  assert.equal(await deliver(running), 1)
  assert.deepEqual(textsAt(here), ['one', 'one'])
})

test('a test goes past the queue, and has what waits tried again', async (t) => {
  const { store, add, happens, server, clock } = await lab(t)
  const here = await receiver(t)
  const secret = await add({ url: here.url, name: 'chat' })
  await happens('one')
  here.answers = 500
  const running = server()
  await deliver(running)
  const ask = () => testWebhook({ store, now: () => clock.now }, 'chat', { agent: 'x' })
  const { answer } = await ask()
  assert.deepEqual(answer, { ok: false, why: 'answered 500 Internal Server Error', status: 500 })
  assert.equal(await deliver(running), 0)
  here.answers = 202
  assert.deepEqual((await ask()).answer, { ok: true, status: 202 })
  const sent = here.received.at(-1)
  assert.ok(sent && isSigned(sent, secret))
  assert.deepEqual([sent.json.type, sent.json.data], ['test', { text: 'a test of the webhook chat' }])
  assert.equal(await deliver(running), 1)
  await assert.rejects(testWebhook({ store, now: Date.now }, 'nobody', { agent: 'x' }), { kind: 'not-found' })
})

test('who had somebody told stands in the record, without what an address may hide', async (t) => {
  const { store, add, remove } = await lab(t)
  await add({ url: 'https://chat.example/key-of-mine', name: 'chat' })
  await remove('chat')
  const events = await store.access.listAccessEvents(10)
  assert.deepEqual(
    events.map(({ type, by, text }) => `${type} ${by} ${text}`),
    [
      'webhook-added cli tester webhook chat to https://chat.example',
      'webhook-removed cli tester webhook chat to https://chat.example',
    ],
  )
})
