import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { closedAfter, counted, mustMeet, tempFolder } from '../support/stores.ts'

const WORKER = join(import.meta.dirname, '../support/store-worker.ts')

/** A process that counts in the database; see store-worker.ts. */
function startWorker(t: TestContext, file: string, count?: number): ChildProcess & { readonly acknowledged: number[] } {
  const args = [WORKER, file, ...(count === undefined ? [] : [`${count}`])]
  const worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => worker.kill('SIGKILL'))
  const acknowledged: number[] = []
  createInterface({ input: worker.stdout }).on('line', (line) => acknowledged.push(Number(line)))
  return Object.assign(worker, { acknowledged })
}

async function untilCounted(worker: ReturnType<typeof startWorker>, count: number): Promise<void> {
  while (worker.acknowledged.length < count) {
    assert.equal(worker.exitCode, null, 'the worker is still at it')
    await once(worker.stdout ?? assert.fail(), 'data')
  }
}

/** How far a database has counted, which its host and its events say alike. */
async function countOf(store: Store): Promise<number> {
  const host = (await store.listHosts()).find(({ macs }) => macs.includes(macOf(1)))
  const n = Number(host?.metadata['n'] ?? 0)
  const told = (await store.listEvents({ host: host?.id ?? 0 })).filter(({ type }) => type === 'report')
  assert.deepEqual(
    told.map(({ text }) => text),
    Array.from({ length: n }, (_, index) => `${index + 1}`),
  )
  return n
}

function assertSound(file: string): void {
  const db = new Database(file)
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  assert.deepEqual(db.pragma('foreign_key_check'), [])
  db.close()
}

test('four processes that open a new database and make 200 changes each lose none of them', async (t) => {
  const file = join(tempFolder(t), 'a.sqlite')
  const workers = Array.from({ length: 4 }, () => startWorker(t, file, 200))
  const ends = await Promise.all(workers.map((worker) => once(worker, 'close')))
  assert.deepEqual(
    ends.map(([code]) => code),
    [0, 0, 0, 0],
  )
  const counts = workers.flatMap(({ acknowledged }) => acknowledged).sort((a, b) => a - b)
  assert.deepEqual(
    counts,
    Array.from({ length: 800 }, (_, n) => n + 1),
    'no two were told the same count',
  )
  const store = closedAfter(t, openSqliteStore(file))
  assert.equal(await countOf(store), 800)
  assert.equal((await store.listHosts()).length, 1, 'all met one machine')
})

test('a process that is killed in the middle of writing leaves a sound database with all that it acknowledged', async (t) => {
  const file = join(tempFolder(t), 'a.sqlite')
  let before = 0
  for (const enough of [1, 40, 120]) {
    const worker = startWorker(t, file)
    await untilCounted(worker, enough)
    worker.kill('SIGKILL')
    await once(worker, 'close')
    const store = openSqliteStore(file)
    const count = await countOf(store)
    const last = worker.acknowledged.at(-1) ?? assert.fail()
    assert.ok(last > before && (count === last || count === last + 1), `${last} was acknowledged, ${count} is there`)
    before = count
    await store[Symbol.asyncDispose]()
    assertSound(file)
  }
})

/** Makes a database of more pages than a backup copies in one step. */
async function fill(store: Store): Promise<void> {
  const hosts = Array.from({ length: 3000 }, (_, n) =>
    hostOf({ id: 0, macs: [macOf(n + 2)], metadata: { text: 'x'.repeat(500) } }),
  )
  await store.addHosts(hosts, 0, { type: 'imported', text: '' })
}

test('a backup is consistent and complete while the same process writes', async (t) => {
  const folder = tempFolder(t)
  const store = closedAfter(t, openSqliteStore(join(folder, 'a.sqlite')))
  await fill(store)
  const { host } = await mustMeet(store, { macs: [macOf(1)] })
  let going = true
  const writing = (async () => {
    while (going) await store.changeHost(host.id, 0, counted)
  })()
  const before = await countOf(store)
  await store.backup(join(folder, 'copy'))
  going = false
  await writing
  const copy = closedAfter(t, openSqliteStore(join(folder, 'copy')))
  const count = await countOf(copy)
  assert.ok(before <= count && count <= (await countOf(store)))
  assert.equal((await copy.listHosts()).length, 3001)
  assertSound(join(folder, 'copy'))
})

test('a backup ends, and is consistent, while another program writes between any two of its steps', async (t) => {
  const folder = tempFolder(t)
  const file = join(folder, 'a.sqlite')
  const store = closedAfter(t, openSqliteStore(file))
  await fill(store)
  const other = closedAfter(t, openSqliteStore(file))
  const { host } = await mustMeet(other, { macs: [macOf(1)] })
  let backedUp = false
  const backup = store.backup(join(folder, 'copy')).then(() => {
    backedUp = true
  })
  for (let writes = 0; !backedUp; writes += 1) {
    assert.ok(writes < 500, 'the copy does not start over for ever')
    await other.changeHost(host.id, 0, counted)
  }
  await backup
  assert.ok((await countOf(closedAfter(t, openSqliteStore(join(folder, 'copy'))))) > 0)
  assertSound(join(folder, 'copy'))
})

test('a backup takes no file’s place and leaves nothing behind when it cannot be written', async (t) => {
  const folder = tempFolder(t)
  const store = closedAfter(t, openSqliteStore(':memory:'))
  writeFileSync(join(folder, 'mine'), 'mine')
  mkdirSync(join(folder, 'folder'))
  for (const taken of ['mine', 'folder']) {
    await assert.rejects(store.backup(join(folder, taken)), { name: 'ProvisionError', kind: 'conflict' })
  }
  await assert.rejects(store.backup(join(folder, 'none', 'copy')), { name: 'ProvisionError', kind: 'unavailable' })
  assert.deepEqual(readdirSync(folder).sort(), ['folder', 'mine'])
  writeFileSync(join(folder, 'copy.partial'), 'what a killed backup left')
  await store.backup(join(folder, 'copy'))
  assert.deepEqual(readdirSync(folder).sort(), ['copy', 'folder', 'mine'])
  assertSound(join(folder, 'copy'))
})

test('a store that is closed while it is copied refuses the copy and leaves nothing of it', async (t) => {
  const folder = tempFolder(t)
  const store = openSqliteStore(join(folder, 'a.sqlite'))
  await fill(store)
  const refused = assert.rejects(store.backup(join(folder, 'copy')), { name: 'ProvisionError', kind: 'unavailable' })
  await store[Symbol.asyncDispose]()
  await refused
  assert.ok(!existsSync(join(folder, 'copy')) && !existsSync(join(folder, 'copy.partial')))
})
