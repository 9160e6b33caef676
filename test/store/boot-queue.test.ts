import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { type Boot, finish, report } from '../../src/core/boot.ts'
import { assign } from '../../src/core/edit.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { BootQueue } from '../../src/store/boot-queue.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { macOf } from '../support/hosts.ts'
import { closedAfter, mustMeet, newHash, tempFolder, toldOf } from '../support/stores.ts'

const GREETER = join(import.meta.dirname, '../support/greeting-worker.ts')
const UNAVAILABLE = { name: 'ProvisionError', kind: 'unavailable' }

function setUp(t: TestContext, options: { readonly busyTimeout?: number } = {}) {
  const file = join(tempFolder(t), 'a.sqlite')
  const store = openSqliteStore(file, options)
  const db = new Database(file, { timeout: 0 })
  t.after(async () => {
    db.close()
    await store[Symbol.asyncDispose]()
  })
  const numbers = db.prepare<[], number>('SELECT number FROM boots ORDER BY number').pluck()
  return { file, store, db, numbers: () => numbers.all() }
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1)

test('a boot of a known machine is found as soon as it is handed out, and reaches the database by itself', async (t) => {
  const { store, numbers } = setUp(t)
  await mustMeet(store, { macs: [macOf(1)] })
  const hash = newHash()
  const { boot } = await mustMeet(store, { macs: [macOf(1)] }, { hash, at: 2000 })
  assert.deepEqual((await store.findBoot(hash))?.boot, boot)
  await mustMeet(store, { macs: [macOf(1)] }, { at: 3000 })
  // A look through the database's own door waits for nobody.
  while (numbers().length < 3) await new Promise(setImmediate)
  assert.equal((await store.findHost(1))?.seenAt, 3000)
})

test('whatever is asked behind a greeting comes behind it, with more greetings and changes all around', async (t) => {
  const { store } = setUp(t)
  await mustMeet(store, { macs: [macOf(1)] }, { at: 0 })
  await store.changeHost(1, 0, (host) => assign(host, parsePlan('wipe')))
  await mustMeet(store, { macs: [macOf(1)] }, { at: 0 })
  const before = (await toldOf(store, 1)).length
  const expected: string[] = []
  for (let round = 1; round <= 30; round++) {
    const hash = newHash()
    const { boot } = await mustMeet(store, { macs: [macOf(1)] }, { hash, at: round })
    expected.push(`${round} ${boot.number} booted: installs wipe`)
    if (round % 3 === 0) continue
    const changed = await store.changeBoot(hash, (host, opened) => report(host, opened, `r${round}`, round))
    assert.equal(changed?.boot.number, boot.number)
    expected.push(`${round} ${boot.number} report: r${round}`)
  }
  assert.deepEqual((await toldOf(store, 1)).slice(before), expected)
})

test('the installer of a boot that is still on its way to the database can finish it', async (t) => {
  const { store } = setUp(t)
  await mustMeet(store, { macs: [macOf(1)] })
  await store.changeHost(1, 0, (host) => assign(host, parsePlan('wipe')))
  await mustMeet(store, { macs: [macOf(1)] })
  const hash = newHash()
  await mustMeet(store, { macs: [macOf(1)] }, { hash })
  const changed = await store.changeBoot(hash, (host, boot) => finish(host, boot, 5000))
  assert.equal(changed?.refused, undefined)
  assert.equal((await store.findHost(1))?.state, 'finished')
})

test('ten thousand greetings in one moment all have a number of their own, and are all kept', async (t) => {
  const { store, numbers } = setUp(t)
  await mustMeet(store, { macs: [macOf(1)] })
  const met = await Promise.all(upTo(9999).map(() => mustMeet(store, { macs: [macOf(1)] })))
  assert.equal((await store.listEvents({})).length, 10_001)
  assert.deepEqual(numbers(), [1, ...met.map(({ boot }) => boot.number)])
})

test('two processes never give out one number, and a restart leaves no gap', async (t) => {
  const { file, store, numbers } = setUp(t)
  const other = openSqliteStore(file)
  for (let n = 0; n < 5; n++) for (const one of [store, other]) await mustMeet(one, { macs: [macOf(1)] })
  await store.listEvents({})
  await other[Symbol.asyncDispose]()
  assert.equal(new Set(numbers()).size, 10)
  const last = numbers().at(-1) ?? 0
  const third = closedAfter(t, openSqliteStore(file))
  assert.equal((await mustMeet(third, { macs: [macOf(1)] })).boot.number, last + 1)
})

test('while another program holds the database machines are known, others are refused, and nothing is lost', async (t) => {
  const { store, db, numbers } = setUp(t, { busyTimeout: 0 })
  await mustMeet(store, { macs: [macOf(1)] })
  db.exec('BEGIN IMMEDIATE')
  const hash = newHash()
  const { boot } = await mustMeet(store, { macs: [macOf(1)] }, { hash })
  await assert.rejects(store.findBoot(hash), { ...UNAVAILABLE, message: /another program holds it/ })
  await assert.rejects(mustMeet(store, { macs: [macOf(1)] }), UNAVAILABLE)
  await assert.rejects(mustMeet(store, { macs: [macOf(2)] }), UNAVAILABLE)
  db.exec('ROLLBACK')
  assert.deepEqual((await store.findBoot(hash))?.boot, boot)
  assert.equal((await mustMeet(store, { macs: [macOf(1)] })).boot.number, 3)
  await store.listEvents({})
  assert.deepEqual(numbers(), [1, 2, 3])
})

