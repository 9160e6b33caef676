import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { BootNumbers } from '../../src/store/boot-numbers.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'

test('a burst gets more numbers at a time, and after a pause the next one need not begin anew', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const db = new Database(':memory:')
  t.after(() => db.close())
  const reserved: number[] = []
  let last = 0
  const tables = {
    reserveBoots(count: number) {
      reserved.push(count)
      last += count
      return last
    },
    returnBoots: () => {},
  }
  const numbers = new BootNumbers({ tables, commits: new GroupCommit(db) })
  const taken: number[] = []
  /** So many machines at once; those that find no number wait for one. */
  const boot = async (machines: number) => {
    for (let n = 0; n < machines; n++) {
      await numbers.ready()
      taken.push(numbers.take() ?? -1)
    }
  }
  await boot(30_000)
  assert.deepEqual(reserved.slice(0, 5), [500, 2000, 8000, 10_000, 10_000])
  now = 60_000
  reserved.length = 0
  await boot(20_000)
  assert.deepEqual(reserved.slice(0, 2), [2500, 10_000])
  for (now = 120_000; reserved.at(-1) !== 500; now += 60_000) await boot(reserved.at(-1) ?? 0)
  assert.deepEqual(reserved.slice(-3), [2500, 625, 500])
  assert.deepEqual(
    taken,
    taken.map((_, n) => n + 1),
  )
})
