import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { assign, rename } from '../../src/core/edit.ts'
import type { Host, HostState } from '../../src/core/host.ts'
import { parseMac } from '../../src/core/identity.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { HOST_ORDERS, type HostFilter, type HostPage, pageQuery } from '../../src/store/host-pages.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts'
import type { Store } from '../../src/store/store.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { eachStore, mustMeet } from '../support/stores.ts'

const PAGE: HostPage = { filter: {}, order: 'id', isDescending: false, after: undefined, limit: 100, at: 5000 }

async function idsOf(store: Store, filter: HostFilter, page: Partial<HostPage> = {}): Promise<number[]> {
  return (await store.pageHosts({ ...PAGE, ...page, filter })).map(({ id }) => id)
}

/** Every page of a list, one after another, with what happens between two of them. */
async function allPages(store: Store, page: Partial<HostPage>, between: (round: number) => Promise<unknown>) {
  const found: number[] = []
  let after: HostPage['after']
  for (let round = 1; ; round++) {
    const hosts = await store.pageHosts({ ...PAGE, ...page, after })
    found.push(...hosts.map(({ id }) => id))
    const last = hosts.at(-1)
    if (last === undefined) return found
    after = { id: last.id, name: last.hostname }
    await between(round)
  }
}

const GONE = { type: 'deleted', text: 'for a test' } as const

const stored = (parts: Partial<Host>, id: number): Host => hostOf({ id, macs: [macOf(id)], ...parts })

async function withHosts(store: Store, ...hosts: readonly Partial<Host>[]): Promise<Store> {
  const added = hosts.map((parts, at) => stored(parts, at + 1))
  await store.addHosts(added, 0, { type: 'imported', text: 'for a test' })
  return store
}

eachStore((open) => {
  test('hosts are found by any part of what people call them', async (t) => {
    const store = await withHosts(
      open(t),
      { hostname: 'rack1-esx1.example.com', serial: 'CZ-0815', macs: [parseMac('52:54:00:12:34:56')] },
      { hostname: 'rack1-esx2', uuid: '5d0b0dc2-1111-4222-8333-444455556666' },
      { address: '10.77.0.23' },
    )
    const found: readonly (readonly [string, readonly number[]])[] = [
      ['rack1', [1, 2]],
      ['ESX1', [1]],
      ['cz-08', [1]],
      ['12:34', [1]],
      ['00-12-34', [1]],
      ['1111-4222', [2]],
      ['.0.23', [3]],
      ['x2', [2]],
      ['3', [1, 2, 3]],
      ['nobody', []],
      ['"', []],
      ['%', []],
      ['rack1" OR "esx', []],
      ['', [1, 2, 3]],
    ]
    for (const [text, ids] of found) assert.deepEqual(await idsOf(store, { text }), ids, text)
  })

  test('what a host is found by follows it', async (t) => {
    const store = await withHosts(open(t), { hostname: 'before' }, {})
    await store.changeHost(1, 0, (host) => rename(host, 'after'))
    assert.deepEqual([await idsOf(store, { text: 'before' }), await idsOf(store, { text: 'after' })], [[], [1]])
    await mustMeet(store, { macs: [macOf(2)], serial: 'SEEN-SERIAL' })
    assert.deepEqual(await idsOf(store, { text: 'seen-ser' }), [2])
    assert.deepEqual(await idsOf(store, { text: '10.77.0.9' }), [2], 'the address from which it asked')
    await mustMeet(store, { macs: [macOf(2)] }, { address: '10.99.1.2' })
    assert.deepEqual(await idsOf(store, { text: '10.99.1' }), [2], 'another address, and nothing else')
    await store.mergeHosts(1, 2, 0, (kept, gone) => ({ host: { ...kept, serial: gone.serial }, events: [] }))
    assert.deepEqual(await idsOf(store, { text: 'seen-ser' }), [1])
    await store.deleteHost(1, 0, () => GONE)
    assert.deepEqual(await idsOf(store, { text: 'after' }), [])
  })

  test('hosts are found by what is planned for them or was installed last', async (t) => {
    const store = await withHosts(open(t), {}, {}, {}, {})
    for (const id of [1, 2]) await store.changeHost(id, 0, (host) => assign(host, parsePlan('wipe,esxi8')))
    await store.changeHost(4, 0, (host) => assign(host, parsePlan('esxi8'), 4000))
    const progress = { start: 0, done: { files: 0, bytes: 0 }, heardAt: 0 } as never
    await store.saveInstall({ hostId: 3, boot: 1, image: 'esxi8', progress })
    assert.deepEqual(await idsOf(store, { image: 'esxi8' }), [1, 2, 3], 'the plan of host 4 is void')
    assert.deepEqual(await idsOf(store, { image: 'esxi8' }, { at: 0 }), [1, 2, 3, 4])
    assert.deepEqual(await idsOf(store, { image: 'wipe' }), [1, 2])
    await store.changeHost(1, 0, (host) => assign(host, parsePlan('new')))
    assert.deepEqual(await idsOf(store, { image: 'wipe' }), [2])
  })

  test('a host whose plan is void is in the state before it', async (t) => {
    const store = await withHosts(open(t), {}, { state: 'finished' }, { state: 'failed' }, { state: 'finished' })
    for (const id of [1, 2, 3]) await store.changeHost(id, 0, (host) => assign(host, parsePlan('esxi8'), 4000))
    const states: readonly (readonly [HostState, readonly number[], readonly number[]])[] = [
      ['new', [], [1]],
      ['assigned', [1, 2, 3], []],
      ['finished', [4], [2, 4]],
      ['failed', [], [3]],
      ['installing', [], []],
    ]
    for (const [state, before, later] of states) {
      assert.deepEqual(await idsOf(store, { state }, { at: 3999 }), before, state)
      assert.deepEqual(await idsOf(store, { state }, { at: 4000 }), later, state)
    }
  })

  test('lists are in order of ids or names, from either end, hosts without a name behind the others', async (t) => {
    const store = await withHosts(open(t), { hostname: 'c' }, {}, { hostname: 'a' }, {}, { hostname: 'b' })
    const orders = [
      ['id', false, [1, 2, 3, 4, 5]],
      ['id', true, [5, 4, 3, 2, 1]],
      ['name', false, [3, 5, 1, 2, 4]],
      ['name', true, [4, 2, 1, 5, 3]],
    ] as const
    for (const [order, isDescending, ids] of orders) {
      for (const filter of [{}, { state: 'new' }] as const) {
        const page = { order, isDescending, limit: 2, filter }
        assert.deepEqual(await allPages(store, page, async () => undefined), ids, `${order} ${isDescending}`)
      }
    }
    assert.deepEqual(await idsOf(store, { protected: true }), [])
    assert.deepEqual(await idsOf(store, { protected: false, state: 'new' }), [1, 2, 3, 4, 5])
  })

  test('hosts that come, go and are renamed between two pages make no other host appear twice or not at all', async (t) => {
    for (const order of HOST_ORDERS) {
      const hosts = Array.from({ length: 20 }, (_, at) => ({ hostname: at % 3 === 0 ? undefined : `h${30 - at}` }))
      const store = await withHosts(open(t), ...hosts)
      const there = [...(await store.pageHosts({ ...PAGE, order })).map(({ id }) => id)]
      const found = await allPages(store, { order, limit: 3 }, async (round) => {
        if (round > 5) return
        await store.addHosts([stored({ hostname: `a${round}` }, 100 + round)], 0, { type: 'imported', text: '' })
        await store.deleteHost(there[round * 3 - 2] ?? 0, 0, () => GONE)
      })
      assert.deepEqual(
        found.filter((id) => id <= 20),
        there,
      )
    }
  })
})

