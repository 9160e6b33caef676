import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type Deadlines,
  ENOUGH,
  LONGEST,
  learnDeadline,
  mergeDeadlines,
  SHORTEST,
  USUAL_DEADLINES,
} from '../../../src/core/watch/deadlines.ts'
import { readWatchSettings, watchProblems } from '../../../src/core/watch/settings.ts'

const MIN = 60_000
const durations = fc.array(fc.integer({ min: 0, max: 10 * LONGEST }), { minLength: ENOUGH, maxLength: 60 })

describe('a learned deadline', () => {
  test('is three times what nearly all installs took', () => {
    assert.equal(learnDeadline([4, 5, 6, 5, 4].map((minutes) => minutes * MIN)), 18 * MIN)
    const usual = Array.from({ length: 19 }, () => 2 * MIN)
    assert.equal(learnDeadline([...usual, 200 * MIN]), 6 * MIN)
  })

  test('needs five installs', () => {
    assert.equal(learnDeadline([MIN, MIN, MIN, MIN]), undefined)
  })

  test('keeps within bounds, and is never less than what nearly all took', () => {
    fc.assert(
      fc.property(durations, (took) => {
        const deadline = learnDeadline(took) ?? 0
        assert.ok(deadline >= SHORTEST && deadline <= LONGEST)
        const inTime = took.filter((one) => one <= deadline || one > LONGEST).length
        assert.ok(inTime >= 0.95 * took.length)
      }),
    )
  })

  test('grows with what installs take, whatever their order', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: MIN }), (took, more) => {
        const deadline = learnDeadline(took) ?? 0
        assert.equal(learnDeadline(took.toReversed()), deadline)
        assert.ok((learnDeadline(took.map((one) => one + more)) ?? 0) >= deadline)
      }),
    )
  })
})

describe('deadlines', () => {
  test('are each from the first that has one; 0 is one', () => {
    const layers: readonly Deadlines[] = [{ pre: 0 }, { pre: 5, post: undefined, modules: 7 }, { post: 9, modules: 1 }]
    assert.deepEqual(mergeDeadlines(layers), { pre: 0, post: 9, modules: 7 })
  })

  test('are there for every stage but the first start, of which nobody knows whether it will tell', () => {
    assert.equal(USUAL_DEADLINES.finished, undefined)
    assert.equal(USUAL_DEADLINES.configured, undefined)
  })
})

describe('what is set for the watchdog', () => {
  test('is minutes, of the host before the image before all', () => {
    const { deadlines, loop } = readWatchSettings([{ pre: 90 }, undefined, { pre: 5, post: 0, retry: 2, loopBoots: 3 }])
    assert.deepEqual(deadlines, { pre: 90 * MIN, post: 0 })
    assert.deepEqual(loop, { boots: 3, within: 60 * MIN, retry: 2 })
  })

  test('is five boots in an hour where nothing is said of loops, and nothing of other keys', () => {
    const { deadlines, loop } = readWatchSettings(['nonsense', { pre: 'long', colour: 'red' }, undefined])
    assert.deepEqual([deadlines, loop], [{}, { boots: 5, within: 60 * MIN, retry: undefined }])
  })

  test('is refused when it cannot be', () => {
    assert.deepEqual(watchProblems({ pre: 30, retry: 0 }), [])
    assert.match(watchProblems({ pre: -1 }).join(), /^watchdog\.pre is -1; it must be a whole number from 0/)
    assert.match(watchProblems({ module: 5 }).join(), /did you mean watchdog\.modules\?/)
    assert.match(watchProblems({ loopMinutes: 0 }).join(), /watchdog\.loopMinutes is 0/)
  })
})
