import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseMac } from '../../src/core/identity.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { mediumOf, ROOT } from '../kinds/esxi/media.ts'
import { releaseNamed } from '../kinds/esxi/releases.ts'
import { type LabServer, type LabSettings, labServer, MACHINE, putLinux } from './lab-server.ts'

const CARD = '01-52-54-00-00-00-01'
const LOADER = `/uefi/${CARD}/mboot.efi`
/** Where a loader looks that came from there: by its own card, then beside itself. */
const CONFIG = `/uefi/${CARD}/${CARD}/boot.cfg`

/** Images of two releases, `esx8` and `esx7`, and one that only iPXE starts. */
async function withEsxi(t: Parameters<typeof labServer>[0], settings: LabSettings = {}): Promise<LabServer> {
  const server = await labServer(t, settings)
  // The newer release is there for longer.
  for (const [name, release] of [
    ['esx8', '8.0U3b'],
    ['esx7', '7.0U3g'],
  ] as const) {
    const files = { ...mediumOf(releaseNamed(release)), 'efi/boot/bootx64.efi': `mboot of ${name}` }
    for (const [file, text] of Object.entries(files)) await server.put(`images/${name}/${file}`, text)
  }
  await putLinux(server, 'demo')
  await server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
  return server
}

async function assigned(server: LabServer, plan: string): Promise<void> {
  await server.boot(`${MACHINE}&platform=efi&arch=x86_64&mfr=ACME`)
  await server.assign(1, plan)
}

const eventsOf = async (server: LabServer, type: string) =>
  (await server.events(1)).filter((event) => event.type === type).map(({ text }) => text)

