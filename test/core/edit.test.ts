import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  assign,
  editMetadata,
  forget,
  merge,
  protect,
  rename,
  retry,
  setLocalBoot,
  setMetadata,
  unprotect,
} from '../../src/core/edit.ts'
import { HOST_STATES, nameOf, readHostname } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { hostOf, macOf } from '../support/hosts.ts'

const PROTECTED = { kind: 'conflict', message: 'host 1 is protected; unprotect it first' }

describe('an assignment', () => {
  test('gives the host a plan, a new revision and nothing of its past', () => {
    const host = hostOf({ state: 'failed', reason: 'esxi8: no disk', revision: 4, expiresAt: 5 })
    const change = assign(host, parsePlan('wipe,esxi8'))
    assert.deepEqual(change.host, {
      ...host,
      state: 'assigned',
      plan: { images: ['wipe', 'esxi8'], end: 'finished' },
      rest: 'failed',
      revision: 5,
      expiresAt: undefined,
      reason: undefined,
    })
    assert.deepEqual(change.events, [{ type: 'assigned', text: 'plan is wipe,esxi8' }])
  })

  test('that is void after a time says so', () => {
    const change = assign(hostOf(), parsePlan('esxi8'), 3_600_000)
    assert.equal(change.host.expiresAt, 3_600_000)
    assert.deepEqual(change.events, [{ type: 'assigned', text: 'plan is esxi8, void from 1970-01-01T01:00:00.000Z' }])
  })

  for (const [state, rest] of [
    ['new', 'new'],
    ['finished', 'finished'],
    ['failed', 'failed'],
    ['installing', 'failed'],
  ] as const) {
    test(`to a host that is ${state} would leave it ${rest} when it expires`, () => {
      assert.equal(assign(hostOf({ state, rest: 'new' }), parsePlan('a'), 1).host.rest, rest)
    })
  }

  test('in place of one that waits would leave the host as it was before that one', () => {
    const host = hostOf({ state: 'assigned', rest: 'finished' })
    assert.equal(assign(host, parsePlan('a'), 1).host.rest, 'finished')
  })

  for (const [word, state] of [
    ['new', 'new'],
    ['finished', 'finished'],
  ] as const) {
    for (const before of HOST_STATES) {
      test(`of "${word}" makes a host that is ${before} ${state} at once`, () => {
        const { host, events } = assign(hostOf({ state: before, revision: 2, expiresAt: 9 }), parsePlan(word), 99)
        assert.deepEqual(
          [host.state, host.plan.images, host.revision, host.expiresAt, host.reason],
          [state, [], 3, undefined, undefined],
        )
        assert.deepEqual(events, [{ type: 'assigned', text: `set to ${state} by an operator` }])
      })
    }
  }

  for (const plan of ['esxi8', 'new', 'finished']) {
    for (const state of HOST_STATES) {
      test(`of "${plan}" to a protected host that is ${state} is refused`, () => {
        assert.throws(() => assign(hostOf({ state, protected: true }), parsePlan(plan)), PROTECTED)
      })
    }
  }
})

describe('a retry', () => {
  const failed = hostOf({ state: 'failed', plan: parsePlan('wipe,esxi8'), revision: 4, reason: 'wipe: x' })

  test('lets a failed host have its plan again', () => {
    const { host, events } = retry(failed)
    assert.deepEqual(host, { ...failed, state: 'assigned', rest: 'failed', revision: 5, reason: undefined })
    assert.deepEqual(events, [{ type: 'assigned', text: 'plan wipe,esxi8 is tried again' }])
  })

  for (const state of HOST_STATES.filter((name) => name !== 'failed')) {
    test(`of a host that is ${state} is refused`, () => {
      assert.throws(() => retry({ ...failed, state }), { kind: 'conflict' })
    })
  }

  test('of a protected host is refused', () => assert.throws(() => retry({ ...failed, protected: true }), PROTECTED))

  test('of a host whose plan is void is refused: there is nothing to try', () => {
    assert.throws(() => retry(hostOf({ state: 'failed' })), {
      kind: 'conflict',
      message: 'host 1 has no plan to try again; assign one',
    })
  })
})

describe('protection', () => {
  for (const state of ['new', 'finished', 'failed'] as const) {
    test(`is given to a host that is ${state}, and taken away again`, () => {
      const host = hostOf({ state })
      const given = protect(host)
      assert.deepEqual(given.host, { ...host, protected: true })
      assert.equal(given.events[0]?.type, 'protected')
      const taken = unprotect(given.host)
      assert.deepEqual(taken.host, host)
      assert.equal(taken.events[0]?.type, 'unprotected')
    })
  }
  for (const state of ['assigned', 'installing'] as const) {
    test(`of a host that is ${state} is refused`, () => {
      const message = `host 1 is ${state}; set it to finished or new before protecting it`
      assert.throws(() => protect(hostOf({ state })), { kind: 'conflict', message })
    })
  }
  test('given or taken twice changes nothing and tells nothing', () => {
    const host = hostOf({ protected: true })
    assert.deepEqual(protect(host), { host, events: [] })
    assert.deepEqual(unprotect(hostOf()), { host: hostOf(), events: [] })
  })
})

