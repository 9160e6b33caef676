import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteHost, type EditDeps, editHost, mergeHosts } from '../../src/commands/edit-host.ts'
import type { Host } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { hostOf, identityOf, imageOf, macOf } from '../support/hosts.ts'

const NOW = 1_000_000

async function world(...hosts: Partial<Host>[]): Promise<EditDeps & AsyncDisposable> {
  const store = openSqliteStore(':memory:')
  const all = hosts.map((parts, index) =>
    hostOf({ id: index + 1, ...identityOf({ macs: [macOf(index + 1)] }), ...parts }),
  )
  await store.addHosts(all, 0, { type: 'imported', text: 'by a test' })
  const names = ['wipe', 'esxi8']
  const images = {
    find: (name: string) => (names.includes(name) ? imageOf(name) : undefined),
    list: [...names.map((name) => ({ name, image: imageOf(name) })), { name: 'torn', problem: 'it has no kernel' }],
    problems: async () => [],
  }
  return { store, images, now: () => NOW, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

test('several edits of one host are made in an order that makes sense of them', async () => {
  await using deps = await world({ protected: true })
  const { host, events } = await editHost(deps, '1', { name: 'esx1', plan: parsePlan('wipe,esxi8'), protected: false })
  assert.equal(host.state, 'assigned')
  assert.equal(host.hostname, 'esx1')
  assert.deepEqual(
    events.map(({ type }) => type),
    ['unprotected', 'edited', 'assigned'],
  )
})

test('of several edits none is made when one is refused', async () => {
  await using deps = await world({ protected: true })
  await assert.rejects(editHost(deps, '1', { name: 'esx1', plan: parsePlan('esxi8') }), { kind: 'conflict' })
  assert.equal((await deps.store.findHost(1))?.hostname, undefined)
  assert.deepEqual((await deps.store.listEvents({ host: 1 })).length, 1)
})

test('an edit and its events are written together', async () => {
  await using deps = await world({})
  await editHost(deps, '1', { metadata: { rack: 'b4' }, localBoot: 'exit' })
  const events = await deps.store.listEvents({ host: 1 })
  assert.deepEqual(
    events.map(({ type }) => type),
    ['imported', 'edited', 'edited'],
  )
})

test("a host's firmware may be told to start without iPXE, once, and back; dnsmasq is told its cards", async () => {
  await using deps = await world({}, { macs: [macOf(9), macOf(8)] }, {})
  assert.deepEqual(await deps.store.listCardsWithoutIpxe(), [])
  const texts: string[] = []
  for (const firmwareBoot of ['http', 'http', 'ipxe', 'http'] as const) {
    const { host, events } = await editHost(deps, '2', { firmwareBoot })
    assert.equal(host.firmwareBoot, firmwareBoot)
    texts.push(...events.map(({ text }) => text))
  }
  const on = "starts its installer by its firmware's HTTP boot"
  assert.deepEqual(texts, [on, 'starts by iPXE', on])
  assert.deepEqual(await deps.store.listCardsWithoutIpxe(), [macOf(8), macOf(9)])
})

test('an expiry counts from the moment of the edit', async () => {
  await using deps = await world({})
  const { host } = await editHost(deps, '1', { plan: parsePlan('esxi8'), expiresIn: 5000 })
  assert.equal(host.expiresAt, NOW + 5000)
})

test('a plan that is void does not stand in the way of protecting its host', async () => {
  await using deps = await world({ state: 'assigned', plan: parsePlan('esxi8'), expiresAt: NOW - 1, rest: 'finished' })
  const { host, events } = await editHost(deps, '1', { protected: true })
  assert.deepEqual([host.state, host.protected], ['finished', true])
  assert.deepEqual(
    events.map(({ type }) => type),
    ['expired', 'protected'],
  )
})

test('an image that is not there is refused with the names of those that are', async () => {
  await using deps = await world({})
  await assert.rejects(editHost(deps, '1', { plan: parsePlan('wipe,esxi9') }), {
    kind: 'not-found',
    message: 'there is no image esxi9; there are wipe, esxi8',
  })
})

test('an image that cannot be used is refused with what is wrong with it', async () => {
  await using deps = await world({})
  await assert.rejects(editHost(deps, '1', { plan: parsePlan('torn') }), {
    kind: 'conflict',
    message: 'image torn cannot be used: it has no kernel',
  })
})

test('a failed host has its plan again, but not one of an image that is gone', async () => {
  await using deps = await world(
    { state: 'failed', plan: parsePlan('wipe') },
    { state: 'failed', plan: parsePlan('gone') },
    { state: 'failed', plan: parsePlan('finished') },
  )
  assert.equal((await editHost(deps, '1', { retry: true })).host.state, 'assigned')
  await assert.rejects(editHost(deps, '2', { retry: true }), { kind: 'not-found' })
  await assert.rejects(editHost(deps, '3', { retry: true }), { message: /has no plan to try again/ })
})

for (const text of [
  '1',
  'esx1',
  'ESX1',
  macOf(1),
  macOf(1).replaceAll(':', '-').toUpperCase(),
  'czj1',
  'B0B0B0B0-0000-4000-8000-00000000000A',
]) {
  test(`a host is found as ${text}`, async () => {
    await using deps = await world({ hostname: 'esx1', serial: 'CZJ1', uuid: 'b0b0b0b0-0000-4000-8000-00000000000a' })
    assert.equal((await editHost(deps, text, {})).host.id, 1)
  })
}

test('a text that could be two hosts is refused and names both', async () => {
  await using deps = await world({ hostname: 'abc' }, { serial: 'ABC' })
  await assert.rejects(editHost(deps, 'abc', { protected: true }), {
    message: /several hosts.*host 1 \(abc\).*host 2/,
  })
})

test('merging tells which host is gone', async () => {
  await using deps = await world({ hostname: 'esx1' }, { serial: 'CZJ2' })
  const { host, gone } = await mergeHosts(deps, 'esx1', 'CZJ2')
  assert.deepEqual([host.id, gone.id, host.serial], [1, 2, 'CZJ2'])
  assert.equal(await deps.store.findHost(2), undefined)
})

for (const parts of [{ protected: true }, { state: 'installing', plan: parsePlan('esxi8') }] as const) {
  test(`a host that is ${'state' in parts ? 'being installed' : 'protected'} is not deleted`, async () => {
    await using deps = await world(parts)
    await assert.rejects(deleteHost(deps, '1'), { kind: 'conflict' })
    assert.notEqual(await deps.store.findHost(1), undefined)
  })
}

test('every event of a command says who gave it; what nobody did says nothing', async () => {
  await using deps = await world({ state: 'assigned', plan: parsePlan('wipe'), expiresAt: 1 }, { serial: 'CZJ2' }, {})
  const byAlice = { ...deps, now: () => 5, by: 'cli alice' }
  await editHost(byAlice, '1', { name: 'esx1', protected: true })
  await mergeHosts({ ...byAlice, by: 'token ops' }, '3', '2')
  await deleteHost(byAlice, '3')
  await editHost(deps, '1', { protected: false })
  const told = (await deps.store.listEvents({})).map(({ type, by }) => `${type} ${by}`)
  assert.deepEqual(told.slice(-6), [
    ...['expired undefined', 'edited cli alice', 'protected cli alice'],
    ...['merged token ops', 'deleted cli alice', 'unprotected undefined'],
  ])
})

test('what the installer would refuse is not assigned; the host is looked at as the same command makes it', async () => {
  await using deps = await world({ hostname: 'esx1' })
  const seen: unknown[] = []
  const images = {
    ...deps.images,
    problems: async (host: Host, { name }: { name: string }) => {
      seen.push([name, host.state, host.hostname, host.metadata])
      return name === 'esxi8' ? ['no root password is set', 'the disk is none'] : []
    },
  }
  const edits = { name: 'esx2', metadata: { a: 1 }, plan: parsePlan('wipe,esxi8') }
  await assert.rejects(editHost({ ...deps, images }, '1', edits), {
    kind: 'conflict',
    message: 'esxi8 cannot be installed on host 1 (esx2):\n  no root password is set\n  the disk is none',
  })
  assert.deepEqual(seen, [
    ['wipe', 'assigned', 'esx2', { a: 1 }],
    ['esxi8', 'assigned', 'esx2', { a: 1 }],
  ])
  assert.equal((await deps.store.findHost(1))?.state, 'new')
})

test('a host that others change while its image is looked at is looked at again', async () => {
  await using deps = await world({})
  const seen: unknown[] = []
  const images = {
    ...deps.images,
    problems: async (host: Host) => {
      seen.push(host.metadata)
      if (seen.length > 1) return []
      await editHost(deps, '1', { metadata: { changed: true } })
      return []
    },
  }
  const { host, events } = await editHost({ ...deps, images }, '1', { plan: parsePlan('esxi8') })
  assert.deepEqual(seen, [{}, { changed: true }])
  assert.deepEqual([host.state, host.metadata, events.length], ['assigned', { changed: true }, 1])
})
