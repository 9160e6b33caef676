import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { attentionOfHost } from '../../src/commands/attention.ts'
import { editDefaults } from '../../src/commands/edit-defaults.ts'
import { InstallWatch } from '../../src/commands/watch-installs.ts'
import type { Json } from '../../src/core/json.ts'
import { imageOf } from '../support/hosts.ts'
import { loaderServer, loading } from './lab-kind.ts'
import { installing, type LabServer, labServer, MACHINE } from './lab-server.ts'

const MIN = 60_000

async function withModules(t: Parameters<typeof loaderServer>[0]): Promise<LabServer> {
  const server = await loaderServer(t)
  for (const n of [1, 2, 3, 4]) await server.put(`images/esx/m${n}.v00`, Buffer.alloc(1000 * n, n))
  server.later()
  return server
}

/** The watchdog of a server, looking as often as `serve` has it while time goes by. */
function watchdogOf(server: LabServer, holder = 'a') {
  const watch = new InstallWatch({
    store: server.store,
    findImages: async () => () => undefined,
    kindOf: () => ({}),
    lease: { holder, length: 30_000 },
    now: () => server.now(),
  })
  return {
    look: () => watch.look(),
    async passes(minutes: number) {
      for (let done = 0; done < minutes * MIN; done += 10_000) {
        server.later(10_000)
        await watch.look()
      }
    },
  }
}

async function fetchAll(server: LabServer, id: string, ...files: readonly string[]): Promise<void> {
  for (const file of files) {
    // So long that what is heard is written at once.
    server.later(3000)
    assert.equal((await server.get(`/b/${id}/${file}`)).statusCode, 200, file)
  }
}

/** What is written behind an answer is there soon. */
async function heard(server: LabServer, files: number): Promise<void> {
  while ((await server.store.findInstall(1))?.progress.done.files !== files) await setImmediate()
}

async function told(server: LabServer, ...types: readonly string[]): Promise<string[]> {
  return (await server.events(1)).filter(({ type }) => types.includes(type)).map(({ type, text }) => `${type}: ${text}`)
}

const attention = async (server: LabServer) =>
  attentionOfHost({ store: server.store, now: () => server.now() }, await server.host(1))

const set = (server: LabServer, path: string, value: Json) =>
  editDefaults({ store: server.store, images: [imageOf('demo')] }, undefined, [{ path: path.split('.'), value }])