describe('what an operator says of a host', () => {
  test('is its name, in lower case', () => {
    const { host, events } = rename(hostOf(), ' ESX1.Lab ')
    assert.equal(host.hostname, 'esx1.lab')
    assert.deepEqual(events, [{ type: 'edited', text: 'name is now esx1.lab' }])
    assert.equal(nameOf(host), 'host 1 (esx1.lab)')
  })
  test('takes the name away when it is empty', () => {
    const { host, events } = rename(hostOf({ hostname: 'esx1' }), '')
    assert.equal(host.hostname, undefined)
    assert.deepEqual(events, [{ type: 'edited', text: 'name taken away' }])
  })
  test('changes nothing when it is the name that it has', () => {
    const host = hostOf({ hostname: 'esx1' })
    assert.deepEqual(rename(host, 'ESX1'), { host, events: [] })
  })
  test('replaces the metadata and the way to the disk', () => {
    const host = hostOf({ metadata: { old: 1 } })
    assert.deepEqual(setMetadata(host, { rack: 'r1' }).host, { ...host, metadata: { rack: 'r1' } })
    assert.deepEqual(setLocalBoot(host, 'sanboot').host, { ...host, localBoot: 'sanboot' })
  })
  const wrong = [
    'a b',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a_b',
    'ä',
    'a\nb',
    '17',
    'a'.repeat(64),
    `${'a.'.repeat(127)}a`,
    '$(x)',
  ]
  for (const name of wrong) {
    test(`is no name: ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.throws(() => readHostname(name), { kind: 'invalid' })
    })
  }
  for (const name of ['a', '1a', 'esx-1', 'esx1.lab.example', 'a'.repeat(63), '10.77.0.1']) {
    test(`is a name: ${name.slice(0, 20)}`, () => assert.equal(readHostname(name), name))
  }
})

describe('forgetting', () => {
  const host = hostOf({ macs: [macOf(1), macOf(2)], serial: 'S1', uuid: 'u' })
  test('takes away one card, the serial or the uuid', () => {
    assert.deepEqual(forget(host, { mac: macOf(1) }).host, { ...host, macs: [macOf(2)] })
    assert.deepEqual(forget(host, 'serial').host, { ...host, serial: undefined })
    assert.deepEqual(forget(host, 'uuid').host, { ...host, uuid: undefined })
    assert.deepEqual(forget(host, 'serial').events, [{ type: 'forgotten', text: 'serial S1 taken away' }])
  })
  test('what a host does not have is refused', () => {
    assert.throws(() => forget(host, { mac: macOf(3) }), { kind: 'not-found' })
    assert.throws(() => forget(hostOf(), 'serial'), { kind: 'not-found', message: 'host 1 has no serial' })
  })
  test('anything of a protected host is refused: the machine would be a new one without protection', () => {
    for (const what of ['serial', 'uuid', { mac: macOf(1) }] as const) {
      assert.throws(() => forget({ ...host, protected: true }, what), PROTECTED)
    }
  })
})

describe('a merge', () => {
  const kept = hostOf({
    macs: [macOf(1)],
    serial: 'S1',
    metadata: { rack: 'r1' },
    plan: parsePlan('a'),
    state: 'assigned',
  })
  const gone = hostOf({
    id: 2,
    macs: [macOf(2), macOf(1)],
    serial: 'S2',
    uuid: 'u2',
    hostname: 'esx2',
    metadata: { rack: 'r2', row: 2 },
    state: 'failed',
    plan: parsePlan('b'),
  })
  test('keeps the first, with what the second knows beside', () => {
    assert.deepEqual(merge(kept, gone), {
      host: {
        ...kept,
        hostname: 'esx2',
        macs: [macOf(1), macOf(2)],
        uuid: 'u2',
        metadata: { rack: 'r1', row: 2 },
      },
      events: [{ type: 'merged', text: 'took over the identity of host 2 (esx2)' }],
    })
  })
  test('with itself is refused', () => assert.throws(() => merge(kept, kept), { kind: 'invalid' }))
  test('of a protected host is refused, whichever it is', () => {
    assert.throws(() => merge({ ...kept, protected: true }, gone), PROTECTED)
    assert.throws(() => merge(kept, { ...gone, protected: true }), {
      kind: 'conflict',
      message: /host 2 .* is protected/,
    })
  })
  test('of a host that is being installed is refused, whichever it is', () => {
    assert.throws(() => merge({ ...kept, state: 'installing' }, gone), { kind: 'conflict' })
    assert.throws(() => merge(kept, { ...gone, state: 'installing' }), { kind: 'conflict' })
  })
})

test('changed metadata are told by their paths, and only those that changed', () => {
  const host = hostOf({ metadata: { rack: 'b4', esxi: { disk: 'local' } } })
  const change = editMetadata(host, [
    { path: ['esxi', 'disk'] },
    { path: ['rack'], value: 'b4' },
    { path: ['esxi', 'vlan'], value: 20 },
  ])
  assert.deepEqual(change.host.metadata, { rack: 'b4', esxi: { vlan: 20 } })
  assert.deepEqual(change.events, [{ type: 'edited', text: 'metadata: esxi.disk taken away, esxi.vlan set' }])
  assert.deepEqual(editMetadata(host, [{ path: ['none'] }]), { host, events: [] })
})
