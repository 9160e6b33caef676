import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { closedAfter, tempFolder } from '../support/stores.ts'

const MANY = 1000
const TEXT = 'x'.repeat(2000)

test('a long log is moved into the database while the store is open, and nothing of it is left when it is closed', async (t) => {
  const file = join(tempFolder(t), 'metalspray.sqlite')
  const store = closedAfter(t, openSqliteStore(file))
  const hosts = Array.from({ length: MANY }, (_, n) =>
    hostOf({ id: n + 1, macs: [macOf(n)], metadata: { long: TEXT } }),
  )
  await store.addHosts(hosts, 0, { type: 'imported', text: 'imported' })
  const size = () => statSync(file).size
  const before = size()
  for (let i = 0; i < 200 && size() === before; i++) await sleep(50)
  assert.ok(size() > before, 'the database file does not grow')
  await store[Symbol.asyncDispose]()
  assert.equal(existsSync(`${file}-wal`), false)
  assert.equal((await closedAfter(t, openSqliteStore(file)).listHosts()).length, MANY)
})

test('a store with little in its log starts no thread and closes at once', async (t) => {
  const store = openSqliteStore(join(tempFolder(t), 'metalspray.sqlite'))
  await store.addHosts([hostOf()], 0, { type: 'imported', text: 'imported' })
  await sleep(150)
  assert.equal(process.getActiveResourcesInfo().includes('MessagePort'), false)
  await store[Symbol.asyncDispose]()
})
