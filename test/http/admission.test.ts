import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { QUEUE_SILENCE, SLOT_SILENCE } from '../../src/core/admission.ts'
import { type LabServer, labServer, putLinux } from './lab-server.ts'

const machine = (n: number) => `net0=52:54:00:00:01:${n.toString(16).padStart(2, '0')}`

interface Told {
  readonly id: string
  /** 0 for one that installs. */
  readonly place: number
}

async function ask(server: LabServer, n: number): Promise<Told> {
  const { script, id } = await server.boot(machine(n))
  const [, place] = /Place (\d+) of \d+ in the queue/.exec(script) ?? []
  assert.ok(place !== undefined || script.includes('/tree/vmlinuz'), script)
  return { id, place: Number(place ?? 0) }
}

/** What a machine in the queue hears: its place, or 0 when it may go on. */
async function poll(server: LabServer, { id }: Told): Promise<number> {
  const { statusCode, body } = await server.get(`/b/${id}/queue`)
  assert.equal(statusCode, 200)
  const [, place] = /^#!ipxe\n(?:echo Place (\d+) of \d+ in the queue|set queued no)\n$/.exec(body) ?? []
  return Number(place ?? 0)
}

/** Hosts 1 to `count` with a plan. */
async function rack(t: Parameters<typeof labServer>[0], count: number, settings = {}, plan = 'demo') {
  const server = await labServer(t, settings)
  await putLinux(server, 'demo', 'other')
  for (let n = 1; n <= count; n++) await server.boot(machine(n))
  for (let n = 1; n <= count; n++) await server.assign(n, plan)
  return server
}

const states = async (server: LabServer, ids: readonly number[]) =>
  Promise.all(ids.map(async (id) => (await server.host(id)).state))

