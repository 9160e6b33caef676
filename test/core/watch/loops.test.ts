import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Host } from '../../../src/core/host.ts'
import { parsePlan } from '../../../src/core/plan.ts'
import { breakLoop, countAttempt, type LoopLimits } from '../../../src/core/watch/loops.ts'
import { hostOf } from '../../support/hosts.ts'

const MIN = 60_000
const LIMITS: LoopLimits = { boots: 5, within: 60 * MIN, retry: undefined }
const INSTALLING = hostOf({ state: 'installing', plan: parsePlan('esxi8,new'), revision: 3 })

/** A host that began its install at these minutes. */
function begun(...minutes: readonly number[]): Host {
  let { attempts } = INSTALLING
  for (const minute of minutes) attempts = countAttempt({ ...INSTALLING, attempts }, minute * MIN)
  return { ...INSTALLING, attempts }
}

const asks = (host: Host, minute: number, limits = LIMITS) =>
  breakLoop({ host, events: [] }, minute * MIN, () => limits)

describe('a host that begins its install again and again', () => {
  test('fails when it asks after the fifth time in an hour, with the reason', () => {
    const { host, events } = asks(begun(0, 3, 6, 9, 12), 15)
    assert.deepEqual([host.state, host.revision, host.attempts], ['failed', 4, undefined])
    assert.equal(host.reason, 'esxi8: it began 5 times in 15 min and never finished')
    assert.deepEqual(host.plan, INSTALLING.plan)
    assert.deepEqual(
      events.map(({ type, text }) => `${type}: ${text}`),
      [
        'looping: it began 5 times in 15 min and never finished',
        'failed: esxi8 could not be applied: it began 5 times in 15 min and never finished',
      ],
    )
  })

  test('is let be as long as it does so more slowly, or less often', () => {
    assert.equal(asks(begun(0, 3, 6, 9), 15).host.state, 'installing')
    assert.equal(asks(begun(0, 20, 40, 60, 80), 100).host.state, 'installing')
    assert.equal(asks(begun(0, 10, 20, 30, 40, 50), 61).host.state, 'failed')
  })

  test('is one that began once while its firmware starts iPXE twice', () => {
    assert.deepEqual(begun(0, 0.5, 0.9, 1).attempts?.at, [0, MIN])
    // The newest boot is seconds old: the same machine on its second card.
    assert.equal(asks(begun(0, 3, 6, 9, 12), 12.5).host.state, 'installing')
  })

  test('begins anew with another plan, and with the next image of this one', () => {
    const host = { ...begun(0, 3, 6, 9, 12), revision: 4 }
    assert.equal(asks(host, 15).host, host)
    assert.deepEqual(countAttempt(host, 15 * MIN), { revision: 4, at: [15 * MIN] })
  })

  test('is not one that waits, is finished or has failed', () => {
    for (const state of ['new', 'assigned', 'finished', 'failed'] as const) {
      const host = { ...begun(0, 3, 6, 9, 12), state }
      assert.equal(asks(host, 15).host, host)
    }
  })

  test('may do so for ever where that is set', () => {
    assert.equal(asks(begun(0, 3, 6, 9, 12), 15, { ...LIMITS, boots: 0 }).host.state, 'installing')
    assert.equal(breakLoop({ host: begun(0, 3, 6, 9, 12), events: [] }, 15 * MIN, undefined).host.state, 'installing')
  })

  test('may begin again as often as watchdog.retry lets, however long that takes', () => {
    const limits = { ...LIMITS, retry: 1 }
    assert.equal(asks(begun(0), 600, limits).host.state, 'installing')
    const { host } = asks(begun(0, 600), 1200, limits)
    assert.equal(host.reason, 'esxi8: it began twice and never finished; watchdog.retry lets it begin again once')
    assert.equal(asks(begun(0), 600, { ...limits, retry: 0 }).host.state, 'failed')
  })

  test('fails by so many real boots within the time, and never by fewer', () => {
    const minutes = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 30 })
    fc.assert(
      fc.property(minutes, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 90 }), (when, boots, within) => {
        const sorted = when.toSorted((a, b) => a - b)
        const now = (sorted.at(-1) ?? 0) + 1
        const { host } = asks(begun(...sorted), now, { boots, within: within * MIN, retry: undefined })
        // Minutes are whole: each that is another one is a boot of its own.
        const real = new Set(sorted.filter((minute) => now - minute <= within)).size
        assert.equal(host.state, real >= boots ? 'failed' : 'installing')
      }),
    )
  })
})
