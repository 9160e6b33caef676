import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type EventListener, EventTail } from '../../src/store/event-tail.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { NamedEvent, Store } from '../../src/store/store.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { closedAfter, eachStore, edited, mustMeet, tempFolder } from '../support/stores.ts'

const WORKER = join(import.meta.dirname, '../support/store-worker.ts')

function tailOf(t: TestContext, store: Store, errors: unknown[] = []): EventTail {
  const tail = new EventTail(store, { onError: (error) => errors.push(error) })
  t.after(() => tail.close())
  return tail
}

/** What a subscriber was told, and a way to wait for more of it. */
function collector() {
  const events: NamedEvent[] = []
  let changed = Promise.withResolvers<void>()
  const listen: EventListener = (more) => {
    events.push(...more)
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const until = async (count: number) => {
    while (events.length < count) await changed.promise
    return events
  }
  return { events, listen, until }
}

/** Writes so many events, each with a text of its own. */
async function write(store: Store, host: number, from: number, to: number): Promise<void> {
  const rename = edited((one) => one)
  for (let n = from; n <= to; n += 1) {
    await store.changeHost(host, n, (one) => ({ ...rename(one), events: [{ type: 'edited', text: `edit ${n}` }] }))
  }
}

const texts = (events: readonly NamedEvent[]) => events.filter(({ type }) => type === 'edited').map(({ text }) => text)
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `edit ${from + n}`)

eachStore((open) => {
  test('a subscriber is given what happens from now on, in order, with the names of hosts', async (t) => {
    const store = open(t)
    await store.addHosts([hostOf({ id: 1, hostname: 'esx1' })], 0, { type: 'imported', text: 'before' })
    const told = collector()
    const tail = tailOf(t, store)
    tail.subscribe({}, told.listen)
    await write(store, 1, 1, 20)
    await mustMeet(store, { macs: hostOf({}).macs })
    const events = await told.until(21)
    assert.deepEqual(texts(events), numbered(1, 20))
    assert.deepEqual([...new Set(events.map(({ hostname }) => hostname))], ['esx1'])
    assert.equal(events.at(-1)?.type, 'booted')
  })

  test('a subscriber that names an event is given all behind it, once, while more are written', async (t) => {
    const store = open(t)
    await store.addHosts([hostOf({ id: 1 })], 0, { type: 'imported', text: 'before' })
    const tail = tailOf(t, store)
    const [all, early, late] = [collector(), collector(), collector()]
    tail.subscribe({ after: 0 }, all.listen)
    await write(store, 1, 1, 40)
    const before = await all.until(41)
    tail.subscribe({ after: before[10]?.id ?? 0 }, early.listen)
    const writing = write(store, 1, 41, 80)
    tail.subscribe({ after: 1_000_000 }, late.listen)
    await writing
    assert.deepEqual(texts(await early.until(70)), numbered(11, 80))
    assert.deepEqual(texts(await all.until(81)), numbered(1, 80))
    assert.equal(
      texts(await late.until(1))
        .at(0)
        ?.startsWith('edit'),
      true,
      'an id that is still to come is no hindrance',
    )
    assert.deepEqual(texts(late.events), numbered(81 - late.events.length, 80))
  })

  test('more than a page of history comes whole and in order', async (t) => {
    const store = open(t)
    const hosts = Array.from({ length: 1300 }, (_, n) => hostOf({ id: n + 1, macs: [macOf(n + 1)] }))
    await store.addHosts(hosts, 0, { type: 'imported', text: '' })
    const told = collector()
    tailOf(t, store).subscribe({ after: 0 }, told.listen)
    const events = await told.until(1300)
    assert.deepEqual(
      events.map(({ hostId }) => hostId),
      hosts.map(({ id }) => id),
    )
  })

  test('a subscriber that throws hinders nobody, and one that left hears nothing more', async (t) => {
    const store = open(t)
    await store.addHosts([hostOf({ id: 1 })], 0, { type: 'imported', text: 'before' })
    const errors: unknown[] = []
    const tail = tailOf(t, store, errors)
    const [told, left] = [collector(), collector()]
    tail.subscribe({}, () => {
      throw new Error('a bug')
    })
    const leaving = tail.subscribe({}, left.listen)
    tail.subscribe({}, told.listen)
    await write(store, 1, 1, 1)
    await told.until(1)
    leaving.close()
    const heard = left.events.length
    await write(store, 1, 2, 3)
    await told.until(3)
    assert.equal(left.events.length, heard)
    assert.ok(errors.length >= 1 && String(errors[0]).includes('a bug'))
  })

  test('events are read by host, type, time and page', async (t) => {
    const store = open(t)
    await store.addHosts([hostOf({ id: 1 }), hostOf({ id: 2, macs: [macOf(2)] })], 0, { type: 'imported', text: '' })
    await write(store, 1, 1, 30)
    await write(store, 2, 31, 40)
    const read = async (query: Parameters<Store['readEvents']>[0]) => texts(await store.readEvents(query))
    assert.deepEqual(await read({ limit: 3 }), numbered(38, 40))
    assert.deepEqual(await read({ host: 1, limit: 3 }), numbered(28, 30))
    assert.deepEqual(await read({ after: 2, limit: 3 }), numbered(1, 3))
    assert.deepEqual(await read({ before: 8, limit: 2 }), numbered(4, 5))
    assert.deepEqual(await read({ types: ['imported'], limit: 9 }), [])
    assert.deepEqual(await read({ types: ['edited', 'failed'], host: 2, after: 0, limit: 2 }), numbered(31, 32))
    for (const since of [0, 1, 17, 40]) {
      assert.deepEqual(await read({ since, after: 0, limit: 99 }), numbered(Math.max(since, 1), 40), `since ${since}`)
    }
    assert.deepEqual(await read({ since: 41, limit: 99 }), [])
    assert.equal(await store.newestEvent(), 42)
  })
})

test('the tail sees what another process writes, each event once', async (t) => {
  const file = join(tempFolder(t), 'a.sqlite')
  const store = closedAfter(t, openSqliteStore(file))
  const told = collector()
  tailOf(t, store).subscribe({ after: 0 }, told.listen)
  const worker = spawn(process.execPath, [WORKER, file, '60'], { stdio: ['ignore', 'ignore', 'inherit'] })
  t.after(() => worker.kill('SIGKILL'))
  await once(worker, 'close')
  const events = await told.until(62) // discovered, booted and the counts
  const counts = events.filter(({ type }) => type === 'report').map(({ text }) => Number(text))
  assert.deepEqual(
    counts,
    Array.from({ length: 60 }, (_, n) => n + 1),
  )
})

test('a tail without subscribers reads nothing, and starts again with the next one', async (t) => {
  const store = closedAfter(t, openSqliteStore(':memory:'))
  await store.addHosts([hostOf({ id: 1 })], 0, { type: 'imported', text: 'before' })
  let reads = 0
  const counting = {
    readEvents: (query: Parameters<Store['readEvents']>[0]) => {
      reads += 1
      return store.readEvents(query)
    },
    newestEvent: () => store.newestEvent(),
    onWrite: (listener: () => void) => store.onWrite(listener),
  }
  const tail = new EventTail(counting)
  t.after(() => tail.close())
  const told = collector()
  const first = tail.subscribe({}, told.listen)
  await write(store, 1, 1, 1)
  await told.until(1)
  first.close()
  const until = reads
  await write(store, 1, 2, 5)
  assert.equal(reads, until)
  tail.subscribe({ after: told.events[0]?.id ?? 0 }, told.listen)
  assert.deepEqual(texts(await told.until(5)), numbered(1, 5))
})
