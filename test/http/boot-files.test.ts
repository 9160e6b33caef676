import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Database from 'better-sqlite3'
import { databaseFile } from '../../src/commands/open-store.ts'
import { EMPTY_GZIP, loaderServer, loading } from './lab-kind.ts'
import { type LabServer, MACHINE } from './lab-server.ts'
import { exchange } from './raw-socket.ts'

const CARD = '01-52-54-00-00-00-01'

async function told(server: LabServer, type: string): Promise<string[]> {
  return (await server.events(1)).filter((event) => event.type === type).map(({ text }) => text)
}

describe("a file of a boot's own", () => {
  test('is made by the kind of its image, of what is known of the host', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    await server.store.changeDefaults('esx', () => ({ loader: { a: 1 } }))
    await server.store.changeDefaults(undefined, () => ({ loader: { b: 2 }, other: { c: 3 } }))
    const answer = await server.get(`/b/${id}/boot.cfg`)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(answer.headers['cache-control'], 'no-store')
    const { host, image, urls, settings, mac } = answer.json()
    assert.deepEqual([host, image, mac], [1, 'esx', undefined])
    assert.deepEqual(settings, [{}, { a: 1 }, {}, { b: 2 }])
    assert.match(urls.tree, new RegExp(`^http://[^/]+/b/${id}/tree$`))
  })

  test('is the same however often it is asked, with its exact length by GET and HEAD, in one piece', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    const port = await server.listen()
    for (const name of ['boot.cfg', `${CARD}/boot.cfg`, 'meta.tgz']) {
      const ask = (method: string) => exchange(port, `${method} /b/${id}/${name} HTTP/1.1\r\nHost: x\r\n\r\n`)
      const [first, again, head] = [await ask('GET'), await ask('GET'), await ask('HEAD')]
      assert.equal(first.status, 200, name)
      assert.deepEqual(again.body, first.body)
      assert.equal(first.headers['content-length'], String(first.body.length))
      assert.equal(first.headers['transfer-encoding'], undefined)
      assert.equal(first.headers['accept-ranges'], undefined)
      assert.deepEqual([head.status, head.headers['content-length']], [200, first.headers['content-length']])
    }
  })

  test('may be bytes of any type', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    const { headers, rawPayload } = await server.get(`/b/${id}/meta.tgz`)
    assert.equal(headers['content-type'], 'application/gzip')
    assert.deepEqual(rawPayload, Buffer.from([0x1f, 0x8b, 0, 255]))
  })

  test('by its directory of a card says which card; a card of another machine has none', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    assert.equal((await server.get(`/b/${id}/${CARD}/boot.cfg`)).json().mac, '52:54:00:00:00:01')
    for (const other of ['01-52-54-00-00-00-02', '52-54-00-00-00-01', '01-52:54:00:00:00:01', CARD.slice(0, -1), 'x']) {
      assert.equal((await server.get(`/b/${id}/${other}/boot.cfg`)).statusCode, 404, other)
    }
    assert.equal((await server.get(`/b/${id}/${CARD}/crypto64.efi`)).statusCode, 404)
    assert.deepEqual(await told(server, 'fetch-failed'), [])
  })

  test('that images of its kind do not have is 404, and one event, unless loaders look for it everywhere', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    for (const name of ['crypto64.efi', 'BOOT.CFG', '..', 'ks.cfgg', 'ks.cfgg', 'x'.repeat(500)]) {
      assert.equal((await server.head(`/b/${id}/${encodeURIComponent(name)}`)).statusCode, 404, name)
    }
    assert.deepEqual(await told(server, 'fetch-failed'), [], 'HEAD tells nothing')
    for (const name of ['crypto64.efi', 'BOOT.CFG', '..', 'ks.cfgg', 'ks.cfgg', 'x'.repeat(500)]) {
      assert.equal((await server.get(`/b/${id}/${encodeURIComponent(name)}`)).statusCode, 404, name)
    }
    assert.deepEqual(await told(server, 'fetch-failed'), [
      '"ks.cfgg" could not be fetched: file not found',
      `"${'x'.repeat(61)}..." could not be fetched: file not found`,
    ])
  })

  test('is looked for without an event by a machine that installs nothing', async (t) => {
    const server = await loaderServer(t)
    const { id } = await server.boot(MACHINE)
    for (const name of ['ks.cfg', 'tree/k.b00']) assert.equal((await server.get(`/b/${id}/${name}`)).statusCode, 404)
    assert.deepEqual(await told(server, 'fetch-failed'), [])
  })

  test('counts as progress by GET, and ends the boots before it', async (t) => {
    const server = await loaderServer(t)
    const { id: older } = await loading(server)
    const { id } = await server.boot(MACHINE)
    await server.head(`/b/${id}/boot.cfg`)
    assert.equal((await server.get(`/b/${older}/boot.cfg`)).statusCode, 200)
    await server.get(`/b/${id}/boot.cfg`)
    const { statusCode, body } = await server.get(`/b/${older}/boot.cfg`)
    assert.deepEqual([statusCode, body], [401, 'this boot of host 1 is over: a newer one took its place\n'])
  })

  test('that cannot be made as things stand is a refusal and one event that names it', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    for (let times = 0; times < 3; times++) {
      const { statusCode, body } = await server.get(`/b/${id}/ks.cfg`)
      assert.deepEqual([statusCode, body], [409, 'the disk "sda 1" is no name of a disk\n'])
    }
    assert.deepEqual(await told(server, 'fetch-failed'), [
      'ks.cfg could not be fetched: the disk "sda 1" is no name of a disk',
    ])
  })
})