test('a boot whose host another program deletes in that moment goes with it, and others do not', async (t) => {
  const { store, db } = setUp(t)
  for (const n of [1, 2]) await mustMeet(store, { macs: [macOf(n)] })
  const [gone, kept] = [newHash(), newHash()]
  db.exec('BEGIN IMMEDIATE; DELETE FROM host_macs WHERE host_id = 1; DELETE FROM boots WHERE host_id = 1')
  await mustMeet(store, { macs: [macOf(1)] }, { hash: gone })
  await mustMeet(store, { macs: [macOf(2)] }, { hash: kept })
  db.exec('DELETE FROM hosts WHERE id = 1; COMMIT')
  assert.equal(await store.findBoot(gone), undefined)
  assert.equal((await store.findBoot(kept))?.host.id, 2)
  assert.deepEqual(db.pragma('foreign_key_check'), [])
})

const bootOf = (number: number): Boot => ({
  ...{ number, hostId: 1, image: undefined, revision: 0, address: '', openedAt: 0 },
  ...{ progressedAt: undefined, endedAt: undefined, outcome: undefined },
})
const BOOTED = { type: 'booted', text: '' } as const

test('a thread that cannot work is told with its reason to whoever waits for it, and tried again', async (t) => {
  const queue = new BootQueue(join(tempFolder(t), 'none', 'a.sqlite'), 0)
  t.after(() => queue[Symbol.asyncDispose]())
  queue.add('h', bootOf(1), BOOTED)
  assert.ok(queue.has('h'))
  const reason = { ...UNAVAILABLE, message: /the thread that writes boots has ended: .*directory/ }
  for (let times = 0; times < 2; times++) await assert.rejects(async () => queue.drain(), reason)
  await assert.rejects(async () => queue.room(), UNAVAILABLE)
})

test('boots that the database will never take are dropped, so that later machines get theirs', async (t) => {
  const { file, store, numbers } = setUp(t)
  await mustMeet(store, { macs: [macOf(1)] })
  const queue = new BootQueue(file, 0)
  t.after(() => queue[Symbol.asyncDispose]())
  queue.add('twice', bootOf(1), BOOTED)
  await assert.rejects(async () => queue.drain(), { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  // What no statement takes: a mistake in the thread itself.
  queue.add('odd', { ...bootOf(2), address: [] as unknown as string }, BOOTED)
  await assert.rejects(async () => queue.drain())
  assert.ok(!queue.has('twice') && !queue.has('odd'))
  assert.equal(queue.room(), undefined)
  queue.add('good', bootOf(3), BOOTED)
  await queue.drain()
  assert.deepEqual(numbers(), [1, 3])
})

test('boots that could not be written reach the database by themselves once it can be', async (t) => {
  const { store, db, numbers } = setUp(t, { busyTimeout: 0 })
  await mustMeet(store, { macs: [macOf(1)] })
  db.exec('BEGIN IMMEDIATE')
  const hash = newHash()
  await mustMeet(store, { macs: [macOf(1)] }, { hash })
  await assert.rejects(store.findBoot(hash), UNAVAILABLE)
  db.exec('ROLLBACK')
  while (numbers().length < 2) await new Promise(setImmediate)
})

test('numbers are reserved before they run out: machines are known all along while another program writes', async (t) => {
  const { store, db } = setUp(t)
  await mustMeet(store, { macs: [macOf(1)] })
  await Promise.all(upTo(899).map(() => mustMeet(store, { macs: [macOf(1)] })))
  await store.listEvents({})
  // Whoever reserved hears of it after us.
  await new Promise(setImmediate)
  db.exec('BEGIN IMMEDIATE')
  const met = await Promise.all(upTo(900).map(() => mustMeet(store, { macs: [macOf(1)] })))
  db.exec('ROLLBACK')
  assert.deepEqual([met[0]?.boot.number, met.at(-1)?.boot.number], [901, 1800])
})

test('a full disk ends no more than the greetings behind it: what was acknowledged is kept, the database is sound', async (t) => {
  const file = join(tempFolder(t), 'a.sqlite')
  // A limit on files stands in for a disk; without its signal a write fails as on a full one.
  const limited = `trap '' XFSZ; ulimit -f 1000; exec "$0" "$@"`
  const greeter = spawn('bash', ['-c', limited, process.execPath, GREETER, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => greeter.kill('SIGKILL'))
  let said = ''
  greeter.stderr.on('data', (chunk) => (said += chunk))
  const acknowledged: string[] = []
  createInterface({ input: greeter.stdout }).on('line', (hash) => acknowledged.push(hash))
  await once(greeter, 'close')
  assert.match(said, /the database cannot be used: /)
  assert.ok(acknowledged.length > 10)
  const db = new Database(file)
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  db.close()
  await using store = openSqliteStore(file)
  for (const hash of acknowledged) assert.ok((await store.findBoot(hash))?.boot.progressedAt, hash)
})

test('a process that is killed among greetings leaves a sound database with all boots that something came of', async (t) => {
  const file = join(tempFolder(t), 'a.sqlite')
  const acknowledged = new Set<string>()
  for (const enough of [3, 60, 120]) {
    const greeter = spawn(process.execPath, [GREETER, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => greeter.kill('SIGKILL'))
    for await (const hash of createInterface({ input: greeter.stdout })) {
      acknowledged.add(hash)
      if (acknowledged.size >= enough) greeter.kill('SIGKILL')
    }
    if (greeter.signalCode === null) await once(greeter, 'exit')
    const db = new Database(file)
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
    const before = db.prepare<[], number>('SELECT max(number) FROM boots').pluck().get() ?? 0
    db.close()
    await using store = openSqliteStore(file)
    for (const hash of acknowledged) assert.ok((await store.findBoot(hash))?.boot.progressedAt, hash)
    assert.ok((await mustMeet(store, { macs: [macOf(1)] }, { hash: `${enough}` })).boot.number > before)
  }
})
