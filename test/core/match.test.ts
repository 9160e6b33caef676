import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Identity } from '../../src/core/identity.ts'
import { learnIdentity, matchHost } from '../../src/core/match.ts'
import { hostOf, identityOf, macOf } from '../support/hosts.ts'

const UUIDS = ['4c4c4544-0051-3510-8052-000000000001', '4c4c4544-0051-3510-8052-000000000002'] as const
const KNOWN = hostOf({ macs: [macOf(1), macOf(2)], serial: 'S1', uuid: UUIDS[0] })

/**
 * Every way in which a machine can agree (a) with the one host that shares something with it, disagree (d) or be silent (s):
 * serial, uuid, mac. `k`: it is that host; `c`: a person must say.
 */
const EXPECTED: readonly string[] = [
  ...['aaa k', 'aad k', 'aas k', 'ada k', 'add c', 'ads c', 'asa k', 'asd c', 'ass k'],
  ...['daa k', 'dad c', 'das c', 'dda c', /* ddd, dds share nothing */ 'dsa c' /* dsd, dss share nothing */],
  ...['saa k', 'sad k', 'sas k', 'sda c', /* sdd, sds share nothing */ 'ssa k' /* ssd, sss share nothing */],
]

const WORDS = { a: 'agrees', d: 'differs', s: 'is not told' } as const
type Verdict = keyof typeof WORDS

describe('a machine that shares something with one host', () => {
  for (const row of EXPECTED) {
    const [serial, uuid, mac, , verdict] = [...row] as [Verdict, Verdict, Verdict, string, 'k' | 'c']
    const seen = identityOf({
      serial: { a: 'S1', d: 'S2', s: undefined }[serial],
      uuid: { a: UUIDS[0], d: UUIDS[1], s: undefined }[uuid],
      macs: { a: [macOf(2), macOf(3)], d: [macOf(3)], s: [] }[mac],
    })
    const told = `serial ${WORDS[serial]}, uuid ${WORDS[uuid]}, mac ${WORDS[mac]}`
    test(`${verdict === 'k' ? 'is that host' : 'is a conflict'} when its ${told}`, () => {
      const match = matchHost(seen, [KNOWN])
      assert.equal(match.kind, verdict === 'k' ? 'known' : 'conflict')
      if (match.kind === 'conflict') assert.deepEqual(match.hosts, [KNOWN])
    })
  }
})

describe('a host that is silent itself', () => {
  const cases: readonly (readonly [string, Partial<Identity>, Identity, 'known' | 'conflict'])[] = [
    [
      'only a serial',
      { macs: [], serial: 'S1' },
      identityOf({ serial: 'S1', uuid: UUIDS[0], macs: [macOf(1)] }),
      'known',
    ],
    ['only a card', { macs: [macOf(1)] }, identityOf({ serial: 'S1', uuid: UUIDS[0], macs: [macOf(1)] }), 'known'],
    [
      'no uuid, with other cards',
      { serial: 'S1' },
      identityOf({ serial: 'S1', uuid: UUIDS[0], macs: [macOf(2)] }),
      'conflict',
    ],
    ['no serial, with other cards', { uuid: UUIDS[0] }, identityOf({ uuid: UUIDS[0], macs: [macOf(2)] }), 'known'],
  ]
  for (const [what, known, seen, kind] of cases) {
    test(`(${what}) is ${kind === 'known' ? 'recognised' : 'a conflict'}`, () => {
      assert.equal(matchHost(seen, [hostOf(known)]).kind, kind)
    })
  }
})

test('a machine that shares nothing with anyone is unknown', () => {
  assert.deepEqual(matchHost(identityOf({ serial: 'S1' }), []), { kind: 'unknown' })
})

test('a machine that fits two hosts is a conflict that names both, however well one of them fits', () => {
  const other = hostOf({ id: 2, hostname: 'esx2', macs: [macOf(3)] })
  const match = matchHost(identityOf({ serial: 'S1', uuid: UUIDS[0], macs: [...KNOWN.macs, macOf(3)] }), [KNOWN, other])
  assert.deepEqual(match, {
    kind: 'conflict',
    hosts: [KNOWN, other],
    why: 'this machine fits host 1 and host 2 (esx2)',
  })
})