describe('an image that would not boot on a host', () => {
  test('is not given to it: the machine is held with the reason, and goes on when that is mended', async (t) => {
    const server = await loaderServer(t)
    await server.boot(MACHINE)
    await server.assign(1, 'esx')
    await server.store.changeHost(1, 0, (host) => ({ host: { ...host, metadata: { broken: 'too long' } }, events: [] }))
    const { script, id } = await server.boot(MACHINE)
    assert.match(script, /^echo This machine is held: esx cannot be installed: it is broken: too long$/m)
    assert.equal((await server.host(1)).state, 'assigned')
    for (let times = 0; times < 3; times++) {
      server.later()
      assert.equal((await server.get(`/b/${id}/wait`)).statusCode, 404)
    }
    assert.deepEqual(
      (await told(server, 'booted')).filter((text) => /broken/.test(text)),
      ['is held: esx cannot be installed: it is broken: too long'],
    )
    await server.store.changeHost(1, 0, (host) => ({ host: { ...host, metadata: {} }, events: [] }))
    server.later()
    assert.equal((await server.get(`/b/${id}/wait`)).statusCode, 200)
    assert.match((await server.boot(MACHINE)).script, /\/tree\/loader/)
    assert.equal((await server.host(1)).state, 'installing')
  })
})

describe('the tree of a boot', () => {
  test('has its files by the names of a CD too, in capitals and with a version', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    for (const name of ['k.b00', 'K.B00', 'K.B00;1', 'k.b00;1']) {
      assert.equal((await server.get(`/b/${id}/tree/${name}`)).body, 'kernel', name)
    }
    assert.equal((await server.get(`/b/${id}/tree/EFI/BOOT/BOOTX64.EFI;1`)).body, 'MZ')
    assert.equal((await server.get(`/b/${id}/tree/..%2Floader`)).statusCode, 400)
  })

  test('tells once of a file that is not there, unless loaders look for it everywhere', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    for (const name of ['crypto64.efi', 'efi/boot/crypto64.efi', 'boot.cfg', 's.v00', 's.v00', 'S.V01;1']) {
      assert.equal((await server.get(`/b/${id}/tree/${name}`)).statusCode, 404, name)
    }
    assert.deepEqual(await told(server, 'fetch-failed'), [
      '"s.v00" could not be fetched: there is no file "s.v00"',
      '"S.V01;1" could not be fetched: there is no file "S.V01;1"',
    ])
  })

  test('gives an empty file to BIOS loaders as a packed one, since they take an empty one for none', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server, '&platform=efi')
    const ask = (headers = {}) => server.get(`/b/${id}/tree/empty.gz`, headers)
    assert.equal((await ask()).body, '')
    assert.deepEqual((await ask({ 'user-agent': 'Syslinux/6.04' })).rawPayload, EMPTY_GZIP)
    const bios = await server.boot(`${MACHINE}&platform=pcbios`)
    assert.deepEqual((await server.get(`/b/${bios.id}/tree/empty.gz`)).rawPayload, EMPTY_GZIP)
    assert.equal((await server.head(`/b/${bios.id}/tree/empty.gz`)).headers['content-length'], '20')
  })
})

describe('a stage', () => {
  test('is noted once, whoever asks how often and however old his HTTP', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    const port = await server.listen()
    for (const line of ['GET', 'POST', 'GET'].map((method) => `${method} /b/${id}/stage/started HTTP/1.0`)) {
      const { status, body } = await exchange(port, `${line}\r\nContent-Length: 0\r\n\r\n`)
      assert.deepEqual([status, String(body)], [200, 'started is noted\n'])
    }
    assert.deepEqual(await told(server, 'stage'), ['started: the installer runs its first scripts'])
  })

  test('that could not be kept is kept when it is told again', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    const db = new Database(databaseFile(join(server.folder, 'data')))
    t.after(() => db.close())
    db.exec("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END")
    assert.equal((await server.get(`/b/${id}/stage/started`)).statusCode, 500)
    db.exec('DROP TRIGGER full')
    assert.equal((await server.get(`/b/${id}/stage/started`)).statusCode, 200)
    assert.deepEqual(await told(server, 'stage'), ['started: the installer runs its first scripts'])
  })

  test('is noted after the install has ended, which it does not change', async (t) => {
    const server = await loaderServer(t)
    const { id } = await loading(server)
    await server.get(`/b/${id}/finish`)
    await server.boot(MACHINE)
    assert.equal((await server.post(`/b/${id}/stage/configured`, '{}', 'application/json')).statusCode, 200)
    assert.equal((await server.host(1)).state, 'finished')
    assert.deepEqual(await told(server, 'stage'), ['configured: the installed system has run its first scripts'])
  })

  test('that nobody knows, or of nobody, is refused', async (t) => {
    const server = await loaderServer(t)
    const { id: waiting } = await server.boot(MACHINE)
    const { id } = await loading(server)
    assert.equal((await server.get(`/b/${id}/stage/toString`)).statusCode, 404)
    assert.equal((await server.get(`/b/${'0'.repeat(32)}/stage/started`)).statusCode, 404)
    assert.equal((await server.get(`/b/${waiting}/stage/started`)).statusCode, 401)
  })
})