/** How SQLite would find a page. */
function planOf(db: Database.Database, page: Partial<HostPage>): string[] {
  const { sql, values } = pageQuery({ ...PAGE, ...page })
  const rows = db.prepare<[typeof values], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(values)
  return rows.map(({ detail }) => detail)
}

function* combinations(): Generator<Partial<HostPage>> {
  for (const order of HOST_ORDERS) {
    for (const isDescending of [false, true]) {
      for (const filter of [{}, { state: 'finished' }, { state: 'assigned' }, { protected: true }] as const) {
        yield { order, isDescending, filter }
        yield { order, isDescending, filter, after: { id: 7, name: 'esx7' } }
      }
    }
  }
}

test('no page of a list reads all hosts or sorts them', (t) => {
  const db = new Database(':memory:')
  t.after(() => db.close())
  migrate(db)
  for (const page of combinations()) {
    const plan = planOf(db, page)
    const told = `${JSON.stringify(page)}\n${plan.join('\n')}`
    // In the order of their ids, from the first one on: as far as the page goes.
    const isFromStart = page.order === 'id' && page.after === undefined && page.filter?.state === undefined
    const walks = plan.filter((detail) => detail.startsWith('SCAN hosts') && !detail.includes('INDEX'))
    assert.deepEqual(walks, isFromStart && page.filter?.protected === undefined ? ['SCAN hosts'] : [], told)
    const isSorted = plan.some((detail) => detail.includes('TEMP B-TREE'))
    assert.ok(!isSorted || page.filter?.protected === true, told)
  }
  for (const filter of [{ text: 'esx1' }, { text: '52:54:00' }, { image: 'esxi8' }]) {
    const plan = planOf(db, { filter }).join('\n')
    assert.match(plan, /SEARCH hosts USING INTEGER PRIMARY KEY/)
    assert.match(plan, 'text' in filter ? /host_words VIRTUAL TABLE INDEX 0:M/ : /plan_images USING PRIMARY KEY/)
  }
})

test('hosts of a database that had no such index are found', (t) => {
  const db = new Database(':memory:')
  t.after(() => db.close())
  const step = MIGRATIONS.findIndex((sql) => sql.includes('host_words'))
  migrate(db, MIGRATIONS.slice(0, step))
  db.exec(`INSERT INTO hosts (id, hostname, serial, state, plan, rest, revision, protected, metadata, local_boot, progress, created_at)
    VALUES (3, 'esx3', 'SER-3', 'assigned', '{"images":["wipe","esxi8"],"end":"finished"}', 'new', 1, 0, '{}', 'auto', 0, 0);
    INSERT INTO host_macs VALUES ('52:54:00:00:00:02', 3, 1), ('52:54:00:00:00:01', 3, 0)`)
  migrate(db)
  assert.deepEqual(db.prepare('SELECT words FROM host_words').pluck().all(), [
    'esx3 ser-3   52:54:00:00:00:01 52:54:00:00:00:02',
  ])
  assert.deepEqual(db.prepare('SELECT image FROM plan_images ORDER BY image').pluck().all(), ['esxi8', 'wipe'])
})
