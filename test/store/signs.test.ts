import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finish, report } from '../../src/core/boot.ts'
import { assign } from '../../src/core/edit.ts'
import type { EventType } from '../../src/core/event.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { imagesOf, macOf } from '../support/hosts.ts'
import { eachStore, meet, mustMeet, newHash, POLICY } from '../support/stores.ts'

const ONE = { macs: [macOf(1)] }

eachStore((open) => {
  test('of the events of a host the newest that says more than its state is kept', async (t) => {
    const store = open(t)
    await mustMeet(store, ONE)
    assert.equal(await store.findSign(1), undefined)
    await store.changeHost(1, 5, (host) => assign(host, parsePlan('esxi8')))
    assert.deepEqual(await store.findSign(1), { kind: 'assigned', text: 'plan is esxi8', at: 5, boot: undefined })
    const hash = newHash()
    const { boot } = await mustMeet(store, ONE, { hash, at: 6 })
    await store.changeBoot(hash, (...now) => report(...now, 'stage kernel, errno 0x2d0c613b, try 1', 7))
    await store.changeBoot(hash, (...now) => report(...now, 'the disk is small', 8))
    const told = await store.findSign(1)
    assert.deepEqual([told?.kind, told?.at, told?.boot], ['report', 7, boot.number])
    assert.deepEqual([...(await store.listSigns())], [[1, told]])
    await store.changeBoot(hash, (...now) => finish(...now, 9))
    assert.equal(await store.findSign(1), undefined)
  })

  test('a machine that is held at every boot is known to be, whichever way its boots are written', async (t) => {
    const store = open(t)
    await mustMeet(store, ONE)
    await store.changeHost(1, 5, (host) => assign(host, parsePlan('esxi8')))
    const policy = { ...POLICY, findImage: imagesOf() }
    for (const at of [10, 20, 30]) {
      const { boot } = await mustMeet(store, ONE, { at, policy })
      const text = 'is held: image esxi8 is not on the server'
      assert.deepEqual(await store.findSign(1), { kind: 'held', text, at, boot: boot.number })
    }
  })

  test('both hosts of a conflict say so, until they are one', async (t) => {
    const store = open(t)
    await mustMeet(store, { ...ONE, serial: 'A' })
    await mustMeet(store, { macs: [macOf(2)], serial: 'B' })
    assert.equal((await meet(store, { macs: [macOf(1), macOf(2)] }, { at: 9 })).kind, 'conflict')
    const signs = await store.listSigns()
    assert.deepEqual(
      [1, 2].map((id) => signs.get(id)?.kind),
      ['conflict', 'conflict'],
    )
    await store.mergeHosts(1, 2, 10, (host) => ({ host, events: [{ type: 'merged', text: 'one' }] }))
    assert.deepEqual([...(await store.listSigns())], [])
  })

  test('nothing is kept of a host that is gone', async (t) => {
    const store = open(t)
    await mustMeet(store, ONE)
    const note = (type: EventType) => store.addEvent(1, undefined, 5, { type, text: 'gone' })
    await note('fetch-failed')
    await store.deleteHost(1, 6, () => ({ type: 'deleted', text: 'gone' }))
    await note('fetch-failed')
    assert.deepEqual([...(await store.listSigns())], [])
  })
})
