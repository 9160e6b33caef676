import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewEvent } from '../../src/core/event.ts'
import { BLOCKING_ATTEMPTS, GIVE_UP_AFTER } from '../../src/core/webhook.ts'
import type { Store } from '../../src/store/store.ts'
import type { Delivery, Failure, NewWebhook } from '../../src/store/webhook-store.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { eachStore } from '../support/stores.ts'

const HOOK: NewWebhook = {
  ...{ name: 'chat', url: 'http://chat.example/', secret: 'whsec_x', tag: 't' },
  ...{ events: undefined, hosts: undefined, createdAt: 5, createdBy: 'cli alice' },
}

/** Two hosts, with the events that made them. */
async function withHosts(store: Store): Promise<Store> {
  const hosts = [1, 2].map((id) => hostOf({ id, macs: [macOf(id)] }))
  await store.addHosts(hosts, 0, { type: 'imported', text: 'before' })
  return store
}

const happens = (store: Store, type: NewEvent['type'], text: string, host = 1) =>
  store.addEvent(host, undefined, 10, { type, text })

const textsOf = (deliveries: readonly Delivery[]) =>
  deliveries.map(({ webhook, event }) => `${webhook.name}: ${event.text}`)

/** Delivers all that can be now, one after the other. */
async function drain(store: Store, now: number): Promise<string[]> {
  await store.webhooks.queue(now)
  const told: string[] = []
  for (;;) {
    const due = await store.webhooks.due(now)
    if (due.length === 0) return told
    told.push(...textsOf(due))
    for (const delivery of due) await store.webhooks.delivered(delivery, now)
  }
}

const failure = (at: number, more: Partial<Failure> = {}): Failure => {
  return {
    at,
    why: 'answered 500',
    holdUntil: at + 10,
    nextAt: at + 100,
    giveUpTo: at - GIVE_UP_AFTER,
    isGone: false,
    ...more,
  }
}

