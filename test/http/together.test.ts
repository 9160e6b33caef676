import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Together } from '../../src/http/boot/together.ts'

/** What is done in each go. */
function gatherer() {
  const goes: (readonly number[])[] = []
  return { goes, together: new Together<number>((gathered) => goes.push(gathered)) }
}

const turn = () => new Promise(setImmediate)

test('what is asked for in turns that follow each other is done in one go, in order', async () => {
  const { goes, together } = gatherer()
  together.add(1)
  together.add(2)
  await turn()
  together.add(3)
  assert.deepEqual(goes, [])
  for (let turns = 0; goes.length === 0 && turns < 10; turns++) await turn()
  assert.deepEqual(goes, [[1, 2, 3]])
})

test('nobody waits for more than a bounded number of others, and nobody is forgotten', async () => {
  const { goes, together } = gatherer()
  for (let n = 0; n < 100; n++) {
    together.add(n)
    if (n % 7 === 0) await turn()
  }
  for (let turns = 0; turns < 10; turns++) await turn()
  assert.deepEqual(
    goes.flat(),
    Array.from({ length: 100 }, (_, n) => n),
  )
  assert.ok(goes.every(({ length }) => length > 0 && length <= 32))
  assert.ok(goes.length < 10)
})
