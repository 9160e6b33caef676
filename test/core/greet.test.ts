import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { finish } from '../../src/core/boot.ts'
import { decide, describeDecision } from '../../src/core/decide.ts'
import { assign, retry } from '../../src/core/edit.ts'
import { expire, greet, type Policy, type Sighting } from '../../src/core/greet.ts'
import { HOST_STATES, type Host } from '../../src/core/host.ts'
import type { Identity } from '../../src/core/identity.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { bootOf, FIRMWARE, hostOf, identityOf, imageOf, imagesOf, macOf } from '../support/hosts.ts'

const POLICY: Policy = { firstPlan: undefined, findImage: imagesOf('esxi8', 'wipe', 'discover') }

function sightingOf(identity: Partial<Identity> = { macs: [macOf(1)] }, at = 1000): Sighting {
  return { identity: identityOf(identity), firmware: FIRMWARE, address: '10.77.0.9', at }
}

/** Greets the one machine that `host` is. */
function meet(host: Host, policy: Policy = POLICY, at = 1000) {
  const greeting = greet(sightingOf({ macs: host.macs }, at), [host], policy)
  assert.ok(greeting.kind === 'met')
  return greeting
}

const assigned = hostOf({ state: 'assigned', plan: parsePlan('esxi8'), revision: 1 })

describe('a decision', () => {
  const nothingIsPlanned = [
    [hostOf(), { kind: 'wait' }],
    [hostOf({ state: 'finished', localBoot: 'sanboot' }), { kind: 'local', by: 'sanboot' }],
    [hostOf({ state: 'failed', reason: 'esxi8: no disk' }), { kind: 'hold', reason: 'esxi8: no disk' }],
    [hostOf({ state: 'failed' }), { kind: 'hold', reason: 'an image could not be applied' }],
  ] as const
  for (const [host, decision] of nothingIsPlanned) {
    test(`for a host that is ${host.state} is ${decision.kind}, whatever images are left in its plan`, () => {
      assert.deepEqual(decide({ ...host, plan: parsePlan('esxi8') }, POLICY.findImage), decision)
    })
  }
  for (const state of ['assigned', 'installing'] as const) {
    test(`for a host that is ${state} is the first image of its plan`, () => {
      const host = { ...assigned, state, plan: parsePlan('wipe,esxi8') }
      assert.deepEqual(decide(host, POLICY.findImage), { kind: 'install', image: imageOf('wipe') })
    })
    test(`for a host that is ${state} is to hold when that image is not there, though the next one is`, () => {
      const host = { ...assigned, state, plan: parsePlan('gone,esxi8') }
      const decision = decide(host, POLICY.findImage)
      assert.deepEqual(decision, { kind: 'hold', reason: 'image gone is not on the server' })
    })
    test(`for a host that is ${state} is to hold with the reason when that image is damaged`, () => {
      const host = { ...assigned, state, plan: parsePlan('esxi8') }
      const find = Object.assign(() => undefined, { problem: (name: string) => `a file of ${name} is not there` })
      const reason = 'image esxi8 cannot be used: a file of esxi8 is not there'
      assert.deepEqual(decide(host, find), { kind: 'hold', reason })
    })
    test(`for a host that is ${state} without any image is to hold`, () => {
      assert.equal(decide({ ...assigned, state, plan: parsePlan('new') }, POLICY.findImage).kind, 'hold')
    })
  }
  for (const state of HOST_STATES) {
    test(`for a protected host that is ${state} is never to install`, () => {
      assert.notEqual(decide({ ...assigned, state, protected: true }, POLICY.findImage).kind, 'install')
    })
  }
  test('is told in a few words', () => {
    assert.equal(describeDecision({ kind: 'wait' }), 'waits for a plan')
    assert.equal(describeDecision({ kind: 'local', by: 'auto' }), 'starts from its disk')
    assert.equal(describeDecision({ kind: 'install', image: imageOf('esxi8') }), 'installs esxi8')
    assert.equal(describeDecision({ kind: 'hold', reason: 'x' }), 'is held: x')
  })
})