describe('an install that stops after some of its modules', () => {
  test('is told with the last one, and what to look at, until the machine goes on', async (t) => {
    const server = await withModules(t)
    const { id } = await loading(server)
    const watchdog = watchdogOf(server)
    await fetchAll(server, id, 'boot.cfg', 'tree/loader', 'tree/k.b00', 'tree/m1.v00', 'tree/m2.v00')
    await heard(server, 2)
    await watchdog.passes(20)
    assert.deepEqual(await told(server, 'stalled'), [])
    await watchdog.passes(1)
    const stalled =
      'stopped after module m2.v00 (2 of 4), 20 min ago: its loader gives up at the first error; look at its console and its network'
    assert.deepEqual(await told(server, 'stalled'), [`stalled: ${stalled}`])
    const { level, what, why } = await attention(server)
    assert.deepEqual({ level, what, why }, { level: 'act', what: 'stalled', why: stalled })

    await watchdog.passes(5)
    await fetchAll(server, id, 'tree/m3.v00')
    await heard(server, 3)
    const [, resumed] = await told(server, 'stalled', 'resumed')
    assert.match(resumed ?? '', /^resumed: heard again after 26 min: modules 60 % \(3 of 4 files/)
    assert.equal((await attention(server)).level, 'none')
    await fetchAll(server, id, 'tree/m4.v00', 'ks.txt', 'stage/started', 'finish')
    await watchdog.passes(60)
    assert.deepEqual((await told(server, 'stalled', 'finished')).length, 2)
  })

  test('is told after a restart too, but not for the time in which nobody could hear it', async (t) => {
    const server = await withModules(t)
    const { id } = await loading(server)
    const before = watchdogOf(server)
    await fetchAll(server, id, 'boot.cfg', 'tree/loader', 'tree/m1.v00')
    await heard(server, 1)
    await before.passes(15)
    server.later(300 * MIN)
    const again = await server.again()
    const after = watchdogOf(again, 'b')
    await after.passes(20)
    assert.deepEqual(await told(again, 'stalled'), [])
    await after.passes(1)
    assert.match((await told(again, 'stalled')).join(), /^stalled: stopped after module m1\.v00 \(1 of 4\), 6 h ago/)
    // And what was told is not told again by the next one.
    const third = await again.again()
    await watchdogOf(third, 'c').passes(60)
    assert.equal((await told(third, 'stalled')).length, 1)
  })

  test('is told as soon as its image usually takes so long, or as it is set', async (t) => {
    const server = await labServer(t)
    for (const n of [1, 2, 3, 4, 5]) {
      const { id } = n === 1 ? await installing(server) : await again(server)
      await fetchAll(server, id, 'tree/vmlinuz', 'tree/initrd')
      await heard(server, 2)
      server.later(2 * MIN)
      await fetchAll(server, id, 'finish')
      server.later(MIN)
    }
    const { id } = await again(server)
    await fetchAll(server, id, 'tree/vmlinuz')
    await heard(server, 1)
    const watchdog = watchdogOf(server)
    await watchdog.passes(6)
    assert.deepEqual(await told(server, 'stalled'), [])
    await watchdog.passes(1)
    assert.equal((await told(server, 'stalled')).length, 1)
    assert.equal((await server.store.listStageTimes('demo')).filter(({ stage }) => stage === 'files').length, 5)

    await fetchAll(server, id, 'tree/initrd')
    await heard(server, 2)
    await set(server, 'watchdog.files', 20)
    await watchdog.passes(11)
    assert.equal((await told(server, 'stalled')).length, 1)
    await watchdog.passes(3)
    assert.equal((await told(server, 'stalled')).length, 2)
  })

  test('is told of a machine that got its script and fetches nothing', async (t) => {
    const server = await labServer(t)
    await installing(server)
    await watchdogOf(server).passes(6)
    assert.match((await told(server, 'stalled')).join(), /^stalled: it got its boot script 5 min ago and has fetched/)
    assert.equal((await attention(server)).what, 'stalled')
  })
})

async function again(server: LabServer): ReturnType<LabServer['boot']> {
  await server.assign(1, 'demo')
  return server.boot(MACHINE)
}

/** A machine that loads its installer, which resets it, so often. */
async function resets(server: LabServer, times: number, every = 4 * MIN): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const { id } = await server.boot(MACHINE)
    assert.equal((await server.get(`/b/${id}/tree/vmlinuz`)).statusCode, 200)
    server.later(every)
  }
}

describe('a machine that begins its install again and again', () => {
  test('fails the sixth time in an hour, with the reason on its console, until a person has it tried again', async (t) => {
    const server = await labServer(t)
    await installing(server)
    server.later(4 * MIN)
    await resets(server, 5)
    const { script } = await server.boot(MACHINE)
    const why = 'it began 5 times in 20 min and never finished'
    assert.match(script, /This machine is held: demo: it began 5 times in 20 min and never finished/)
    assert.equal((await server.host(1)).state, 'failed')
    assert.deepEqual(await told(server, 'looping', 'failed'), [
      `looping: ${why}`,
      `failed: demo could not be applied: ${why}`,
    ])
    const seen = await attention(server)
    assert.deepEqual([seen.what, seen.level], ['looping', 'act'])
    server.later(30 * MIN)
    await server.boot(MACHINE)
    assert.equal((await attention(server)).what, 'looping')
    await server.assign(1, 'demo')
    assert.match((await server.boot(MACHINE)).script, /kernel/)
  })

  test('is no other than one whose firmware starts iPXE twice, or that only asks', async (t) => {
    const server = await labServer(t)
    await installing(server)
    for (let n = 0; n < 20; n += 1) {
      server.later(MIN)
      await server.boot(MACHINE)
    }
    await resets(server, 4, 20_000)
    assert.equal((await server.host(1)).state, 'installing')
  })

  test('may do so more often, or less, as it is set', async (t) => {
    const server = await labServer(t)
    await installing(server)
    await set(server, 'watchdog.loopBoots', 2)
    server.later(4 * MIN)
    await resets(server, 2)
    await server.boot(MACHINE)
    assert.equal((await server.host(1)).state, 'failed')
    await set(server, 'watchdog.loopBoots', 0)
    server.later(4 * MIN)
    await server.assign(1, 'demo')
    await resets(server, 8)
    assert.equal((await server.host(1)).state, 'installing')
    await set(server, 'watchdog.retry', 8)
    server.later(4 * MIN)
    await resets(server, 1)
    await server.boot(MACHINE)
    assert.match((await server.host(1)).reason ?? '', /began 9 times .* watchdog\.retry lets it begin again 8 times/)
  })
})
