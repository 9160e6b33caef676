import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exchange, wireTo } from './raw-socket.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

/** A real `metalspray serve` in a folder of its own. */
interface Serving {
  readonly child: ChildProcess
  readonly folder: string
  readonly port: number
  readonly adminPort: number
  /** What it wrote to both its outputs so far. */
  text(): string
  /** Its exit code, when it has one. */
  readonly ended: Promise<number | null>
}

async function folderWithImage(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'metalspray-serve-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'images/demo'), { recursive: true })
  await writeFile(join(folder, 'images/demo/disk'), '')
  await truncate(join(folder, 'images/demo/disk'), 64 << 20)
  return folder
}

function start(t: TestContext, folder: string, ...more: readonly string[]) {
  const args = [MAIN, 'serve', '--host', '127.0.0.1', '--port', '0', '--admin-port', '0', ...more]
  const env = { PATH: '', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  const lines = [child.stdout, child.stderr].map((input) => createInterface({ input }))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  for (const line of lines) line.on('line', (more) => (text += `${more}\n`))
  return { child, text: () => text, ended, lines }
}

async function serving(t: TestContext, given?: string): Promise<Serving> {
  const folder = given ?? (await folderWithImage(t))
  const started = start(t, folder)
  const port = async (name: string) => {
    for (;;) {
      const found = new RegExp(`${name} on [^"]*?:(\\d+)"`).exec(started.text())?.[1]
      if (found !== undefined) return Number(found)
      const gone = await Promise.race([started.ended, ...started.lines.map((line) => once(line, 'line'))])
      assert.ok(Array.isArray(gone), `it ended: ${started.text()}`)
    }
  }
  return { ...started, folder, port: await port('boot door'), adminPort: await port('admin door') }
}

describe('a server that is told to stop', () => {
  for (const [signal, path] of [
    ['SIGTERM', '/healthz'],
    ['SIGINT', '/hosts'],
  ] as const) {
    test(`by ${signal} ends at once with 0 when nothing runs, whatever connections are kept`, async (t) => {
      const server = await serving(t)
      using idle = await wireTo(server.port)
      idle.send(ask('/state?id=1'))
      await idle.answer()
      using person = await wireTo(server.adminPort)
      person.send(ask(path).replace('Host: x', 'Host: localhost'))
      assert.equal((await person.answer()).status, 200)
      server.child.kill(signal)
      assert.equal(await server.ended, 0)
      assert.doesNotMatch(server.text(), /were cut/)
    })
  }

  test('lets a running download end, takes no new connection, and is gone as soon as that is over', async (t) => {
    const server = await serving(t)
    using wire = await wireTo(server.port)
    wire.send(ask('/images/demo/disk'))
    await once(wire.socket, 'data')
    wire.socket.pause()
    using kept = await wireTo(server.port)
    kept.send(ask('/images/demo/disk'))
    await once(kept.socket, 'data')
    kept.socket.pause()
    const stopping = once(server.child.stderr ?? server.child, 'data')
    server.child.kill('SIGTERM')
    await stopping
    await assert.rejects(async () => {
      // It stops listening a moment after it said so.
      for (;;) await exchange(server.port, ask('/state?id=1'))
    }, /ECONNREFUSED|ECONNRESET|the connection ended/)
    assert.equal((await wire.answer()).body.length, 64 << 20)
    // A kept connection that asks for its next file is sent to whoever serves next.
    kept.send(ask('/images/demo/disk'))
    assert.equal((await kept.answer()).body.length, 64 << 20)
    const next = await kept.answer()
    assert.deepEqual(
      [next.status, next.headers['retry-after'], String(next.body)],
      [503, '5', 'the server is stopping; ask again\n'],
    )
    const asked = process.hrtime.bigint()
    assert.equal(await server.ended, 0)
    // Not a timed test: without closing kept connections it would be the whole grace of 30 s.
    assert.ok(process.hrtime.bigint() - asked < 20_000_000_000n)
    assert.doesNotMatch(server.text(), /were cut/)
  })
})

test('a second server on the same port is refused with a clear message and code 1', async (t) => {
  const first = await serving(t)
  const second = start(t, await folderWithImage(t), '--port', String(first.port))
  assert.equal(await second.ended, 1)
  assert.match(second.text(), new RegExp(`^error: cannot listen on 127\\.0\\.0\\.1:${first.port}: .*EADDRINUSE`, 'm'))
  assert.doesNotMatch(second.text(), /^ +at /m)
  const third = start(t, await folderWithImage(t), '--admin-port', String(first.adminPort))
  assert.equal(await third.ended, 1)
  assert.match(third.text(), /^error: cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/m)
  assert.equal((await exchange(first.port, ask('/state?id=1'))).status, 404)
})

test('an address that is not of this machine is refused with a clear message and code 1', async (t) => {
  const server = start(t, await folderWithImage(t), '--host', '192.0.2.99')
  assert.equal(await server.ended, 1)
  assert.match(server.text(), /^error: cannot listen on 192\.0\.2\.99:0: /m)
})

test('a killed server resumes where it was', async (t) => {
  const first = await serving(t)
  assert.equal((await exchange(first.port, ask('/bootstrap?net0=52:54:00:00:00:01'))).status, 200)
  first.child.kill('SIGKILL')
  await first.ended
  const second = await serving(t, first.folder)
  const { body } = await exchange(second.port, ask('/state?id=1'))
  assert.equal(String(body), 'new\n')
})
