import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { finish, progress } from '../../src/core/boot.ts'
import { assign } from '../../src/core/edit.ts'
import type { Host } from '../../src/core/host.ts'
import { type InstallProgress, startInstall } from '../../src/core/install-progress.ts'
import { parsePlan } from '../../src/core/plan.ts'
import type { Verdict, Watched } from '../../src/core/watch/verdict.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Judge, Store, WatchPlace } from '../../src/store/store.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { closedAfter, eachStore, mustMeet, newHash, tempFolder, toldOf } from '../support/stores.ts'

const ONE = { macs: [macOf(1)] }
const LEASE = { holder: 'a', length: 30 }

/** Host 1 gets its installer at this time. @returns the boot in which it does, with its hash */
async function begin(store: Store, at: number) {
  if ((await store.findHost(1)) === undefined) await mustMeet(store, ONE, { at: 0 })
  await store.changeHost(1, at, (host) => assign(host, parsePlan('esxi8')))
  const hash = newHash()
  const { boot } = await mustMeet(store, ONE, { hash, at })
  return { hash, boot: boot.number }
}

async function fetches(store: Store, { hash, boot }: { hash: string; boot: number }, seen: Partial<InstallProgress>) {
  const at = seen.heardAt ?? 0
  await store.changeBoot(hash, (host, opened) => progress(host, opened, at))
  await store.saveInstall({ hostId: 1, boot, image: 'esxi8', progress: { ...startInstall(at), ...seen } })
}

function installing(count: number): readonly Host[] {
  return Array.from({ length: count }, (_, n) =>
    hostOf({ id: n + 1, macs: [macOf(n + 1)], state: 'installing', plan: parsePlan('esxi8'), seenAt: 1000 }),
  )
}

/** What is watched, as a list of what it is in. */
async function watchedBy(store: Store, now: number, lease = LEASE): Promise<readonly Watched[] | undefined> {
  const seen: Watched[] = []
  const look = await store.watchInstalls(lease, now, (installs) => {
    seen.push(...installs)
    return []
  })
  return look === undefined ? undefined : seen
}

const stall = (store: Store, now: number, why = 'stopped after s.v00') =>
  store.watchInstalls(LEASE, now, (installs) => installs.map((watched): Verdict => ({ kind: 'stalled', watched, why })))

