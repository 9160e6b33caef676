import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countBoots, fillDatabase } from '../bench/fleet.ts'
import { makeStore } from '../src/commands/open-store.ts'
import { closedAfter, mustMeet, tempFolder } from './support/stores.ts'

test('boots that are answered but still on their way to the database are counted, not taken for refusals', async (t) => {
  const data = tempFolder(t)
  await fillDatabase(data, 10)
  const store = closedAfter(t, makeStore(data))
  const meetAll = () => Promise.all(Array.from({ length: 10 }, (_, n) => mustMeet(store, { serial: serialOf(n + 1) })))
  await meetAll()
  // Nothing is new about them by now.
  await meetAll()
  assert.equal(await countBoots(data, 20), 20)
})

function serialOf(id: number): string {
  return `CZ2B${id.toString(36).toUpperCase().padStart(6, '0')}`
}