describe('a machine that was never seen', () => {
  test('becomes a new host that waits', () => {
    const greeting = greet(sightingOf({ macs: [macOf(1)], serial: 'S1' }), [], POLICY)
    assert.ok(greeting.kind === 'met')
    assert.equal(greeting.known, undefined)
    assert.deepEqual(greeting.decision, { kind: 'wait' })
    assert.deepEqual(greeting.host, {
      ...hostOf({ id: 0, serial: 'S1', createdAt: 1000 }),
      seenAt: 1000,
      address: '10.77.0.9',
      firmware: FIRMWARE,
    })
    assert.deepEqual(greeting.events, [
      { type: 'discovered', text: `new machine: serial S1, mac ${macOf(1)}` },
      { type: 'booted', text: 'waits for a plan' },
    ])
  })

  test('gets the first plan when there is one, and is new again when that is done', () => {
    const greeting = greet(sightingOf(), [], { ...POLICY, firstPlan: parsePlan('discover,new') })
    assert.ok(greeting.kind === 'met')
    assert.deepEqual(greeting.decision, { kind: 'install', image: imageOf('discover') })
    const { host } = greeting
    assert.deepEqual([host.state, host.revision], ['installing', 1])
    const done = finish(host, bootOf({ image: 'discover', revision: 1 }), 2000).host
    assert.deepEqual([done.state, meet(done).decision.kind], ['new', 'wait'])
  })

  test('waits for the first plan when its image is not there', () => {
    const greeting = greet(sightingOf(), [], { findImage: imagesOf(), firstPlan: parsePlan('discover,new') })
    assert.ok(greeting.kind === 'met')
    assert.deepEqual([greeting.host.state, greeting.decision.kind], ['assigned', 'hold'])
  })

  test('is known by 32 cards at most, each of them once', () => {
    const macs = Array.from({ length: 99 }, (_, n) => macOf(1 + (n >> 1)))
    const greeting = greet(sightingOf({ macs }), [], POLICY)
    assert.ok(greeting.kind === 'met')
    assert.deepEqual(
      greeting.host.macs,
      Array.from({ length: 32 }, (_, n) => macOf(1 + n)),
    )
  })
})

describe('a machine that is known', () => {
  test('never gets the plan of new ones', () => {
    const policy = { ...POLICY, firstPlan: parsePlan('discover,new') }
    for (const state of ['new', 'finished', 'failed'] as const) {
      const greeting = meet(hostOf({ state }), policy)
      assert.deepEqual([greeting.host.state, greeting.host.plan.images], [state, []])
    }
  })

  test('is installing from the boot that gets its image, and its plan is void no more', () => {
    const known = { ...assigned, expiresAt: 2000 }
    const greeting = meet(known)
    assert.equal(greeting.known, known)
    assert.deepEqual(greeting.decision, { kind: 'install', image: imageOf('esxi8') })
    assert.deepEqual(
      [greeting.host.state, greeting.host.expiresAt, greeting.host.revision],
      ['installing', undefined, 1],
    )
    assert.deepEqual(greeting.events, [{ type: 'booted', text: 'installs esxi8' }])
    assert.equal(meet(greeting.host, POLICY, 9999).decision.kind, 'install')
  })

  test('stays assigned while its image is not there, and its plan can still become void', () => {
    const known = { ...assigned, expiresAt: 2000 }
    const held = meet(known, { ...POLICY, findImage: imagesOf() }).host
    assert.deepEqual([held.state, held.expiresAt], ['assigned', 2000])
    assert.equal(meet(held, POLICY, 2000).host.state, 'new')
  })

  test('stays installing while its image is not there', () => {
    assert.equal(
      meet({ ...assigned, state: 'installing' }, { ...POLICY, findImage: imagesOf() }).host.state,
      'installing',
    )
  })

  test('teaches its host other cards, and an event tells which', () => {
    const greeting = greet(sightingOf({ macs: [macOf(1), macOf(2)], serial: 'S1' }), [hostOf()], POLICY)
    assert.ok(greeting.kind === 'met')
    assert.deepEqual([greeting.host.macs, greeting.host.serial], [[macOf(1), macOf(2)], 'S1'])
    assert.deepEqual(greeting.events[0], { type: 'identity', text: `learned mac ${macOf(2)}; serial is now S1` })
  })

  test('changes nothing of its host but what is known of it, when a stray request comes during an install', () => {
    const known = { ...assigned, state: 'installing' as const, progress: 7, rest: 'failed' as const }
    const { host } = meet(known)
    assert.deepEqual(host, { ...known, seenAt: 1000, address: '10.77.0.9', firmware: FIRMWARE })
  })
})