eachStore((open) => {
  test('an install is watched from its script to its end, wherever it is', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    const [script] = (await watchedBy(store, 1001)) ?? []
    assert.deepEqual(
      [script?.position.stage, script?.position.since, script?.image, script?.boot],
      ['script', 1000, 'esxi8', 0],
    )
    await fetches(store, boot, { stage: 'modules', heardAt: 2000 })
    const [modules] = (await watchedBy(store, 2001)) ?? []
    assert.deepEqual([modules?.position.stage, modules?.position.heardAt, modules?.boot], ['modules', 2000, boot.boot])
    await store.changeBoot(boot.hash, (...now) => finish(...now, 3000))
    assert.deepEqual(await watchedBy(store, 3001), [])
  })

  test('the same image once more is another install, though nothing was heard of it yet', async (t) => {
    const store = open(t)
    const first = await begin(store, 1000)
    await fetches(store, first, { stage: 'modules', heardAt: 2000 })
    await begin(store, 5000)
    const [again] = (await watchedBy(store, 5001)) ?? []
    assert.deepEqual([again?.position.stage, again?.position.since], ['script', 5000])
  })

  test('a stray request of an install that runs does not make it another one', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    await fetches(store, boot, { stage: 'pre', heardAt: 2000 })
    await mustMeet(store, ONE, { at: 9000 })
    const [seen] = (await watchedBy(store, 9001)) ?? []
    assert.deepEqual([seen?.position.stage, seen?.position.heardAt], ['pre', 2000])
  })

  test('what is set for a host comes with it, whatever that is', async (t) => {
    const store = open(t)
    await begin(store, 1000)
    for (const watchdog of [{ pre: 5 }, 'soon', 7, [1], null]) {
      await store.changeHost(1, 0, (host) => ({ host: { ...host, metadata: { watchdog } }, events: [] }))
      const [seen] = (await watchedBy(store, 1001)) ?? []
      assert.deepEqual(seen?.settings, watchdog === 'soon' || watchdog === null ? undefined : watchdog)
    }
  })

  test('an install that stalled says so until it is heard again, with an event for each', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    const seen = { stage: 'modules', since: 2000, heardAt: 2000 } as const
    await fetches(store, boot, seen)
    await stall(store, 1_202_000)
    assert.deepEqual((await store.findInstall(1))?.stalled, { at: 1_202_000, why: 'stopped after s.v00' })
    // What was in memory is written late: nothing new was heard.
    await fetches(store, boot, seen)
    assert.equal((await store.listInstalls())[0]?.stalled?.at, 1_202_000)
    await fetches(store, boot, { ...seen, heardAt: 1_262_000, done: { files: 3, bytes: 6000 } })
    assert.equal((await store.findInstall(1))?.stalled, undefined)
    const told = await toldOf(store, 1)
    assert.deepEqual(told.slice(-2), [
      `1202000 ${boot.boot} stalled: stopped after s.v00`,
      `1262000 ${boot.boot} resumed: heard again after 21 min: modules (3 files, 6.0 kB, 5 B/s)`,
    ])
  })

  test('one that fetched nothing stalls too, and goes on with its first file', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    await stall(store, 400_000)
    assert.equal((await store.findInstall(1))?.stalled?.at, 400_000)
    const [script] = (await watchedBy(store, 400_001)) ?? []
    assert.deepEqual([script?.position.stage, script?.stalledAt], ['script', 400_000])
    await fetches(store, boot, { stage: 'loader', heardAt: 460_000 })
    assert.equal((await store.findInstall(1))?.stalled, undefined)
    assert.equal((await toldOf(store, 1)).at(-1), `460000 ${boot.boot} resumed: heard again after 8 min: loader`)
  })

  test('nothing stays stalled whose plan is another one', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    await fetches(store, boot, { stage: 'pre', heardAt: 2000 })
    await stall(store, 400_000)
    await store.changeHost(1, 400_001, (host) => assign(host, parsePlan('finished')))
    await watchedBy(store, 400_002)
    assert.equal((await store.findInstall(1))?.stalled, undefined)
  })

  test('the first start of a finished host is watched until somebody says that nobody waits for it', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    await fetches(store, boot, { stage: 'post', heardAt: 2000 })
    await store.changeBoot(boot.hash, (...now) => finish(...now, 3000))
    await fetches(store, boot, { stage: 'finished', since: 3000, heardAt: 3000 })
    const starting = (await watchedBy(store, 3001)) ?? []
    assert.deepEqual(
      starting.map(({ position }) => position.stage),
      ['finished'],
    )
    await store.watchInstalls(LEASE, 3002, (installs) => installs.map((watched) => ({ kind: 'left', watched })))
    assert.deepEqual(await watchedBy(store, 3003), [])
  })

  test('how long stages took is kept once a boot, and learned from installs that finished', async (t) => {
    const store = open(t)
    const boot = await begin(store, 1000)
    const left = [
      { stage: 'script', beganAt: 1000, took: 500 },
      { stage: 'loader', beganAt: 1500, took: 900 },
    ] as const
    const install = { hostId: 1, boot: boot.boot, image: 'esxi8', progress: startInstall(2400) }
    await store.saveInstall(install, left)
    await store.saveInstall(install, [{ ...left[1], took: 7 }])
    assert.deepEqual(await store.stagesOf(boot.boot), left)
    assert.deepEqual(await store.listStageTimes('esxi8'), [])
    await store.changeBoot(boot.hash, (...now) => finish(...now, 3000))
    assert.deepEqual((await store.listStageTimes('esxi8')).map(({ stage }) => stage).sort(), ['loader', 'script'])
    assert.deepEqual(await store.listStageTimes('leap15'), [])
    await store.deleteHost(1, 4000, () => ({ type: 'deleted', text: 'gone' }))
    assert.deepEqual(await store.stagesOf(boot.boot), [])
  })

  test('more installs than are looked at in one transaction are all looked at', async (t) => {
    const store = open(t)
    const hosts = installing(600)
    await store.addHosts(hosts, 1000, { type: 'imported', text: 'made' })
    const { hash } = await begin(store, 1000)
    await store.changeBoot(hash, (...now) => finish(...now, 2000))
    const seen = await watchedBy(store, 3000)
    assert.deepEqual(
      seen?.map(({ hostId }) => hostId),
      hosts.slice(1).map(({ id }) => id),
    )
  })

  test('of thousands a part is looked at, then the others, then those again', async (t) => {
    const store = open(t)
    await store.addHosts(installing(5100), 1000, { type: 'imported', text: 'made' })
    const looks: number[] = []
    let from: WatchPlace | undefined
    for (let look = 0; look < 4; look++) {
      const ids: number[] = []
      const judge: Judge = (installs) => {
        ids.push(...installs.map(({ hostId }) => hostId))
        return []
      }
      from = (await store.watchInstalls(LEASE, 3000, judge, from))?.next
      looks.push(ids.length)
      assert.equal(ids[0], look % 2 === 0 ? 1 : 5001)
    }
    assert.deepEqual(looks, [5000, 100, 5000, 100])
  })
})

