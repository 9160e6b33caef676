import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { loaderServer, loading } from './lab-kind.ts'
import { installing, type LabServer, labServer, MACHINE } from './lab-server.ts'
import { wireTo } from './raw-socket.ts'

async function withModules(t: Parameters<typeof loaderServer>[0]): Promise<LabServer> {
  const server = await loaderServer(t)
  for (const n of [1, 2, 3, 4]) await server.put(`images/esx/m${n}.v00`, Buffer.alloc(1000 * n, n))
  server.later()
  return server
}

async function texts(server: LabServer, type: string): Promise<string[]> {
  return (await server.events(1)).filter((event) => event.type === type).map(({ text }) => text)
}

/** What is written behind an answer is there soon. */
async function until<T>(look: () => Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (isIt(seen)) return seen
    await setImmediate()
  }
}

const progressOf = async (server: LabServer) => (await server.store.findInstall(1))?.progress

describe('the progress of an install', () => {
  test('is one event a stage, and what is known of the host in between', async (t) => {
    const server = await withModules(t)
    const { id } = await loading(server)
    for (const file of ['tree/loader', 'boot.cfg', 'tree/crypto64.efi', 'tree/k.b00', 'meta.tgz', 'tree/m1.v00']) {
      await server.get(`/b/${id}/${file}`)
      server.later(3000)
    }
    await server.get(`/b/${id}/tree/m2.v00`)
    const half = await until(
      () => progressOf(server),
      (seen) => seen?.done.files === 2,
    )
    assert.deepEqual(
      [half?.stage, half?.done, half?.total],
      ['modules', { files: 2, bytes: 3000 }, { files: 4, bytes: 10_000 }],
    )
    await server.get(`/b/${id}/tree/m3.v00`)
    await server.get(`/b/${id}/tree/m3.v00`)
    server.later(1000)
    await server.get(`/b/${id}/tree/m4.v00`)
    await server.get(`/b/${id}/ks.txt`)
    await server.get(`/b/${id}/stage/started`)
    await server.get(`/b/${id}/post-install`)
    await server.get(`/b/${id}/finish`)
    await server.get(`/b/${id}/stage/configured`)
    const seen = await until(
      () => texts(server, 'progress'),
      (told) => told.length >= 5,
    )
    assert.deepEqual(
      seen.map((text) => text.replace(/, [^,]* in .*/, '')),
      ['fetches loader', 'loader: 2 files', 'kernel: 1 file', 'modules: 4 files', 'kickstart: 1 file'],
    )
    assert.match(seen[3] ?? '', /^modules: 4 files, 10 kB in \d+(?:\.\d)? s$/)
    assert.equal((await progressOf(server))?.stage, 'configured')
  })

  test('of a machine that stops in the midst of a stage is written to its last file', async (t) => {
    const server = await withModules(t)
    const { id } = await loading(server)
    for (const file of ['k.b00', 'm1.v00', 'm2.v00', 'm3.v00']) await server.get(`/b/${id}/tree/${file}`)
    const seen = await until(
      () => progressOf(server),
      (now) => now?.done.files === 3,
    )
    assert.deepEqual(seen?.done, { files: 3, bytes: 6000 })
  })

  test('goes on where it was when the server starts again', async (t) => {
    const server = await withModules(t)
    const { id } = await loading(server)
    await server.get(`/b/${id}/tree/k.b00`)
    await server.get(`/b/${id}/tree/m1.v00`)
    await until(
      () => progressOf(server),
      (seen) => seen?.stage === 'modules',
    )
    const again = await server.again()
    await again.get(`/b/${id}/tree/m2.v00`)
    const seen = await until(
      () => progressOf(again),
      (now) => now?.done.files === 2,
    )
    assert.deepEqual(seen?.done, { files: 2, bytes: 3000 })
  })

  test('of an image without stages counts files and bytes, ranges as what they are', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await server.get(`/b/${id}/tree/vmlinuz`)
    server.later()
    await server.get(`/b/${id}/tree/initrd`, { range: 'bytes=0-4' })
    const seen = await until(
      () => progressOf(server),
      (now) => now?.done.bytes === 19,
    )
    assert.deepEqual([seen?.done.files, seen?.stage], [1, undefined])
  })

  test('is not made by HEAD, by what is not there, or by a client that has it already', async (t) => {
    const server = await withModules(t)
    const { id } = await loading(server)
    const { etag } = (await server.head(`/b/${id}/tree/m1.v00`)).headers
    await server.get(`/b/${id}/tree/m1.v00`, { 'if-none-match': String(etag) })
    await server.get(`/b/${id}/tree/m9.v00`)
    await server.get(`/b/${id}/stage/started`)
    assert.deepEqual((await progressOf(server))?.done, { files: 0, bytes: 0 })
  })
})

describe('a transfer that is broken off', () => {
  const LARGE = 64 << 20

  async function breakOff(port: number, path: string, agent: string): Promise<void> {
    using wire = await wireTo(port)
    wire.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nUser-Agent: ${agent}\r\n\r\n`)
    await once(wire.socket, 'readable')
    wire.socket.resetAndDestroy()
    await once(wire.socket, 'close')
  }

  test('is an event that names the file, once, and does not count', async (t) => {
    const server = await withModules(t)
    await server.put('images/esx/big.v00', Buffer.alloc(LARGE))
    server.later()
    const { id } = await loading(server)
    const port = await server.listen()
    for (let times = 0; times < 2; times++) await breakOff(port, `/b/${id}/tree/big.v00`, 'iPXE/1.21.1')
    const told = await until(
      () => texts(server, 'fetch-failed'),
      (seen) => seen.length > 0,
    )
    assert.deepEqual(told, ['big.v00 could not be fetched: the connection was cut in the midst of it'])
    await server.get(`/b/${id}/stage/started`)
    assert.equal((await texts(server, 'progress')).length, 1)
  })

  test('by an iPXE that looks at the size of each file first is no event, and counts neither, however small', async (t) => {
    const server = await withModules(t)
    await server.put('images/esx/big.v00', Buffer.alloc(LARGE))
    server.later()
    const { id } = await loading(server)
    const port = await server.listen()
    const files = ['k.b00', 'm1.v00', 'm2.v00', 'big.v00']
    for (const file of files) await breakOff(port, `/b/${id}/tree/${file}`, 'iPXE/2.0.0+')
    using wire = await wireTo(port)
    for (const file of files.slice(0, 3)) {
      wire.send(`GET /b/${id}/tree/${file} HTTP/1.1\r\nHost: x\r\nUser-Agent: iPXE/2.0.0+\r\n\r\n`)
      await wire.answer()
    }
    const seen = await until(
      () => progressOf(server),
      (now) => now?.stage === 'modules',
    )
    assert.deepEqual(seen?.done, { files: 1, bytes: 1000 })
    assert.deepEqual(await texts(server, 'fetch-failed'), [])
  })
})

test('a host that was deleted in the midst of its install leaves nothing behind', async (t) => {
  const server = await withModules(t)
  const { id } = await loading(server)
  await server.get(`/b/${id}/tree/loader`)
  await server.store.deleteHost(1, 0, () => ({ type: 'deleted', text: 'by a test' }))
  assert.equal((await server.get(`/b/${id}/tree/k.b00`)).statusCode, 404)
  assert.deepEqual(await server.store.listInstalls(), [])
  await server.boot(MACHINE)
})
