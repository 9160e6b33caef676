import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importKnownHosts, readKnownHosts } from '../../src/commands/import-known-hosts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { hostOf, macOf } from '../support/hosts.ts'

const HOLD = { keepPlans: false, at: 5 }
const KEEP = { keepPlans: true, at: 5 }

/** An entry as KIWIspray writes it. */
function entry(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    bootid: '0123',
    hostname: 'not-set',
    id: 1,
    macs: '02:00:00:00:00:0A 02-00-00-00-00-0B',
    metadata: {},
    serial: 'CZJ1',
    state: 'new',
    uuid: 'B0B0B0B0-0000-4000-8000-00000000000A',
    ...parts,
  }
}

const read = (parts: Record<string, unknown>, options = HOLD) => readKnownHosts([entry(parts)], [], options).hosts[0]

test('an entry keeps its id, identity and metadata', () => {
  const host = read({ id: 7, hostname: 'Esx1', metadata: { rack: { row: 'b' } } })
  assert.equal(host?.id, 7)
  assert.equal(host?.hostname, 'esx1')
  assert.deepEqual(host?.macs, ['02:00:00:00:00:0a', '02:00:00:00:00:0b'])
  assert.equal(host?.serial, 'CZJ1')
  assert.equal(host?.uuid, 'b0b0b0b0-0000-4000-8000-00000000000a')
  assert.deepEqual(host?.metadata, { rack: { row: 'b' } })
})

test("KIWIspray's word for no name is no name", () => {
  assert.equal(read({ hostname: 'not-set' })?.hostname, undefined)
})

for (const [state, keepPlans, expected] of [
  ['new', false, { state: 'new', images: [] }],
  ['finished', false, { state: 'finished', images: [] }],
  ['a,b', false, { state: 'failed', images: ['a', 'b'] }],
  ['discover,new', false, { state: 'failed', images: ['discover'] }],
  ['new', true, { state: 'new', images: [] }],
  ['finished', true, { state: 'finished', images: [] }],
  ['a,b', true, { state: 'assigned', images: ['a', 'b'] }],
  ['discover,new', true, { state: 'assigned', images: ['discover'] }],
] as const) {
  test(`state ${state} ${keepPlans ? 'with' : 'without'} --keep-plans becomes ${expected.state}`, () => {
    const host = read({ state }, keepPlans ? KEEP : HOLD)
    assert.deepEqual({ state: host?.state, images: host?.plan.images }, expected)
  })
}

test('a host that is held says why', () => {
  assert.equal(read({ state: 'a,b' })?.reason, 'imported with plan a,b; retry to run it')
})

test('placeholders are left out and told', () => {
  const parts = { serial: 'TO BE FILLED BY O.E.M.', uuid: 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', macs: '' }
  const { hosts, notes } = readKnownHosts([entry(parts)], [], HOLD)
  assert.deepEqual([hosts[0]?.serial, hosts[0]?.uuid], [undefined, undefined])
  assert.equal(notes.length, 3)
})

test('a name that is no host name is left out and told, and the host is taken over', () => {
  const { hosts, notes } = readKnownHosts([entry({ hostname: 'rack_1' })], [], HOLD)
  assert.deepEqual([hosts[0]?.id, hosts[0]?.hostname], [1, undefined])
  assert.match(notes.join(), /"rack_1" is left out/)
})

for (const [what, list, message] of [
  ['what is no list', { hosts: [] }, /no list of hosts/],
  ['an entry that is no object', [3], /entry 1: is no object/],
  ['an entry without an id', [entry({ id: undefined })], /id is not a whole number/],
  ['an entry without a state', [entry({ state: undefined })], /state is missing/],
  ['a state that cannot name an image', [entry({ state: 'a b' })], /state cannot be read/],
  ['a MAC address that cannot be read', [entry({ macs: '02:00:zz' })], /macs cannot be read/],
  ['metadata that is no object', [entry({ metadata: [] })], /metadata is no object/],
  ['a serial with control characters', [entry({ serial: 'a\nb' })], /serial cannot be read/],
  ['two entries with one id', [entry(), entry({ macs: '', serial: 'B', uuid: '' })], /id 1 is also that of/],
  [
    'two entries with one serial',
    [entry(), entry({ id: 2, macs: '', uuid: '' })],
    /serial CZJ1 is also that of host 1/,
  ],
  ['two entries with one MAC', [entry(), entry({ id: 2, serial: '', uuid: '' })], /mac 02:00:00:00:00:0a is also/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => readKnownHosts(list, [], HOLD), { name: 'ProvisionError', message })
  })
}

test('all that is wrong is told at once', () => {
  const list = [entry({ id: 'x' }), entry({ macs: 'zz' }), 3]
  assert.throws(
    () => readKnownHosts(list, [], HOLD),
    ({ message }: Error) => message.split('\n').length === 4,
  )
})

test('a list that fits beside the hosts that are there is taken over whole', async () => {
  await using store = openSqliteStore(':memory:')
  await store.addHosts([hostOf({ id: 3, macs: [macOf(3)] })], 0, { type: 'imported', text: '' })
  await importKnownHosts(store, [entry(), entry({ id: 2, macs: '', serial: 'B', uuid: '' })], HOLD)
  assert.deepEqual(
    (await store.listHosts()).map(({ id }) => id),
    [1, 2, 3],
  )
  assert.deepEqual(
    (await store.listEvents({ host: 1 })).map(({ type }) => type),
    ['imported'],
  )
})

test('a list with an id that is there already changes nothing', async () => {
  await using store = openSqliteStore(':memory:')
  await store.addHosts([hostOf({ id: 1, macs: [macOf(1)] })], 0, { type: 'imported', text: '' })
  const list = [entry({ id: 2 }), entry({ id: 1, macs: '', serial: 'B', uuid: '' })]
  await assert.rejects(importKnownHosts(store, list, HOLD), { kind: 'conflict', message: /host 1: id 1 is also/ })
  assert.equal((await store.listHosts()).length, 1)
})