describe('two servers over one database', () => {
  test('watch one at a time; the other takes over when the first is silent', async (t) => {
    const file = join(tempFolder(t), 'metalspray.sqlite')
    const [a, b] = [closedAfter(t, openSqliteStore(file)), closedAfter(t, openSqliteStore(file))]
    const mine = { holder: 'a', length: 30 }
    const other = { holder: 'b', length: 30 }
    assert.notEqual(await watchedBy(a, 100, mine), undefined)
    assert.equal(await watchedBy(b, 110, other), undefined)
    assert.notEqual(await watchedBy(a, 120, mine), undefined)
    assert.equal(await watchedBy(b, 149, other), undefined)
    assert.notEqual(await watchedBy(b, 150, other), undefined)
    assert.equal(await watchedBy(a, 151, mine), undefined)
  })

  test('write one stall, though both look at the same moment', async (t) => {
    const file = join(tempFolder(t), 'metalspray.sqlite')
    const [a, b] = [closedAfter(t, openSqliteStore(file)), closedAfter(t, openSqliteStore(file))]
    const boot = await begin(a, 1000)
    await fetches(a, boot, { stage: 'pre', heardAt: 2000 })
    const judge = (installs: readonly Watched[]) =>
      installs.map((watched): Verdict => ({ kind: 'stalled', watched, why: 'silent' }))
    const found = await Promise.all([
      a.watchInstalls({ holder: 'a', length: 30 }, 9000, judge),
      b.watchInstalls({ holder: 'b', length: 30 }, 9000, judge),
    ])
    assert.equal(found.filter((look) => look !== undefined).length, 1)
    assert.equal((await toldOf(b, 1)).filter((line) => line.includes(' stalled: ')).length, 1)
  })

  test('know since when nobody has listened in between', async (t) => {
    const store = closedAfter(t, openSqliteStore(':memory:'))
    const since: number[] = []
    const look = async (now: number) => {
      let last = 0
      await store.watchInstalls({ holder: 'a', length: 30 }, now, (_, listening) => {
        last = listening
        return []
      })
      since.push(last)
    }
    for (const now of [100, 110, 139, 170, 180]) await look(now)
    assert.deepEqual(since, [100, 100, 100, 170, 170])
    // The clock was set back: a lease of the future holds nobody up.
    await look(50)
    assert.equal(since.at(-1), 50)
  })
})
