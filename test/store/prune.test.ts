import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progress } from '../../src/core/boot.ts'
import { assign } from '../../src/core/edit.ts'
import { parsePlan } from '../../src/core/plan.ts'
import type { Store } from '../../src/store/store.ts'
import { macOf } from '../support/hosts.ts'
import { eachStore, mustMeet, newHash, toldOf } from '../support/stores.ts'

const LATER = 10_000

async function bootOf(store: Store, host: number, at: number): Promise<string> {
  const hash = newHash()
  await mustMeet(store, { macs: [macOf(host)] }, { hash, at })
  return hash
}

async function areThere(store: Store, ...hashes: readonly string[]): Promise<boolean[]> {
  return Promise.all(hashes.map(async (hash) => (await store.findBoot(hash)) !== undefined))
}

eachStore((open) => {
  test('boots that were never used are forgotten, but for the newest of each host and those that are young', async (t) => {
    const store = open(t)
    const [a1, b1, a2, a3] = [
      await bootOf(store, 1, 100),
      await bootOf(store, 2, 110),
      await bootOf(store, 1, 120),
      await bootOf(store, 1, LATER),
    ]
    assert.equal(await store.pruneBoots(LATER), 2)
    assert.deepEqual(await areThere(store, a1, b1, a2, a3), [false, true, false, true])
    assert.equal(await store.pruneBoots(LATER), 0)
    assert.equal((await store.findHost(2))?.seenAt, 110)
  })

  test('a boot that was used is kept, whatever came after it', async (t) => {
    const store = open(t)
    await bootOf(store, 1, 100)
    await store.changeHost(1, 0, (host) => assign(host, parsePlan('esxi8')))
    const used = await bootOf(store, 1, 200)
    await store.changeBoot(used, (host, boot) => progress(host, boot, 210))
    const unused = await bootOf(store, 1, 300)
    const newest = await bootOf(store, 1, 400)
    assert.equal(await store.pruneBoots(LATER), 2)
    assert.deepEqual(await areThere(store, used, unused, newest), [true, false, true])
  })

  test('the events of forgotten boots stay, and newer boots have new numbers', async (t) => {
    const store = open(t)
    for (let at = 0; at < 50; at++) await bootOf(store, 1, at)
    const before = await toldOf(store, 1)
    assert.equal(await store.pruneBoots(LATER), 49)
    assert.deepEqual(await toldOf(store, 1), before)
    assert.equal((await mustMeet(store, { macs: [macOf(1)] })).boot.number, 51)
  })

  test('more boots than are looked at in one commit are all seen', async (t) => {
    const store = open(t)
    await Promise.all(Array.from({ length: 2500 }, (_, n) => bootOf(store, n % 2, 1)))
    assert.equal(await store.pruneBoots(LATER), 2498)
  })
})