describe('firmware that starts an installer without iPXE', () => {
  test("gets the loader of its host's image, and its loader a boot of its own, found by the card", async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'esx7')
    for (const method of ['head', 'get'] as const) {
      const { statusCode, headers } = await server[method](`${LOADER}?-S&1`)
      assert.deepEqual([statusCode, headers['content-length']], [200, '13'])
    }
    assert.equal((await server.host(1)).state, 'assigned', 'a loader alone opens no boot')
    assert.equal((await server.get(LOADER)).body, 'mboot of esx7')
    const { statusCode, body, headers } = await server.get(CONFIG)
    assert.deepEqual([statusCode, headers['cache-control']], [200, 'no-store'])
    assert.match(body, /^title=Loading ESXi installer - host 1$/m)
    assert.match(body, /BOOTIF=01-52-54-00-00-00-01/)
    const [, prefix = '', bootid = ''] = /^prefix=http:\/\/[^/]+(\/b\/([0-9a-f]{32})\/tree)$/m.exec(body) ?? []
    assert.equal((await server.get(`${prefix}/b.b00`)).statusCode, 200)
    assert.equal((await server.get(`/b/${bootid}/finish`)).statusCode, 200)
    const { state, firmware } = await server.host(1)
    assert.equal(state, 'finished')
    assert.deepEqual(firmware, { platform: 'efi', arch: 'x86_64', manufacturer: 'ACME', product: '', ipxe: '' })
  })

  test('fetches its configuration twice and is in one boot, until it has made progress or has another plan', async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'esx8')
    const ask = async (url = CONFIG) => /\/b\/([0-9a-f]{32})\//.exec((await server.get(url)).body)?.[1]
    const first = await ask()
    assert.ok(first)
    assert.equal(await ask(), first)
    assert.equal(await ask(`/uefi/${CARD}/boot.cfg`), first)
    assert.deepEqual((await eventsOf(server, 'booted')).slice(1), ['installs esx8'])
    await server.get(`/b/${first}/tree/b.b00`)
    const second = await ask()
    assert.notEqual(second, first)
    await server.assign(1, 'esx7')
    const third = await ask()
    assert.notEqual(third, second)
    server.later(11_000)
    const fourth = await ask()
    assert.notEqual(fourth, third)
    await server.store.deleteHost(1, 0, () => ({ type: 'deleted', text: 'by a test' }))
    assert.match((await server.get(CONFIG)).body, /^title=host 2 waits for a plan$/m)
  })

  test('that has nothing to install is told that there is no loader, and its loader to leave again', async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'finished')
    const { statusCode, body } = await server.get(LOADER)
    assert.deepEqual([statusCode, body], [404, 'host 1 starts from its disk\n'])
    assert.equal((await server.head(LOADER)).statusCode, 404)
    assert.deepEqual((await eventsOf(server, 'booted')).slice(1), ['starts from its disk'])
    const cases = [
      ['new', 'waits for a plan'],
      ['gone', 'is held: image gone is not on the server'],
      ['demo', "is held: demo needs iPXE; this machine came by its firmware's HTTP boot"],
    ] as const
    for (const [plan, why] of cases) {
      await server.assign(1, plan)
      const before = await server.host(1)
      assert.deepEqual(
        [(await server.get(LOADER)).statusCode, (await server.get(CONFIG)).body],
        [404, `title=host 1 ${why}\ntimeout=0\nerrtimeout=10\nprefix=http://127.0.0.1:0/uefi/nothing\nkernel=none\n`],
      )
      assert.equal((await server.get('/uefi/nothing/none')).statusCode, 404)
      assert.equal((await server.host(1)).state, before.state)
    }
  })

  test('is held where its installer would refuse the image, or where the image has no loader for it', async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'esx8')
    await server.store.changeHost(1, 0, (host) => ({
      host: { ...host, metadata: { esxi: { disk: 7 } } },
      events: [],
    }))
    assert.match((await server.get(CONFIG)).body, /^title=host 1 is held: esx8 cannot be installed: .*disk/)
    await server.store.changeHost(1, 0, (host) => ({ host: { ...host, metadata: {} }, events: [] }))
    server.later()
    const { statusCode, body } = await server.get(`/uefi/${CARD}/mboot-arm64.efi`)
    assert.deepEqual([statusCode, body], [404, 'host 1 is held: esx8 has no mboot-arm64.efi\n'])
    // Without a loader it installs nothing, and takes no slot.
    assert.equal((await server.host(1)).state, 'assigned')
    assert.equal((await server.get(LOADER)).statusCode, 200)
  })

  test('installs as others do when its configuration could not be made a moment ago', async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'esx8')
    const set = (esxi: JsonObject) => server.store.changeDefaults(undefined, () => ({ esxi: { ...ROOT, ...esxi } }))
    assert.equal((await server.get(LOADER)).statusCode, 200)
    // Later than the server has looked whether all is well.
    await set({ disk: 7 })
    assert.match((await server.get(CONFIG)).body, /^title=host 1: .*disk/)
    assert.equal((await server.host(1)).state, 'assigned')
    await set({})
    assert.match((await server.get(CONFIG)).body, /^kernel=b.b00$/m)
    assert.equal((await server.host(1)).state, 'installing')
  })

  test('of a machine that nobody knows makes it a host, which waits', async (t) => {
    const server = await withEsxi(t)
    assert.equal((await server.head(LOADER)).statusCode, 404)
    await assert.rejects(server.host(1))
    const { statusCode, body } = await server.get(LOADER)
    assert.deepEqual([statusCode, body], [404, 'host 1 waits for a plan\n'])
    assert.deepEqual((await server.host(1)).macs, ['52:54:00:00:00:01'])
    assert.match((await server.get('/uefi/01-52-54-00-00-00-02/boot.cfg')).body, /^title=host 2 waits for a plan$/m)
  })

  test('of a machine that nobody knows gets the loader when new machines get an image at once', async (t) => {
    const server = await withEsxi(t, { discover: true })
    for (const [file, text] of Object.entries(mediumOf(releaseNamed('8.0U3b')))) {
      await server.put(`images/discover/${file}`, text)
    }
    server.later()
    const { statusCode, headers } = await server.get(LOADER)
    assert.deepEqual([statusCode, (await server.host(1)).state], [200, 'installing'])
    assert.equal((await server.head(LOADER)).headers['content-length'], headers['content-length'])
    assert.match((await server.get(CONFIG)).body, /^kernel=b.b00$/m)
  })

  test('waits for its turn without a loader when as many others install as may', async (t) => {
    const server = await withEsxi(t, { maxInstalls: 1 })
    await assigned(server, 'esx8')
    await server.get(CONFIG)
    await server.boot('net0=52:54:00:00:00:02&platform=efi&arch=x86_64')
    await server.assign(2, 'esx8')
    server.later(1000)
    const other = '/uefi/01-52-54-00-00-00-02'
    const { statusCode, body } = await server.get(`${other}/mboot.efi`)
    assert.deepEqual([statusCode, body], [404, 'host 2 waits for its turn to install esx8\n'])
    assert.match((await server.get(`${other}/boot.cfg`)).body, /^title=host 2 waits for its turn to install esx8$/m)
    assert.equal((await server.host(2)).state, 'assigned')
    await server.assign(1, 'finished')
    server.later(11_000)
    assert.equal((await server.get(`${other}/mboot.efi`)).statusCode, 200)
    assert.match((await server.get(`${other}/boot.cfg`)).body, /^kernel=b.b00$/m)
  })

  test('is refused under names that are no card, or no file that it asks for', async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'esx8')
    const names = [
      '52-54-00-00-00-01',
      '01-ff-ff-ff-ff-ff-ff',
      '01-52-54-00-00-00',
      '02-52-54-00-00-00-01',
      'x'.repeat(300),
    ]
    for (const name of names) {
      for (const file of ['mboot.efi', 'boot.cfg']) {
        assert.equal((await server.get(`/uefi/${name}/${file}`)).statusCode, 404, name)
      }
    }
    for (const file of ['b.b00', 'toString', '..', 'efi%2Fboot%2Fbootx64.efi']) {
      assert.equal((await server.get(`/uefi/${CARD}/${file}`)).statusCode, 404, file)
    }
    assert.equal((await server.head(CONFIG)).statusCode, 405)
    assert.deepEqual((await eventsOf(server, 'booted')).length, 1)
  })

  test('may be told its card with its zeros left out, or in capitals', async (t) => {
    const server = await withEsxi(t)
    await assigned(server, 'esx8')
    for (const card of ['01-52-54-0-0-0-1', '01-52-54-00-00-00-01']) {
      assert.equal((await server.get(`/uefi/${card}/mboot.efi`)).statusCode, 200, card)
    }
    await server.boot('net0=52:54:00:00:00:ab')
    await server.assign(2, 'esx8')
    assert.equal((await server.get('/uefi/01-52-54-00-00-00-AB/mboot.efi')).statusCode, 200)
  })
})

