import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finish, progress } from '../../src/core/boot.ts'
import { describeMachine } from '../../src/core/describe-machine.ts'
import { assign, forget, merge, rename } from '../../src/core/edit.ts'
import { ProvisionError } from '../../src/core/errors.ts'
import type { Host } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import type { Store } from '../../src/store/store.ts'
import { hostOf, imagesOf, macOf } from '../support/hosts.ts'
import { eachStore, edited, mustMeet, newHash, toldOf } from '../support/stores.ts'

/** A host that installs `image`, and the hash of its boot. */
async function installing(store: Store, n: number, image: string): Promise<{ host: Host; hash: string; boot: number }> {
  const { host } = await mustMeet(store, { macs: [macOf(n)] })
  await store.changeHost(host.id, 0, (known) => assign(known, parsePlan(image)))
  const hash = newHash()
  const policy = { firstPlan: undefined, findImage: imagesOf(image) }
  const met = await mustMeet(store, { macs: [macOf(n)] }, { hash, policy })
  return { host: met.host, hash, boot: met.boot.number }
}

eachStore((open) => {
  test('a callback changes the boot, its host and its events together', async (t) => {
    const store = open(t)
    const { hash, boot } = await installing(store, 1, 'esxi8')
    const changed = await store.changeBoot(hash, (host, one) => finish(host, one, 5000))
    assert.deepEqual(await store.findBoot(hash), { host: changed?.host, boot: changed?.boot })
    assert.deepEqual(
      [changed?.host.state, changed?.boot.outcome, changed?.boot.endedAt],
      ['finished', 'finished', 5000],
    )
    assert.equal((await toldOf(store, 1)).at(-1), `5000 ${boot} finished: esxi8 is applied; it is finished now`)
  })

  test('a callback of an unknown boot changes nothing', async (t) => {
    const store = open(t)
    assert.equal(await store.changeBoot('none', () => assert.fail('there is no boot')), undefined)
    assert.equal(await store.findBoot('none'), undefined)
  })

  test('a refused callback is told to the caller and to the events, and changes nothing else', async (t) => {
    const store = open(t)
    const { hash, boot } = await installing(store, 1, 'esxi8')
    const before = await store.changeHost(1, 0, (host) => assign(host, parsePlan('wipe')))
    const changed = await store.changeBoot(hash, (host, one) => finish(host, one, 5000))
    assert.equal(changed?.refused?.kind, 'unauthorized')
    assert.deepEqual(await store.findHost(1), before)
    const text = 'finish refused: the plan of host 1 was changed after this boot'
    assert.equal((await toldOf(store, 1)).at(-1), `5000 ${boot} refused: ${text}`)
  })

  test('many callbacks of one boot in one moment finish it once', async (t) => {
    const store = open(t)
    const { hash } = await installing(store, 1, 'esxi8,wipe'.split(',')[0] ?? '')
    const all = await Promise.all(
      Array.from({ length: 20 }, () => store.changeBoot(hash, (host, boot) => finish(host, boot, 1))),
    )
    assert.deepEqual(all.flatMap((one) => one?.events ?? []).length, 1)
    assert.ok(all.every((one) => one?.refused === undefined))
  })

  test('what a discovery image finds is learned, unless another host is known by it', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(7)] })
    const { hash, host } = await installing(store, 1, 'discover')
    const tell = (n: number) =>
      store.changeBoot(hash, (known, boot) => describeMachine(known, boot, { macs: [macOf(n)], metadata: { n } }, 1))
    await assert.rejects(tell(7), { name: 'ProvisionError', kind: 'conflict' })
    assert.deepEqual(await store.findHost(host.id), host)
    assert.deepEqual((await tell(8))?.host.macs, [macOf(1), macOf(8)])
    assert.deepEqual(
      (await store.findHosts(macOf(8))).map(({ id }) => id),
      [host.id],
    )
  })

  test('a change of a host is kept with its events, or not at all', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(1)] })
    const host = await store.changeHost(1, 7, (known) => rename(known, 'esx1'))
    assert.deepEqual(await store.findHost(1), host)
    assert.equal((await toldOf(store, 1)).at(-1), '7 - edited: name is now esx1')
    const before = await toldOf(store, 1)
    const refusal = new ProvisionError('conflict', 'no')
    const refused = store.changeHost(1, 8, () => {
      throw refusal
    })
    await assert.rejects(refused, (error) => error === refusal)
    assert.deepEqual([await store.findHost(1), await toldOf(store, 1)], [host, before])
  })

  test('no change of an unknown host', async (t) => {
    const store = open(t)
    const unknown = { kind: 'not-found', message: 'there is no host 4' }
    await assert.rejects(
      store.changeHost(4, 0, () => assert.fail()),
      unknown,
    )
    await assert.rejects(
      store.deleteHost(4, 0, () => assert.fail()),
      unknown,
    )
    await mustMeet(store, { macs: [macOf(1)] })
    await assert.rejects(
      store.mergeHosts(1, 4, 0, () => assert.fail()),
      unknown,
    )
    await assert.rejects(
      store.mergeHosts(4, 1, 0, () => assert.fail()),
      unknown,
    )
    assert.equal((await store.listHosts()).length, 1)
  })

  const identifiers: readonly (readonly [string, Partial<Host>])[] = [
    ['serial', { serial: 'S1' }],
    ['uuid', { uuid: 'u1' }],
    ['card', { macs: [macOf(1)] }],
    ['name', { hostname: 'esx1' }],
  ]
  for (const [what, taken] of identifiers) {
    test(`no two hosts have one ${what}, and the refusal says whose it is`, async (t) => {
      const store = open(t)
      await store.addHosts([hostOf({ id: 1, ...taken }), hostOf({ id: 2, macs: [macOf(2)] })], 0, IMPORTED)
      const change = store.changeHost(
        2,
        0,
        edited((host) => ({ ...host, ...taken })),
      )
      await assert.rejects(change, { name: 'ProvisionError', kind: 'conflict', message: /^host 1.* already has/ })
      await assert.rejects(store.addHosts([hostOf({ id: 0, macs: [], ...taken })], 0, IMPORTED), { kind: 'conflict' })
      assert.deepEqual((await store.findHost(2))?.macs, [macOf(2)])
      assert.equal((await store.listHosts()).length, 2)
    })
  }

  test('of two hosts that are given one name in one moment, one gets it', async (t) => {
    const store = open(t)
    for (const n of [1, 2, 3]) await mustMeet(store, { macs: [macOf(n)] })
    const given = await Promise.allSettled(
      [1, 2, 3].map((id) => store.changeHost(id, 0, (host) => rename(host, 'esx1'))),
    )
    assert.deepEqual(
      given.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    )
    assert.deepEqual(
      (await store.listHosts()).map(({ hostname }) => hostname),
      ['esx1', undefined, undefined],
    )
  })

  test('a hundred changes in one moment are all there, in their order', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(1)] })
    const count = edited((host) => ({ ...host, metadata: { n: Number(host.metadata['n'] ?? 0) + 1 } }))
    const hosts = await Promise.all(Array.from({ length: 100 }, (_, at) => store.changeHost(1, at, count)))
    assert.deepEqual(
      hosts.map((host) => host.metadata['n']),
      Array.from({ length: 100 }, (_, n) => n + 1),
    )
  })

  test('two hosts become one, with the cards, the name and the events of both', async (t) => {
    const store = open(t)
    const kept = await mustMeet(store, { macs: [macOf(1)], serial: 'S1' }, { at: 1 })
    const goneHash = newHash()
    const gone = await mustMeet(store, { macs: [macOf(2)], serial: 'S2', uuid: 'u2' }, { at: 2, hash: goneHash })
    await store.changeHost(2, 3, (host) => rename(host, 'esx2'))
    const merged = await store.mergeHosts(1, 2, 4, merge)
    assert.deepEqual(
      [merged.macs, merged.serial, merged.uuid, merged.hostname],
      [[macOf(1), macOf(2)], 'S1', 'u2', 'esx2'],
    )
    assert.deepEqual(await store.listHosts(), [merged])
    assert.equal(await store.findBoot(goneHash), undefined)
    assert.deepEqual(await store.findHosts('S2'), [])
    const told = await toldOf(store, 1)
    assert.deepEqual(
      told.map((line) => line.split(': ')[0]),
      [
        `1 ${kept.boot.number} discovered`,
        `1 ${kept.boot.number} booted`,
        `2 ${gone.boot.number} discovered`,
        `2 ${gone.boot.number} booted`,
        '3 - edited',
        '4 - merged',
      ],
    )
    assert.deepEqual(await toldOf(store, 2), [])
    assert.equal((await mustMeet(store, { macs: [macOf(2)], uuid: 'u2' })).host.id, 1)
  })

  test('a merge that is refused leaves both hosts as they were', async (t) => {
    const store = open(t)
    for (const n of [1, 2]) await mustMeet(store, { macs: [macOf(n)] })
    await store.changeHost(
      2,
      0,
      edited((host) => ({ ...host, protected: true })),
    )
    const before = await store.listHosts()
    await assert.rejects(store.mergeHosts(1, 2, 4, merge), { kind: 'conflict' })
    await assert.rejects(store.mergeHosts(1, 1, 4, merge), { kind: 'invalid' })
    assert.deepEqual(await store.listHosts(), before)
  })

  test('an identifier that was taken away is free for another host', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(1), macOf(2)], serial: 'S1' })
    await store.changeHost(1, 0, (host) => forget(host, { mac: macOf(2) }))
    await store.changeHost(1, 0, (host) => forget(host, 'serial'))
    assert.equal((await mustMeet(store, { macs: [macOf(2)], serial: 'S1' })).host.id, 2)
  })

  test('hosts that come from elsewhere keep their ids and all that is known of them', async (t) => {
    const store = open(t)
    const whole = hostOf({
      ...{ id: 17, hostname: 'esx1', macs: [macOf(3), macOf(1)], serial: 'S\u{1f600}"1', uuid: 'u1', state: 'failed' },
      ...{ plan: parsePlan('a,b,new'), rest: 'finished', revision: 3, expiresAt: 99, protected: true, progress: 5 },
      ...{
        metadata: { dmi: { a: [1, null, 'x\n'] }, ['__proto__']: { x: 1 } },
        localBoot: 'sanboot',
        firmwareBoot: 'http',
        reason: 'a: "x"',
      },
      ...{
        firmware: { platform: 'efi', arch: 'x', manufacturer: '', product: 'ä', ipxe: '' },
        address: '::1',
        seenAt: 4,
      },
    })
    await store.addHosts([whole, hostOf({ id: 0, macs: [] })], 5, IMPORTED)
    assert.deepEqual(await store.findHost(17), whole)
    assert.deepEqual(
      (await store.listHosts()).map(({ id }) => id),
      [17, 18],
    )
    assert.deepEqual([await toldOf(store, 17), await toldOf(store, 18)], [['5 - imported: x'], ['5 - imported: x']])
    assert.equal((await mustMeet(store, { macs: [macOf(9)] })).host.id, 19)
  })

  const unfit: readonly (readonly [string, Host])[] = [
    ['has an id that is taken', hostOf({ id: 1, macs: [] })],
    ['has the id of one before it', hostOf({ id: 5, macs: [] })],
    ['has a card of one before it', hostOf({ id: 6, macs: [macOf(5)] })],
    ['has no whole number for an id', hostOf({ id: 1.5, macs: [] })],
    ['has an id below nothing', hostOf({ id: -1, macs: [] })],
    ['has an id that is no number', hostOf({ id: Number.NaN, macs: [] })],
    ['has an id after which there is none', hostOf({ id: Number.MAX_SAFE_INTEGER + 1, macs: [] })],
  ]
  for (const [what, host] of unfit) {
    test(`no host is added when one of them ${what}`, async (t) => {
      const store = open(t)
      await mustMeet(store, { macs: [macOf(1)] })
      const events = await store.listEvents({})
      const adding = store.addHosts([hostOf({ id: 5, macs: [macOf(5)] }), host], 0, IMPORTED)
      await assert.rejects(
        adding,
        (error) => error instanceof ProvisionError && ['conflict', 'invalid'].includes(error.kind),
      )
      assert.deepEqual(
        (await store.listHosts()).map(({ id }) => id),
        [1],
      )
      assert.deepEqual(await store.listEvents({}), events)
    })
  }

  test('a card that a host names twice is one card', async (t) => {
    const store = open(t)
    await store.addHosts([hostOf({ id: 3, macs: [macOf(1), macOf(2), macOf(1)] })], 0, IMPORTED)
    assert.deepEqual((await store.findHost(3))?.macs, [macOf(1), macOf(2)])
  })

  test('a deleted host is gone with its boots; what happened to it stays, and its id is not given again', async (t) => {
    const store = open(t)
    const hash = newHash()
    const { host } = await mustMeet(store, { macs: [macOf(1)] }, { hash })
    assert.deepEqual(
      await store.deleteHost(1, 9, () => ({ type: 'deleted', text: 'deleted by an operator', by: 'loopback' })),
      host,
    )
    assert.deepEqual([await store.findHost(1), await store.findBoot(hash)], [undefined, undefined])
    assert.deepEqual((await toldOf(store, 1)).at(-1), '9 - deleted: deleted by an operator')
    assert.equal((await mustMeet(store, { macs: [macOf(1)] })).host.id, 2)
  })

  test('a host whose deletion is refused stays', async (t) => {
    const store = open(t)
    const { host } = await mustMeet(store, { macs: [macOf(1)] })
    const refuse = () => {
      throw new ProvisionError('conflict', 'no')
    }
    await assert.rejects(store.deleteHost(1, 9, refuse), { kind: 'conflict' })
    assert.deepEqual(await store.findHost(1), host)
  })

  test('a fetch is kept once and told to nobody', async (t) => {
    const store = open(t)
    const { hash } = await installing(store, 1, 'esxi8')
    const before = await toldOf(store, 1)
    for (const now of [10, 20]) await store.changeBoot(hash, (host, boot) => progress(host, boot, now))
    assert.equal((await store.findBoot(hash))?.boot.progressedAt, 10)
    assert.deepEqual(await toldOf(store, 1), before)
  })
})

const IMPORTED = { type: 'imported', text: 'x' } as const