describe('a conflict', () => {
  test('changes no host and tells each of them who came', () => {
    const hosts = [hostOf(), hostOf({ id: 2, macs: [macOf(2)] })]
    const greeting = greet(sightingOf({ macs: [macOf(1), macOf(2)] }), hosts, POLICY)
    const why = 'this machine fits host 1 and host 2'
    const text = `a machine with mac ${macOf(1)} ${macOf(2)} was refused: ${why}`
    assert.deepEqual(greeting, { kind: 'conflict', hosts, why, events: [{ type: 'conflict', text }] })
  })
})

describe('a plan that waits until a time', () => {
  const waiting = { ...assigned, expiresAt: 2000, rest: 'finished' as const }

  test('counts until the moment before', () => {
    const known = { host: waiting, events: [] }
    assert.equal(expire(known, 1999), known)
    assert.equal(meet(waiting, POLICY, 1999).decision.kind, 'install')
  })

  test('is void from that moment, as if it had never been given, and what was a callback for it is stale', () => {
    const greeting = meet(waiting, POLICY, 2000)
    assert.deepEqual(greeting.decision, { kind: 'local', by: 'auto' })
    const { host } = greeting
    assert.deepEqual(
      [host.state, host.plan.images, host.revision, host.expiresAt, host.reason],
      ['finished', [], 2, undefined, undefined],
    )
    assert.deepEqual(greeting.events, [
      { type: 'expired', text: 'no boot came in time; esxi8 is void' },
      { type: 'booted', text: 'starts from its disk' },
    ])
  })

  test('leaves a host that had failed as failed, says why, and offers nothing to try again', () => {
    const failed = hostOf({ state: 'failed', plan: parsePlan('wipe'), reason: 'wipe: x' })
    const { host } = expire({ host: assign(failed, parsePlan('esxi8'), 2000).host, events: [] }, 2000)
    assert.deepEqual(
      [host.state, host.reason],
      ['failed', 'no boot came in time for esxi8, after an install that failed or was cut off'],
    )
    assert.throws(() => retry(host), { kind: 'conflict' })
  })

  test('leaves a host as failed when it replaced the rest of a plan that had begun: its disk is not what it was', () => {
    const begun = meet(hostOf({ state: 'assigned', plan: parsePlan('wipe,esxi8'), rest: 'finished', revision: 1 })).host
    const advanced = finish(begun, bootOf({ image: 'wipe', revision: 1 }), 1500).host
    assert.equal(advanced.state, 'assigned')
    const replaced = assign(advanced, parsePlan('esxi8'), 2000).host
    const greeting = meet(replaced, POLICY, 2000)
    assert.deepEqual([greeting.host.state, greeting.decision.kind], ['failed', 'hold'])
  })

  for (const state of HOST_STATES.filter((name) => name !== 'assigned')) {
    test(`means nothing to a host that is ${state}`, () => {
      const known = { host: { ...waiting, state }, events: [] }
      assert.equal(expire(known, 9999), known)
    })
  }
})

describe('a host is only seen again', () => {
  const settled = hostOf({ state: 'finished', firmware: { ...FIRMWARE }, address: '10.77.0.9', seenAt: 1 })
  test('when it asks as it did before', () => {
    const { host, isSeenAgain } = meet(settled)
    assert.equal(isSeenAgain, true)
    assert.deepEqual(host, { ...settled, seenAt: 1000 })
  })

  const changes: readonly (readonly [string, Host])[] = [
    ['it asks from another address', { ...settled, address: '10.77.0.8' }],
    ['its firmware is another one', { ...settled, firmware: { ...FIRMWARE, ipxe: 'older' } }],
    ['its firmware was not known', { ...settled, firmware: undefined }],
    ['its install begins', { ...settled, state: 'assigned', plan: parsePlan('esxi8') }],
    ['its plan is over', { ...settled, state: 'assigned', plan: parsePlan('esxi8'), expiresAt: 999 }],
  ]
  for (const [why, host] of changes) {
    test(`but not when ${why}`, () => assert.equal(meet(host).isSeenAgain, false))
  }

  test('but not when it has another card', () => {
    const greeting = greet(sightingOf({ macs: [...settled.macs, macOf(9)] }), [settled], POLICY)
    assert.ok(greeting.kind === 'met' && !greeting.isSeenAgain)
  })
})
