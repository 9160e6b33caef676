import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Boot } from '../../src/core/boot.ts'
import { describeMachine } from '../../src/core/describe-machine.ts'
import type { Host } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { bootOf, hostOf, macOf } from '../support/hosts.ts'

const DISCOVERING = hostOf({
  state: 'installing',
  plan: parsePlan('discover,new'),
  revision: 1,
  metadata: { dmi: { a: 1 }, rack: 'r1' },
})
const BOOT = bootOf({ number: 4, image: 'discover', revision: 1 })
const FINDINGS = { macs: [macOf(1), macOf(2)], metadata: { dmi: { b: 2 } } }

describe('what a discovery image found', () => {
  test('is learned: other cards, and metadata key by key', () => {
    const change = describeMachine(DISCOVERING, BOOT, FINDINGS, 9)
    const metadata = { dmi: { b: 2 }, rack: 'r1' }
    assert.deepEqual(change.host, {
      ...DISCOVERING,
      macs: [macOf(1), macOf(2)],
      metadata,
      progress: 4,
      attempts: { revision: 1, at: [0] },
    })
    assert.deepEqual(change.boot, { ...BOOT, progressedAt: 9 })
    assert.deepEqual(change.events, [{ type: 'updated', text: `learned mac ${macOf(2)}; metadata dmi` }])
    assert.equal(change.refused, undefined)
  })

  test('ends nothing: the plan stays as it is', () => {
    const { host } = describeMachine(DISCOVERING, BOOT, FINDINGS, 9)
    assert.deepEqual([host.state, host.plan, host.revision], ['installing', DISCOVERING.plan, 1])
  })

  const strangers: readonly (readonly [string, Partial<Host>, Partial<Boot>])[] = [
    ['another image is being installed', {}, { image: 'esxi8' }],
    ['its boot installs nothing', {}, { image: undefined }],
    ['its plan was changed since', { revision: 2 }, {}],
    ['its host waits for a boot', { state: 'assigned' }, {}],
    ['it is finished', { state: 'finished' }, {}],
    ['a newer boot took its place', { progress: 5 }, {}],
  ]
  for (const [why, host, boot] of strangers) {
    test(`is refused when ${why}`, () => {
      const [known, opened] = [
        { ...DISCOVERING, ...host },
        { ...BOOT, ...boot },
      ]
      const change = describeMachine(known, opened, FINDINGS, 9)
      assert.equal(change.refused?.kind, 'unauthorized')
      assert.deepEqual([change.host, change.boot], [known, opened])
    })
  }
})
