import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { macOf } from '../support/hosts.ts'
import { closedAfter, mustMeet, tempFolder } from '../support/stores.ts'

function openMemory(t: TestContext): Database.Database {
  const db = new Database(':memory:')
  t.after(() => db.close())
  return db
}

const schemaOf = (db: Database.Database) =>
  db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all()
/** The files below a folder that this process holds open, where the system tells. */
function openFilesBelow(folder: string): string[] {
  const handles = '/proc/self/fd'
  if (!existsSync(handles)) return []
  return readdirSync(handles).flatMap((handle) => {
    const link = join(handles, handle)
    return existsSync(link) ? [readlinkSync(link)].filter((file) => file.startsWith(folder)) : []
  })
}

const versionOf = (db: Database.Database) => db.pragma('user_version', { simple: true })

for (const version of [...MIGRATIONS.keys(), MIGRATIONS.length]) {
  test(`a database of version ${version} becomes what a fresh one is`, (t) => {
    const [fresh, old] = [openMemory(t), openMemory(t)]
    migrate(fresh)
    migrate(old, MIGRATIONS.slice(0, version))
    assert.equal(versionOf(old), version)
    migrate(old)
    assert.deepEqual([versionOf(old), schemaOf(old)], [MIGRATIONS.length, schemaOf(fresh)])
  })
}

test('a step that fails is taken back whole; those before it stay', (t) => {
  const db = openMemory(t)
  const steps = ['CREATE TABLE a (x) STRICT', 'CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x)']
  assert.throws(() => migrate(db, ['CREATE TABLE a (x INTEGER) STRICT', ...steps.slice(1)]))
  assert.deepEqual([versionOf(db), schemaOf(db).length], [1, 1])
})

test('every table refuses values of another type', (t) => {
  const db = openMemory(t)
  migrate(db)
  const tables = db.prepare<[], { name: string; type: string; strict: number }>('PRAGMA table_list').all()
  // The tables of a full-text index are made by SQLite, and hold texts alone.
  const ours = tables.filter(({ name, type }) => !name.startsWith('sqlite_') && type === 'table')
  assert.ok(ours.length >= 4)
  assert.deepEqual(
    ours.filter(({ strict }) => strict === 0),
    [],
  )
})

test('a database that a newer metalspray wrote is refused and left alone', (t) => {
  const folder = tempFolder(t)
  const file = join(folder, 'a.sqlite')
  const newer = new Database(file)
  newer.pragma(`user_version = ${MIGRATIONS.length + 1}`)
  newer.exec('CREATE TABLE theirs (x)')
  newer.close()
  const before = readFileSync(file)
  const found = `the database is of version ${MIGRATIONS.length + 1}, this metalspray knows up to ${MIGRATIONS.length}`
  assert.throws(() => openSqliteStore(file), {
    name: 'ProvisionError',
    kind: 'conflict',
    message: `${found}; use a newer one`,
  })
  assert.deepEqual(openFilesBelow(folder), [])
  assert.deepEqual(readFileSync(file), before)
})

test('what is no database of ours is refused in our words, and left as it was', (t) => {
  const folder = tempFolder(t)
  const unavailable = { name: 'ProvisionError', kind: 'unavailable', message: /^cannot open the database / }
  writeFileSync(join(folder, 'text'), 'known_hosts '.repeat(100))
  assert.throws(() => openSqliteStore(join(folder, 'text')), unavailable)
  assert.throws(() => openSqliteStore(folder), unavailable)
  assert.throws(() => openSqliteStore(join(folder, 'text', 'a.sqlite')), unavailable)
  const other = new Database(join(folder, 'other'))
  other.pragma(`user_version = ${MIGRATIONS.length}`)
  other.exec('CREATE TABLE cookies (x)')
  other.close()
  const before = readFileSync(join(folder, 'other'))
  assert.throws(() => openSqliteStore(join(folder, 'other')), unavailable)
  assert.deepEqual(readFileSync(join(folder, 'other')), before)
  assert.deepEqual(readdirSync(folder).sort(), ['other', 'text'])
  assert.deepEqual(openFilesBelow(folder), [])
})

test('a database is made with its folder, and is there again after it was closed', async (t) => {
  const file = join(tempFolder(t), 'deep', 'er', 'a.sqlite')
  const store = openSqliteStore(file)
  const { host } = await mustMeet(store, { macs: [macOf(1)] })
  await store[Symbol.asyncDispose]()
  assert.deepEqual(await closedAfter(t, openSqliteStore(file)).listHosts(), [host])
})
