import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assign } from '../../src/core/edit.ts'
import { ProvisionError } from '../../src/core/errors.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { identityOf, macOf } from '../support/hosts.ts'
import { eachStore, meet, mustMeet, newHash, toldOf } from '../support/stores.ts'

eachStore((open) => {
  test('a machine that was never seen is kept as it was met, with the boot that was opened for it', async (t) => {
    const store = open(t)
    const hash = newHash()
    const { host, boot, known } = await mustMeet(
      store,
      { macs: [macOf(2), macOf(1)], serial: 'S1', uuid: 'u1' },
      { hash },
    )
    assert.equal(known, undefined)
    assert.equal(host.id, 1)
    assert.deepEqual(await store.findHost(1), host)
    assert.deepEqual(await store.findBoot(hash), { host, boot })
    assert.deepEqual(
      { ...boot, number: 0 },
      {
        ...{ number: 0, hostId: 1, image: undefined, revision: 0, address: '10.77.0.9', openedAt: 1000 },
        ...{ progressedAt: undefined, endedAt: undefined, outcome: undefined },
      },
    )
    assert.deepEqual(await toldOf(store, 1), [
      `1000 ${boot.number} discovered: new machine: serial S1, uuid u1, mac ${macOf(2)} ${macOf(1)}`,
      `1000 ${boot.number} booted: waits for a plan`,
    ])
  })

  test('any identifier finds a known machine, and what it tells more is kept', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(1)], serial: 'S1' })
    for (const identity of [
      { macs: [macOf(1), macOf(3)] },
      { serial: 'S1' },
      { serial: 'S1', uuid: 'u1' },
      { uuid: 'u1' },
    ]) {
      const met = await mustMeet(store, identity)
      assert.equal(met.host.id, 1)
      assert.deepEqual(await store.findHost(1), met.host)
    }
    const host = await store.findHost(1)
    assert.deepEqual([host?.macs, host?.serial, host?.uuid], [[macOf(1), macOf(3)], 'S1', 'u1'])
    assert.equal((await store.listHosts()).length, 1)
  })

  test('a boot is newer than all before it, and belongs to the plan that it serves', async (t) => {
    const store = open(t)
    const first = await mustMeet(store, { macs: [macOf(1)] })
    await store.changeHost(1, 0, (host) => assign(host, parsePlan('esxi8')))
    const hash = newHash()
    const second = await mustMeet(store, { macs: [macOf(1)] }, { hash })
    assert.ok(second.boot.number > first.boot.number)
    assert.deepEqual([second.boot.image, second.boot.revision, second.host.state], ['esxi8', 1, 'installing'])
    assert.deepEqual((await store.findBoot(hash))?.boot, second.boot)
  })

  test('a machine that fits two hosts changes neither, opens no boot, and both are told', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(1)] })
    await mustMeet(store, { macs: [macOf(2)] })
    const before = await store.listHosts()
    const hash = newHash()
    const met = await meet(store, { macs: [macOf(2), macOf(1)] }, { hash, at: 2000 })
    assert.ok(met.kind === 'conflict')
    assert.deepEqual(met.hosts, before)
    assert.deepEqual(await store.listHosts(), before)
    assert.equal(await store.findBoot(hash), undefined)
    const text = `2000 - conflict: a machine with mac ${macOf(2)} ${macOf(1)} was refused: this machine fits host 1 and host 2`
    assert.equal((await toldOf(store, 1)).at(-1), text)
    assert.equal((await toldOf(store, 2)).at(-1), text)

    // It asks again and again until a person has settled it: once is enough.
    const told = (await store.listEvents({})).length
    await meet(store, { macs: [macOf(2), macOf(1)] }, { hash: newHash(), at: 3000 })
    assert.equal((await store.listEvents({})).length, told)
  })

  test('a greeting that is refused leaves nothing behind and is refused with its own reason', async (t) => {
    const store = open(t)
    const refusal = new ProvisionError('invalid', 'no')
    const greet = async () =>
      store.greet(identityOf({ macs: [macOf(1)] }), { hash: 'h', address: '', at: 0 }, () => {
        throw refusal
      })
    await assert.rejects(greet, (error) => error === refusal)
    assert.deepEqual(await store.listHosts(), [])
    assert.deepEqual(await store.listEvents({}), [])
  })

  test('two thousand machines that power on in one moment are two thousand hosts', async (t) => {
    const store = open(t)
    const met = await Promise.all(Array.from({ length: 2000 }, (_, n) => mustMeet(store, { macs: [macOf(n)] })))
    assert.equal(new Set(met.map(({ host }) => host.id)).size, 2000)
    assert.equal(new Set(met.map(({ boot }) => boot.number)).size, 2000)
    const hosts = await store.listHosts()
    assert.deepEqual(
      hosts.map((host) => host.macs[0]).sort(),
      Array.from({ length: 2000 }, (_, n) => macOf(n)),
    )
  })

  test('one machine that asks many times in one moment is one host', async (t) => {
    const store = open(t)
    const met = await Promise.all(
      Array.from({ length: 50 }, (_, n) => mustMeet(store, { serial: 'S1', macs: [macOf(0), macOf(n % 5)] })),
    )
    assert.deepEqual([...new Set(met.map(({ host }) => host.id))], [1])
    assert.equal(new Set(met.map(({ boot }) => boot.number)).size, 50)
  })

  test('machines whose greeting is refused do not take others of the same moment along', async (t) => {
    const store = open(t)
    const greetings = Array.from({ length: 30 }, (_, n) =>
      n % 3 === 0
        ? store.greet(identityOf({ macs: [macOf(n)] }), { hash: newHash(), address: '', at: 0 }, () => {
            throw new ProvisionError('invalid', `no ${n}`)
          })
        : mustMeet(store, { macs: [macOf(n)] }),
    )
    const settled = await Promise.allSettled(greetings)
    settled.forEach((one, n) => {
      assert.equal(one.status, n % 3 === 0 ? 'rejected' : 'fulfilled')
      if (one.status === 'rejected') assert.equal(one.reason.message, `no ${n}`)
    })
    assert.equal((await store.listHosts()).length, 20)
  })
})
