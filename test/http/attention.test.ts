import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { attentionOfHost } from '../../src/commands/attention.ts'
import { InstallWatch } from '../../src/commands/watch-installs.ts'
import type { AttentionCase } from '../../src/core/attention.ts'
import { assign, protect, rename } from '../../src/core/edit.ts'
import { type Host, newHost } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { openImageLibrary } from '../../src/images/library.ts'
import { recogniseImage } from '../../src/kinds/kinds.ts'
import { identityOf, macOf } from '../support/hosts.ts'
import { loaderServer, loading } from './lab-kind.ts'
import { installing, type LabServer, labServer, MACHINE } from './lab-server.ts'

const MIN = 60_000

/** What a person is told of host 1, with or without a look at the images. */
async function asked(server: LabServer, withImages = false) {
  const { find } = await openImageLibrary(`${server.folder}/images`, recogniseImage).snapshot()
  const deps = { store: server.store, now: () => server.now(), findImage: withImages ? find : undefined }
  return attentionOfHost(deps, await server.host(1))
}

const edit = (server: LabServer, change: Parameters<LabServer['store']['changeHost']>[2]) =>
  server.store.changeHost(1, server.now(), change)

/** The watchdog looks for so long. */
async function watch(server: LabServer, minutes: number): Promise<void> {
  const installs = new InstallWatch({
    store: server.store,
    findImages: async () => () => undefined,
    kindOf: () => ({}),
    lease: { holder: 'a', length: 30_000 },
    now: () => server.now(),
  })
  for (let done = 0; done < minutes * MIN; done += 20_000) {
    server.later(20_000)
    await installs.look()
  }
}

type Story = (t: TestContext) => Promise<LabServer>

const known: Story = async (t) => {
  const server = await labServer(t)
  await server.boot(MACHINE)
  return server
}

/** The image of host 1 is there when it gets it, and what happens to it comes then. */
const loadingEsx: Story = async (t) => {
  const server = await loaderServer(t)
  await server.put('images/esx/m1.v00', 'module')
  server.later()
  await loading(server)
  return server
}

/** Why a machine does not boot what one thinks that it should: each as it comes about, and what a person is told. */
const STORIES: readonly (readonly [AttentionCase, RegExp, Story])[] = [
  ['unknown', /nobody has said yet what this machine is for/, known],
  [
    'unassigned',
    /no image is assigned to it/,
    async (t) => {
      const server = await known(t)
      await edit(server, (host) => rename(host, 'esx1'))
      return server
    },
  ],
  [
    'expired',
    /no boot came in time; demo is void, so it waits/,
    async (t) => {
      const server = await known(t)
      await edit(server, (host) => assign(host, parsePlan('demo'), server.now() + MIN))
      server.later(2 * MIN)
      await server.boot(MACHINE)
      return server
    },
  ],
  [
    'protected',
    /is protected: it waits and takes no image/,
    async (t) => {
      const server = await known(t)
      await edit(server, protect)
      return server
    },
  ],
  [
    'conflict',
    /a machine with .* was refused: .*if they are one machine, edit-host -i 1 --merge/,
    async (t) => {
      const server = await known(t)
      await server.boot('net0=52:54:00:00:00:02&serial=SER-2')
      server.later()
      await server.boot('net0=52:54:00:00:00:01&net1=52:54:00:00:00:02')
      return server
    },
  ],
  [
    'image',
    /image demo (?:is not on the server|cannot be used)/,
    async (t) => {
      const server = await known(t)
      await server.assign(1, 'demo')
      await server.boot(MACHINE)
      return server
    },
  ],
  [
    'module',
    /"m2\.v00" could not be fetched: .*metalspray images verify esx/,
    async (t) => {
      const server = await loaderServer(t)
      const { id } = await loading(server)
      await server.get(`/b/${id}/boot.cfg`)
      server.later()
      assert.equal((await server.get(`/b/${id}/tree/m2.v00`)).statusCode, 404)
      return server
    },
  ],
  [
    'kickstart',
    /it has its kickstart and has said nothing .*refused a line of it/,
    async (t) => {
      const server = await loaderServer(t)
      const { id } = await loading(server)
      for (const file of ['boot.cfg', 'tree/loader', 'tree/k.b00', 'ks.txt']) {
        server.later()
        await server.get(`/b/${id}/${file}`)
      }
      while ((await server.store.findInstall(1))?.progress.stage !== 'kickstart') await setImmediate()
      await watch(server, 11)
      return server
    },
  ],
  [
    'no-answer',
    /demo has been waiting for it for 20 min and it has not asked: .*DHCP/,
    async (t) => {
      const server = await labServer(t)
      const host: Host = { id: 1, ...newHost(identityOf({ macs: [macOf(1)] }), server.now()) }
      await server.store.addHosts([host], server.now(), { type: 'imported', text: 'imported' })
      await server.assign(1, 'demo')
      server.later(20 * MIN)
      return server
    },
  ],
  [
    'architecture',
    /its iPXE cannot run what demo starts with .*another kind of machine/,
    async (t) => {
      const server = await labServer(t)
      const { id } = await installing(server)
      server.later()
      await server.get(`/b/${id}/report?stage=boot&errno=0x2e008081&try=1`)
      return server
    },
  ],
  [
    'stalled',
    /it got its boot script \d min ago and has fetched nothing/,
    async (t) => {
      const server = await loadingEsx(t)
      await watch(server, 6)
      return server
    },
  ],
  [
    'looping',
    /it began 5 times in 20 min and never finished: mend that, then edit-host -i 1 --retry/,
    async (t) => {
      const server = await labServer(t)
      await installing(server)
      for (let n = 0; n < 5; n += 1) {
        server.later(4 * MIN)
        const { id } = await server.boot(MACHINE)
        await server.get(`/b/${id}/tree/vmlinuz`)
      }
      server.later(4 * MIN)
      await server.boot(MACHINE)
      return server
    },
  ],
]

describe('a person finds out why a machine does not boot that is', () => {
  for (const [what, why, story] of STORIES) {
    test(what, async (t) => {
      const server = await story(t)
      const found = await asked(server)
      assert.equal(found.what, what, found.why)
      assert.match(found.why, why)
      assert.notEqual(found.level, 'none')
    })
  }
})

test('a machine that is held for its image is told by what is there now, where that is known', async (t) => {
  const server = await known(t)
  await server.assign(1, 'demo')
  await server.boot(MACHINE)
  assert.equal((await asked(server, true)).what, 'image')
  await server.put('images/demo/vmlinuz', 'kernel')
  await server.put('images/demo/initrd', 'initrd')
  assert.deepEqual([(await asked(server)).what, (await asked(server, true)).what], ['image', 'waiting'])
})
