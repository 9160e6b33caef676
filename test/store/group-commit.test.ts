import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { ProvisionError } from '../../src/core/errors.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import { tempFolder } from '../support/stores.ts'

const FULL = 2
const NORMAL = 1

function openFile(t: TestContext, file: string): Database.Database {
  const db = new Database(file, { timeout: 0 })
  t.after(() => db.close())
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY) STRICT')
  return db
}

function setUp(t: TestContext) {
  const file = join(tempFolder(t), 'a.sqlite')
  const db = openFile(t, file)
  const commits = new GroupCommit(db)
  const insert = db.prepare<[string]>('INSERT INTO jobs VALUES (?)')
  return {
    ...{ file, db, commits },
    add: (name: string, durable = true) => commits.run(() => void insert.run(name), durable),
    addThen: (name: string, then: () => unknown) =>
      commits.run(() => {
        insert.run(name)
        return then()
      }, true),
    names: () => db.prepare<[], string>('SELECT name FROM jobs ORDER BY name').pluck().all(),
  }
}

function thrower(error: unknown): () => never {
  return () => {
    throw error
  }
}

test('a job that throws takes back its own writes and nobody else’s, and gets its own error', async (t) => {
  const { add, addThen, names } = setUp(t)
  const error = new Error('mine')
  const results = await Promise.allSettled([add('a'), addThen('b', thrower(error)), add('c'), add('a'), add('d')])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(results[1]?.status === 'rejected' && results[1].reason, error)
  assert.deepEqual(names(), ['a', 'c', 'd'])
})

test('a job that throws nothing at all has failed nevertheless', async (t) => {
  const { addThen, names } = setUp(t)
  await assert.rejects(addThen('a', thrower(undefined)), /threw nothing/)
  assert.deepEqual(names(), [])
})

test('a job that would wait for something is refused and taken back', async (t) => {
  const { add, addThen, names } = setUp(t)
  const waiting = addThen('a', async () => 'later')
  await Promise.all([assert.rejects(waiting, TypeError), add('b')])
  assert.deepEqual(names(), ['b'])
})

test('all jobs of one turn are one commit, which others see as a whole or not at all', async (t) => {
  const { file, add, addThen, names } = setUp(t)
  const other = openFile(t, file).prepare<[], number>('SELECT count(*) FROM jobs').pluck()
  const seen: unknown[] = []
  await Promise.all([add('a'), addThen('b', () => seen.push(other.get())), addThen('c', () => seen.push(other.get()))])
  assert.deepEqual([seen, other.get(), names()], [[0, 0], 3, ['a', 'b', 'c']])
})

test('a commit with a durable job in it waits for the disk, whichever job that is; one without does not', async (t) => {
  const { db, commits } = setUp(t)
  const level = (durable: boolean) => commits.run(() => db.pragma('synchronous', { simple: true }), durable)
  assert.deepEqual(await Promise.all([level(false), level(false)]), [NORMAL, NORMAL])
  assert.deepEqual(await Promise.all([level(false), level(true)]), [FULL, FULL])
  assert.deepEqual(await Promise.all([level(true)]), [FULL])
  assert.deepEqual(await Promise.all([level(false)]), [NORMAL])
})

test('a job that is asked for while a commit runs is in the next one', async (t) => {
  const { add, addThen, names } = setUp(t)
  let inner: Promise<void> | undefined
  await addThen('a', () => {
    inner = add('b')
  })
  await inner
  assert.deepEqual(names(), ['a', 'b'])
})

test('a flush commits at once', async (t) => {
  const { add, commits, names } = setUp(t)
  const added = add('a')
  assert.deepEqual(names(), [])
  commits.flush()
  assert.deepEqual(names(), ['a'])
  await added
})

test('while another program holds the database every job is refused in our words, and later ones go through', async (t) => {
  const { file, add, names } = setUp(t)
  const other = openFile(t, file)
  other.exec('BEGIN IMMEDIATE')
  for (const result of await Promise.allSettled([add('a'), add('b')])) {
    assert.ok(result.status === 'rejected')
    assert.ok(result.reason instanceof ProvisionError)
    assert.equal(result.reason.kind, 'unavailable')
    assert.equal(result.reason.message, 'the database cannot be used: another program holds it')
  }
  other.exec('ROLLBACK')
  await add('c')
  assert.deepEqual(names(), ['c'])
})

test('when SQLite rolls back all by itself, no job of that commit is said to be kept or kept in silence', async (t) => {
  const { db, add, commits, names } = setUp(t)
  await add('a')
  const rollback = commits.run(() => void db.prepare('INSERT OR ROLLBACK INTO jobs VALUES (?)').run('a'), true)
  const results = await Promise.allSettled([add('b'), rollback, add('c')])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.deepEqual(names(), ['a'])
  await add('d')
  assert.deepEqual(names(), ['a', 'd'])
})

test('a full disk refuses the job in our words and leaves what was there', async (t) => {
  const { db, add, commits, names } = setUp(t)
  await add('a')
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
  const big = commits.run(() => void db.exec(`CREATE TABLE big AS SELECT randomblob(100000) AS blob`), true)
  await assert.rejects(big, { name: 'ProvisionError', kind: 'unavailable', message: /disk is full/ })
  assert.deepEqual(names(), ['a'])
  assert.equal(db.inTransaction, false)
})

test('a mistake of ours stays what it is', async (t) => {
  const { add } = setUp(t)
  await add('a')
  await assert.rejects(add('a'), { name: 'SqliteError', code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
})
