import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Boot, type BootChange, fail, finish, progress, report } from '../../src/core/boot.ts'
import type { Host } from '../../src/core/host.ts'
import { bootOf, hostOf } from '../support/hosts.ts'

const NOW = 1000
const INSTALLING = hostOf({
  state: 'installing',
  plan: { images: ['wipe', 'esxi8'], end: 'finished' },
  rest: 'failed',
  revision: 3,
})
const BOOT = bootOf({ number: 7, image: 'wipe', revision: 3 })

/** Nothing was changed and the caller is told why; at most an event tells of it. */
function assertRefused(change: BootChange, host: Host, boot: Boot, message: string): void {
  assert.deepEqual({ kind: change.refused?.kind, message: change.refused?.message }, { kind: 'unauthorized', message })
  assert.equal(change.host, host)
  assert.equal(change.boot, boot)
}

describe('the first fetch of a boot', () => {
  test('ends the boots before it', () => {
    const { host, boot, refused } = progress(INSTALLING, BOOT, NOW)
    assert.equal(refused, undefined)
    assert.deepEqual(host, { ...INSTALLING, progress: 7, attempts: { revision: 3, at: [BOOT.openedAt] } })
    assert.deepEqual(boot, { ...BOOT, progressedAt: NOW })
    const older = bootOf({ number: 6 })
    assertRefused(progress(host, older, NOW), host, older, OVER)
  })

  test('changes nothing the second time', () => {
    const first = progress(INSTALLING, BOOT, NOW)
    const second = progress(first.host, first.boot, NOW + 1)
    assert.equal(second.host, first.host)
    assert.equal(second.boot, first.boot)
  })

  test('is free to the older boot while the newer one was only opened', () => {
    const older = progress(INSTALLING, BOOT, NOW)
    assert.equal(progress(older.host, older.boot, NOW).refused, undefined)
    assert.equal(finish(older.host, older.boot, NOW).refused, undefined)
  })

  test('does not bring a boot back to life after a newer one made progress', () => {
    const host = { ...INSTALLING, progress: 8 }
    const boot = { ...BOOT, progressedAt: 1 }
    assertRefused(progress(host, boot, NOW), host, boot, OVER)
  })
})

const OVER = 'this boot of host 1 is over: a newer one took its place'

describe('a finish', () => {
  test('takes the image that the boot served off the plan', () => {
    const change = finish(INSTALLING, BOOT, NOW)
    assert.equal(change.refused, undefined)
    assert.deepEqual(change.host, {
      ...INSTALLING,
      state: 'assigned',
      plan: { images: ['esxi8'], end: 'finished' },
      revision: 4,
      progress: 7,
    })
    assert.deepEqual(change.boot, { ...BOOT, progressedAt: NOW, endedAt: NOW, outcome: 'finished' })
    assert.deepEqual(change.events, [{ type: 'advanced', text: 'wipe is applied; next is esxi8' }])
  })

  for (const end of ['finished', 'new'] as const) {
    test(`of the last image leaves the host ${end} as its plan says`, () => {
      const host = { ...INSTALLING, plan: { images: ['wipe'], end } }
      const change = finish(host, BOOT, NOW)
      assert.deepEqual([change.host.state, change.host.plan, change.host.revision], [end, { images: [], end }, 4])
      assert.deepEqual(change.events, [{ type: 'finished', text: `wipe is applied; it is ${end} now` }])
    })
  }

  test('told twice changes nothing and is no error, even after newer boots', () => {
    const first = finish(INSTALLING, BOOT, NOW)
    for (const host of [first.host, { ...first.host, progress: 99, state: 'installing' as const }]) {
      const second = finish(host, first.boot, NOW + 1)
      assert.deepEqual(second, { host, boot: first.boot, events: [], at: NOW + 1 })
    }
  })

  test('of a boot that was overtaken is refused and told', () => {
    const host = { ...INSTALLING, progress: 8 }
    const change = finish(host, BOOT, NOW)
    assertRefused(change, host, BOOT, OVER)
    assert.deepEqual(change.events, [{ type: 'refused', text: `finish refused: ${OVER}` }])
  })

  test('of a boot that installed nothing is refused', () => {
    const boot = { ...BOOT, image: undefined }
    assertRefused(finish(INSTALLING, boot, NOW), INSTALLING, boot, 'nothing was being installed in this boot of host 1')
  })

  const STALE = 'the plan of host 1 was changed after this boot'
  test('of a boot under an older plan is refused, though that plan began with the same image', () => {
    const host = { ...INSTALLING, revision: 4 }
    assertRefused(finish(host, BOOT, NOW), host, BOOT, STALE)
  })

  for (const state of ['new', 'assigned', 'finished', 'failed'] as const) {
    test(`for a host that is ${state} is refused`, () => {
      const host = { ...INSTALLING, state }
      assertRefused(finish(host, BOOT, NOW), host, BOOT, STALE)
    })
  }

  test('after a fail is refused', () => {
    const failed = fail(INSTALLING, BOOT, 'no disk', NOW)
    assertRefused(finish(failed.host, failed.boot, NOW), failed.host, failed.boot, STALE)
  })
})

describe('a fail', () => {
  test('keeps the plan, says why and lets nothing be installed', () => {
    const change = fail(INSTALLING, BOOT, 'no disk', NOW)
    assert.deepEqual(change.host, { ...INSTALLING, state: 'failed', revision: 4, progress: 7, reason: 'wipe: no disk' })
    assert.deepEqual(change.boot, { ...BOOT, progressedAt: NOW, endedAt: NOW, outcome: 'failed' })
    assert.deepEqual(change.events, [{ type: 'failed', text: 'wipe could not be applied: no disk' }])
  })

  test('without a reason says that there is none', () => {
    assert.equal(fail(INSTALLING, BOOT, '', NOW).host.reason, 'wipe: no reason given')
  })

  test('told twice changes nothing and is no error', () => {
    const first = fail(INSTALLING, BOOT, 'no disk', NOW)
    assert.deepEqual(fail(first.host, first.boot, 'again', NOW + 1), { ...first, events: [], at: NOW + 1 })
  })

  test('after a finish is refused: what is on the disk stays applied', () => {
    const finished = finish(INSTALLING, BOOT, NOW)
    const late = fail(finished.host, finished.boot, 'late', NOW)
    assert.equal(late.refused?.kind, 'unauthorized')
    assert.equal(late.host, finished.host)
  })

  test('of a boot that was overtaken is refused and told', () => {
    const host = { ...INSTALLING, progress: 8 }
    assertRefused(fail(host, BOOT, 'x', NOW), host, BOOT, OVER)
    assert.equal(fail(host, BOOT, 'x', NOW).events[0]?.type, 'refused')
  })
})

describe('a report', () => {
  test('is kept as it came and counts as progress', () => {
    const change = report(INSTALLING, BOOT, 'kernel: errno 0x2', NOW)
    assert.deepEqual(change.events, [{ type: 'report', text: 'kernel: errno 0x2' }])
    assert.equal(change.host.progress, 7)
  })

  test('of a boot that is over is kept and changes nothing else', () => {
    const host = { ...INSTALLING, progress: 8 }
    const change = report(host, BOOT, 'late', NOW)
    assert.deepEqual(change, { host, boot: BOOT, events: [{ type: 'report', text: 'late' }], at: NOW })
  })
})