eachStore((open) => {
  test('a webhook is told of what happens after it was added, once, in order', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add(HOOK)
    assert.deepEqual(await drain(store, 20), [])
    await happens(store, 'finished', 'one')
    await happens(store, 'failed', 'two', 2)
    assert.deepEqual(await drain(store, 20), ['chat: one', 'chat: two'])
    assert.deepEqual(await drain(store, 30), [])
    const { deliveredAt, pending, nextTryAt } = await store.webhooks.find('chat')
    assert.deepEqual([deliveredAt, pending, nextTryAt], [20, 0, undefined])
  })

  test('each is told of the types and hosts that it wants', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add({ ...HOOK, name: 'a', events: ['finished', 'failed'] })
    await store.webhooks.add({ ...HOOK, name: 'b', hosts: [2] })
    await store.webhooks.add({ ...HOOK, name: 'c', hosts: [1], events: ['edited'] })
    await happens(store, 'finished', 'one', 1)
    await happens(store, 'edited', 'two', 2)
    await happens(store, 'failed', 'three', 2)
    assert.deepEqual((await drain(store, 20)).toSorted(), ['a: one', 'a: three', 'b: three', 'b: two'])
  })

  test('a webhook of a host that became a part of another one follows that', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add({ ...HOOK, hosts: [1, 2] })
    await store.mergeHosts(1, 2, 10, (host) => ({ host, events: [] }))
    assert.deepEqual((await store.webhooks.find('chat')).hosts, [1])
    await happens(store, 'finished', 'one', 1)
    assert.deepEqual(await drain(store, 20), ['chat: one'])
  })

  test('what was taken away is told no more, also not of what waited', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add(HOOK)
    await happens(store, 'finished', 'one')
    await store.webhooks.queue(20)
    assert.equal(await store.webhooks.isAny(), true)
    const [delivery] = await store.webhooks.due(20)
    await store.webhooks.remove('chat')
    assert.deepEqual([await store.webhooks.due(20), await store.webhooks.isAny()], [[], false])
    // One that was on its way comes back later.
    await store.webhooks.delivered(delivery as Delivery, 21)
    await store.webhooks.failed(delivery as Delivery, failure(21))
    for (const ask of ['remove', 'find', 'findTarget', 'resume'] as const) {
      await assert.rejects(store.webhooks[ask]('chat'), { kind: 'not-found', message: 'there is no webhook chat' })
    }
    await store.webhooks.add(HOOK)
    assert.deepEqual(await drain(store, 22), [])
  })

  test('a name is of one webhook', async (t) => {
    const store = open(t)
    await store.webhooks.add(HOOK)
    await assert.rejects(store.webhooks.add(HOOK), { kind: 'conflict', message: /there is a webhook chat already/ })
  })

  describe('a receiver that fails', () => {
    async function failing(store: Store) {
      await withHosts(store)
      await store.webhooks.add(HOOK)
      for (const text of ['one', 'two']) await happens(store, 'finished', text)
      await store.webhooks.queue(0)
      return store
    }
    async function fail(store: Store, at: number, more: Partial<Failure> = {}): Promise<string[]> {
      const due = await store.webhooks.due(at)
      for (const delivery of due) await store.webhooks.failed(delivery, failure(at, more))
      return textsOf(due)
    }

    test('is left alone for a while, and told of the same event then', async (t) => {
      const store = await failing(open(t))
      assert.deepEqual(await fail(store, 0), ['chat: one'])
      assert.deepEqual(await store.webhooks.due(9), [])
      const state = await store.webhooks.find('chat')
      assert.deepEqual([state.failures, state.failed, state.pending], [1, { at: 0, why: 'answered 500' }, 2])
      assert.equal(state.nextTryAt, 10)
      assert.deepEqual(await drain(store, 10), ['chat: one', 'chat: two'])
      assert.equal((await store.webhooks.find('chat')).failures, 0)
    })

    test('gets the next event when it has refused one often, and that one later', async (t) => {
      const store = await failing(open(t))
      for (let n = 0; n < BLOCKING_ATTEMPTS; n += 1) assert.deepEqual(await fail(store, n * 10), ['chat: one'])
      const last = BLOCKING_ATTEMPTS * 10
      assert.deepEqual(await drain(store, last), ['chat: two'])
      assert.equal((await store.webhooks.find('chat')).nextTryAt, last - 10 + 100)
      assert.deepEqual(await drain(store, last - 10 + 99), [])
      assert.deepEqual(await drain(store, last - 10 + 100), ['chat: one'])
    })

    test('for a day is not told any more of what happened before', async (t) => {
      const store = await failing(open(t))
      await fail(store, GIVE_UP_AFTER - 1)
      assert.equal((await store.webhooks.find('chat')).pending, 2)
      await happens(store, 'finished', 'three')
      await store.webhooks.queue(GIVE_UP_AFTER)
      await fail(store, GIVE_UP_AFTER + 9)
      const { pending, givenUp, givenUpAt } = await store.webhooks.find('chat')
      assert.deepEqual([pending, givenUp, givenUpAt], [1, 2, GIVE_UP_AFTER + 9])
    })

    test('or wants no more, is told no more, until it is asked again', async (t) => {
      const store = await failing(open(t))
      await fail(store, 5, { isGone: true })
      await happens(store, 'finished', 'three')
      assert.deepEqual(await drain(store, 100), [])
      const { pending, givenUp, goneAt } = await store.webhooks.find('chat')
      assert.deepEqual([pending, givenUp, goneAt], [0, 2, 5])
      await store.webhooks.resume('chat')
      await happens(store, 'finished', 'four')
      assert.deepEqual((await drain(store, 100)).at(-1), 'chat: four')
    })

    test('is tried at once when somebody says so', async (t) => {
      const store = await failing(open(t))
      for (let n = 0; n < BLOCKING_ATTEMPTS; n += 1) await fail(store, n * 10)
      await store.webhooks.resume('chat')
      assert.deepEqual(await drain(store, (BLOCKING_ATTEMPTS - 1) * 10), ['chat: one', 'chat: two'])
    })
  })

  test('who was served longest ago comes first', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add({ ...HOOK, name: 'a' })
    await store.webhooks.add({ ...HOOK, name: 'b', events: ['failed'] })
    for (const text of ['one', 'two']) await happens(store, 'finished', text)
    await happens(store, 'failed', 'three')
    await store.webhooks.queue(0)
    const due = await store.webhooks.due(1)
    assert.deepEqual(textsOf(due), ['a: one', 'b: three'])
    await store.webhooks.delivered(due[0] as Delivery, 1)
    assert.deepEqual(textsOf(await store.webhooks.due(2)), ['b: three', 'a: two'])
  })

  test('a queue has a bound; behind it the oldest are given up', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add(HOOK)
    await Promise.all(Array.from({ length: 10_003 }, (_, n) => happens(store, 'edited', `${n}`)))
    await store.webhooks.queue(50)
    const { pending, givenUp } = await store.webhooks.find('chat')
    assert.deepEqual([pending, givenUp], [10_000, 3])
    assert.deepEqual(textsOf(await store.webhooks.due(50)), ['chat: 3'])
  })

  test('nothing is written while nothing is wanted', async (t) => {
    const store = await withHosts(open(t))
    await store.webhooks.add({ ...HOOK, events: ['failed'] })
    await happens(store, 'edited', 'one')
    let writes = 0
    store.onWrite(() => {
      writes += 1
    })
    assert.equal(await store.webhooks.queue(20), false)
    assert.equal(writes, 0)
    await happens(store, 'failed', 'two')
    assert.equal(await store.webhooks.queue(20), true)
    assert.equal(writes, 2)
  })

  test('one server delivers, until it says otherwise or is gone', async (t) => {
    const { webhooks } = open(t)
    const [a, b] = ['a', 'b'].map((holder) => ({ holder, length: 30 }))
    assert.ok(a && b)
    assert.deepEqual(
      [await webhooks.take(a, 0), await webhooks.take(b, 29), await webhooks.take(a, 29)],
      [true, false, true],
    )
    assert.equal(await webhooks.take(b, 58), false)
    assert.equal(await webhooks.take(b, 59), true)
    await webhooks.release('a')
    assert.equal(await webhooks.take(a, 60), false)
    await webhooks.release('b')
    assert.equal(await webhooks.take(a, 60), true)
  })
})
