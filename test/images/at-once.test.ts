import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { eachAtOnce } from '../../src/images/at-once.ts'

test('every item has its turn, in order, never more at the same time than there may be', async () => {
  const [begun, most]: [number[], number[]] = [[], []]
  let now = 0
  await eachAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item)
    now += 1
    most.push(now)
    for (let turns = item % 3; turns >= 0; turns -= 1) await setImmediate()
    now -= 1
  })
  assert.deepEqual(begun, [1, 2, 3, 4, 5, 6, 7])
  assert.equal(Math.max(...most), 3)
})

test('the first failure ends it when all that is under way has ended, and nothing more begins', async () => {
  const [begun, heard]: [number[], unknown[]] = [[], []]
  const stopped = Promise.withResolvers<void>()
  let isOver = false
  const doing = async (item: number): Promise<void> => {
    begun.push(item)
    if (item === 2) throw new Error('first')
    await stopped.promise
    await setImmediate()
    isOver = true
    throw new Error('second')
  }
  const onFailure = (error: unknown) => {
    heard.push(error)
    stopped.resolve()
  }
  await assert.rejects(eachAtOnce([1, 2, 3], 2, doing, onFailure), /first/)
  assert.deepEqual([begun, heard.map(String), isOver], [[1, 2], ['Error: first'], true])
})
