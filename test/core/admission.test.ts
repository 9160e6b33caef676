import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type Limits,
  placeOf,
  QUEUE_SILENCE,
  type RunningInstall,
  SLOT_SILENCE,
  stillRunning,
  stillWaiting,
  type Waiting,
} from '../../src/core/admission.ts'

const running = (hostId: number, image = 'a', heardAt = 0): RunningInstall => ({ hostId, image, heardAt })
const waiting = (hostId: number, image = 'a', since = hostId): Waiting => ({ hostId, image, since, heardAt: 0 })
const limits = (server?: number, images: Limits['images'] = {}): Limits => ({ server, images })

/** Where each of a queue stands, in its order. */
function places(slots: readonly RunningInstall[], queue: readonly Waiting[], at: Limits): number[] {
  return queue.map(({ hostId }) => placeOf(hostId, { running: slots, queue, limits: at }).place)
}

describe('the place in the queue', () => {
  test('is none while there is room, and counts from one after that', () => {
    assert.deepEqual(places([running(9)], [waiting(1), waiting(2), waiting(3)], limits(2)), [0, 1, 2])
    assert.deepEqual(placeOf(3, { running: [running(9)], queue: [waiting(1), waiting(3)], limits: limits(1) }), {
      place: 2,
      waiting: 2,
    })
  })

  test('keeps the slot of who is before, though he has not come for it yet', () => {
    assert.deepEqual(places([], [waiting(1), waiting(2)], limits(1)), [0, 1])
  })

  test('is by image too: who is kept by the limit of his image is overtaken by those for others', () => {
    const queue = [waiting(1, 'a'), waiting(2, 'a'), waiting(3, 'b'), waiting(4, 'b')]
    assert.deepEqual(places([running(9, 'a')], queue, limits(3, { a: 1 })), [1, 2, 0, 0])
    assert.deepEqual(places([running(9, 'a')], queue, limits(2, { a: 1 })), [1, 2, 0, 3])
  })

  test('does not count a host twice that installs according to the store and waits', () => {
    assert.deepEqual(places([running(1), running(2)], [waiting(1)], limits(2)), [0])
  })

  test('is never given beyond the limits, and nobody is overtaken by one for the same image', () => {
    const image = fc.constantFrom('a', 'b', 'c')
    const slots = fc.uniqueArray(fc.tuple(fc.integer({ min: 100, max: 120 }), image), { selector: ([id]) => id })
    const queue = fc.uniqueArray(fc.tuple(fc.nat(30), image), { selector: ([id]) => id })
    fc.assert(
      fc.property(slots, queue, fc.nat(8), fc.nat(4), (ran, asked, server, ofA) => {
        const at = limits(server, { a: ofA })
        const slotted = ran.map(([id, name]) => running(id, name))
        const line = asked.map(([id, name]) => waiting(id, name))
        const stands = places(slotted, line, at)
        const begins = line.filter((_, index) => stands[index] === 0)
        const count = (name?: string) =>
          [...slotted, ...begins].filter((one) => name === undefined || one.image === name).length
        if (begins.length > 0) assert.ok(count() <= server)
        if (begins.some((one) => one.image === 'a')) assert.ok(count('a') <= ofA)
        for (const name of ['a', 'b', 'c']) {
          const same = stands.filter((_, index) => line[index]?.image === name)
          assert.deepEqual(
            same,
            same.toSorted((one, other) => one - other),
          )
        }
      }),
    )
  })
})

test('an install that is silent for long, and a host that asks no more, hold nobody up', () => {
  const slots = [running(1, 'a', 0), running(2, 'a', 1000)]
  assert.deepEqual(
    stillRunning(slots, SLOT_SILENCE).map(({ hostId }) => hostId),
    [2],
  )
  const queue = [waiting(5, 'a', 7), waiting(6, 'a', 3), { ...waiting(7), heardAt: 1000 }]
  assert.deepEqual(
    stillWaiting(queue, QUEUE_SILENCE - 1).map(({ hostId }) => hostId),
    [6, 5, 7],
  )
  assert.deepEqual(
    stillWaiting(queue, QUEUE_SILENCE).map(({ hostId }) => hostId),
    [7],
  )
})