test('two boards with one serial are two hosts for good, once a person has let the second be one', () => {
  const second = hostOf({ id: 2, macs: [macOf(3)], serial: 'S1', uuid: UUIDS[1] })
  const asFirst = matchHost(identityOf({ serial: 'S1', uuid: UUIDS[0], macs: [macOf(1)] }), [KNOWN, second])
  assert.deepEqual(asFirst, { kind: 'known', host: KNOWN })
  const asSecond = matchHost(identityOf({ serial: 'S1', uuid: UUIDS[1], macs: [macOf(3)] }), [KNOWN, second])
  assert.deepEqual(asSecond, { kind: 'known', host: second })
})

test('a machine that shares only a number with each of two hosts is a conflict', () => {
  const second = hostOf({ id: 2, macs: [macOf(3)], serial: 'S2', uuid: UUIDS[1] })
  const match = matchHost(identityOf({ serial: 'S1', uuid: UUIDS[1], macs: [macOf(9)] }), [KNOWN, second])
  assert.equal(match.kind, 'conflict')
})

test('a card of another host is a conflict, although serial and uuid say which machine it is in', () => {
  const second = hostOf({ id: 2, macs: [macOf(3)], serial: 'S2', uuid: UUIDS[1] })
  const seen = identityOf({ serial: 'S1', uuid: UUIDS[0], macs: [macOf(1), macOf(3)] })
  assert.equal(matchHost(seen, [KNOWN, second]).kind, 'conflict')
})

test('a conflict with one host says what is shared and who that host is', () => {
  const match = matchHost(identityOf({ serial: 'S1', uuid: UUIDS[1], macs: [macOf(3)] }), [KNOWN])
  assert.ok(match.kind === 'conflict')
  const known = `serial S1, uuid ${UUIDS[0]}, mac ${macOf(1)} ${macOf(2)}`
  assert.equal(match.why, `this machine shares its serial with host 1, which is ${known}`)
})

describe('a host learns', () => {
  test('cards that it did not have, after those that it had', () => {
    const learned = learnIdentity(KNOWN, identityOf({ macs: [macOf(9), macOf(1), macOf(8)] }))
    assert.deepEqual(learned.identity.macs, [macOf(1), macOf(2), macOf(9), macOf(8)])
    assert.deepEqual(learned.news, [`learned mac ${macOf(9)} ${macOf(8)}`])
    assert.equal(learned.identity.serial, 'S1')
  })

  test('a card once, when firmware tells of it twice', () => {
    const learned = learnIdentity(KNOWN, identityOf({ macs: [macOf(9), macOf(9)] }))
    assert.deepEqual(learned.identity.macs, [macOf(1), macOf(2), macOf(9)])
  })

  test('a serial and a uuid that were not known or are others now, and says what they were', () => {
    const { identity, news } = learnIdentity(
      { ...KNOWN, uuid: undefined },
      identityOf({ serial: 'S2', uuid: UUIDS[1] }),
    )
    assert.deepEqual(identity, { macs: KNOWN.macs, serial: 'S2', uuid: UUIDS[1] })
    assert.deepEqual(news, ['serial is now S2, was S1', `uuid is now ${UUIDS[1]}`])
  })

  test('nothing from silence, and keeps its list of cards as it was', () => {
    const { identity, news } = learnIdentity(KNOWN, identityOf())
    assert.deepEqual(news, [])
    assert.equal(identity.macs, KNOWN.macs)
  })

  test('of 32 cards and no more, even when it has more than that already', () => {
    const macs = (from: number, count: number) => Array.from({ length: count }, (_, n) => macOf(from + n))
    for (const had of [0, 1, 31, 32, 33, 64]) {
      const host = hostOf({ macs: macs(1, had) })
      const { identity } = learnIdentity(host, identityOf({ macs: macs(1000, 40) }))
      assert.equal(identity.macs.length, Math.max(32, had), `${had} cards`)
    }
  })

  test('each thing once: what it learned is no news the second time', () => {
    const mac = fc.integer({ min: 1, max: 40 }).map(macOf)
    const identity = fc.record({
      macs: fc.array(mac, { maxLength: 8 }),
      serial: fc.constantFrom(undefined, 'S1', 'S2'),
      uuid: fc.constantFrom(undefined, ...UUIDS),
    })
    fc.assert(
      fc.property(identity, identity, (known, seen) => {
        const once = learnIdentity(learnIdentity(identityOf(), known).identity, seen).identity
        assert.equal(new Set(once.macs).size, once.macs.length)
        assert.deepEqual(learnIdentity(once, seen), { identity: once, news: [] })
      }),
    )
  })
})