describe('the loader that all machines are sent to', () => {
  test('is that of the newest release, as long as nobody knows who asks', async (t) => {
    const server = await withEsxi(t)
    assert.equal((await server.get('/uefi/mboot.efi')).body, 'mboot of esx8')
    assert.equal((await server.get('/uefi/crypto64.efi')).statusCode, 200)
    assert.equal((await server.get('/uefi/boot.cfg')).statusCode, 404)
    await assigned(server, 'esx7')
    assert.match((await server.get(`/uefi/${CARD}/boot.cfg`)).body, /^kernel=b.b00$/m)
  })

  test("is the host's own, or none, when the network knows its card", async (t) => {
    const cards = { '127.0.0.1': parseMac('52:54:00:00:00:01') }
    const server = await withEsxi(t, { cards })
    // A router's card must not become a host.
    assert.equal((await server.get('/uefi/mboot.efi')).body, 'mboot of esx8')
    await assert.rejects(server.host(1))
    await assigned(server, 'esx7')
    assert.equal((await server.get('/uefi/mboot.efi')).body, 'mboot of esx7')
    await server.assign(1, 'finished')
    assert.equal((await server.get('/uefi/mboot.efi')).statusCode, 404)
    assert.equal((await server.get('/uefi/mboot.efi')).statusCode, 404)
  })

  test('is not there without an image that has one', async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'demo')
    assert.equal((await server.get('/uefi/mboot.efi')).statusCode, 404)
    assert.equal((await server.get(`/uefi/${CARD}/boot.cfg`)).statusCode, 404)
    assert.equal((await server.get(LOADER)).statusCode, 404)
  })
})