describe('with a limit of installs', () => {
  test('50 machines at once are let in eight at a time, in the order in which they asked', async (t) => {
    const server = await rack(t, 50, { maxInstalls: 8 })
    const all = Array.from({ length: 50 }, (_, index) => index + 1)
    // Each a little later than the one before, but for the clock all in one moment.
    const told = await Promise.all(all.map((n) => ask(server, n)))
    assert.deepEqual(
      told.map(({ place }) => place),
      [...Array(8).fill(0), ...Array.from({ length: 42 }, (_, index) => index + 1)],
    )
    assert.equal((await server.store.countHosts()).installing, 8)
    let running = all.slice(0, 8).map((n) => ({ n, id: told[n - 1]?.id ?? '' }))
    let queue = all.slice(8)
    const order: number[] = []
    while (running.length > 0) {
      await Promise.all(running.map(({ id }) => server.get(`/b/${id}/finish`)))
      server.later(5000)
      const polled = await Promise.all(queue.map((n) => poll(server, told[n - 1] as Told)))
      const free = queue.filter((_, index) => polled[index] === 0)
      assert.deepEqual(free, queue.slice(0, 8))
      // Those whose turn it is ask again, and so do some who should not.
      const [eager] = queue.slice(8)
      if (eager !== undefined) assert.notEqual((await ask(server, eager)).place, 0)
      running = await Promise.all(free.map(async (n) => ({ n, ...(await ask(server, n)) })))
      assert.ok((await server.store.countHosts()).installing <= 8)
      order.push(...free)
      queue = queue.slice(8)
    }
    assert.deepEqual(order, all.slice(8))
    assert.deepEqual(await states(server, all), Array(50).fill('finished'))
    assert.deepEqual(
      server.log.filter(({ level }) => Number(level) >= 40),
      [],
    )
  })

  test('a host in the queue stays assigned, does not expire, and its events tell of it once', async (t) => {
    const server = await rack(t, 2, { maxInstalls: 1 })
    await server.store.changeHost(2, 0, (host) => ({ host: { ...host, expiresAt: Date.UTC(2026, 0, 2) }, events: [] }))
    await ask(server, 1)
    const waits = await ask(server, 2)
    for (let times = 0; times < 5; times++) {
      assert.equal(await poll(server, waits), 1)
      assert.equal((await server.get(`/b/${waits.id}/wait`)).statusCode, 404)
      server.later()
    }
    const { state, expiresAt } = await server.host(2)
    assert.deepEqual([state, expiresAt], ['assigned', undefined])
    const told = (await server.events(2)).filter(({ text }) => text === 'waits for its turn to install demo')
    assert.equal(told.length, 1)
  })

  test('a machine that installs is never kept from its own boots: it starts again, or asks twice', async (t) => {
    const server = await rack(t, 2, { maxInstalls: 1 })
    await ask(server, 1)
    await ask(server, 2)
    for (let times = 0; times < 3; times++) {
      assert.equal((await ask(server, 1)).place, 0)
      server.later()
    }
  })

  test('a slot is free when its install failed, when its host got another plan, or was deleted', async (t) => {
    const server = await rack(t, 4, { maxInstalls: 1 })
    const first = await ask(server, 1)
    const rest = [await ask(server, 2), await ask(server, 3), await ask(server, 4)] as const
    await server.get(`/b/${first.id}/fail?reason=x`)
    server.later()
    assert.deepEqual(await Promise.all(rest.map((one) => poll(server, one))), [0, 1, 2])
    await ask(server, 2)
    await server.assign(2, 'new')
    server.later()
    assert.deepEqual(await Promise.all(rest.slice(1).map((one) => poll(server, one))), [0, 1])
    await ask(server, 3)
    await server.store.deleteHost(3, 0, () => ({ type: 'deleted', text: 'by a test' }))
    server.later()
    assert.equal(await poll(server, rest[2]), 0)
  })

  test('a slot is free when its machine was silent for long, not while it fetches', async (t) => {
    const server = await rack(t, 3, { maxInstalls: 1 })
    const first = await ask(server, 1)
    server.later(SLOT_SILENCE - 5000)
    await server.get(`/b/${first.id}/tree/vmlinuz`)
    server.later()
    const second = await ask(server, 2)
    assert.equal(second.place, 1)
    server.later(SLOT_SILENCE)
    assert.equal((await ask(server, 2)).place, 0)
    assert.equal((await ask(server, 3)).place, 1)
  })

  test('a place in the queue is lost by who asks no more, and nobody waits for him', async (t) => {
    const server = await rack(t, 3, { maxInstalls: 1 })
    const first = await ask(server, 1)
    await ask(server, 2)
    const third = await ask(server, 3)
    await server.get(`/b/${first.id}/finish`)
    server.later(1000)
    assert.equal(await poll(server, third), 1)
    server.later(QUEUE_SILENCE)
    assert.equal(await poll(server, third), 0)
  })

  test('a restart of the server forgets neither who installs nor who was first', async (t) => {
    const server = await rack(t, 4, { maxInstalls: 1 })
    const first = await ask(server, 1)
    const queue: Told[] = []
    for (const n of [2, 3, 4]) {
      server.later(1000)
      queue.push(await ask(server, n))
    }
    const again = await server.again()
    const backwards = queue.toReversed()
    for (const one of backwards) assert.notEqual(await poll(again, one), 0)
    assert.deepEqual(await Promise.all(queue.map((one) => poll(again, one))), [1, 2, 3])
    await again.get(`/b/${first.id}/finish`)
    again.later(1000)
    assert.deepEqual(await Promise.all(backwards.map((one) => poll(again, one))), [2, 1, 0])
  })
})

describe('with a limit for an image', () => {
  test('hosts of that image wait, others do not', async (t) => {
    const server = await rack(t, 4)
    await server.store.changeDefaults('demo', () => ({ linux: { maxInstalls: 1 } }))
    await server.assign(3, 'other')
    server.later()
    assert.deepEqual(
      (await Promise.all([1, 2, 3, 4].map((n) => ask(server, n)))).map(({ place }) => place),
      [0, 1, 0, 2],
    )
  })

  test('that is no number from 1 on there is no limit', async (t) => {
    const server = await rack(t, 3)
    await server.store.changeDefaults('demo', () => ({ linux: { maxInstalls: '1' } }))
    server.later()
    assert.deepEqual(
      (await Promise.all([1, 2, 3].map((n) => ask(server, n)))).map(({ place }) => place),
      [0, 0, 0],
    )
  })
})

test('without a limit nobody waits, and a machine that asks after the queue is told to go on', async (t) => {
  const server = await rack(t, 3)
  const told = await Promise.all([1, 2, 3].map((n) => ask(server, n)))
  assert.deepEqual(
    told.map(({ place }) => place),
    [0, 0, 0],
  )
  assert.equal(await poll(server, told[0] as Told), 0)
})
