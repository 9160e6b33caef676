import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, utimes } from 'node:fs/promises'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isSigned, receiver } from '../support/receiver.ts'
import { MAIN, type Place, place } from './program.ts'

interface Server {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** Where machines reach it. */
  readonly url: URL
}

async function serve(t: TestContext, { folder }: Place): Promise<Server> {
  const doors = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0']
  const child = spawn(process.execPath, [MAIN, 'serve', ...doors], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const address = /boot door on (http:[^"\s]+)/.exec(line)?.[1]
    if (address !== undefined) {
      child.stdout.resume()
      return { child, url: new URL(address) }
    }
  }
  throw new Error('the server ended before it listened')
}

test('hosts are listed and changed while the server runs', async (t) => {
  const here = await place(t)
  await here.write('images/esxi8/host.tmpl', '#!ipxe\necho installing\n')
  const { url } = await serve(t, here)
  const boot = () => fetch(new URL('/bootstrap?net0=02:00:00:00:00:01&serial=CZJ1', url))
  assert.match(await (await boot()).text(), /^#!ipxe\n/)
  assert.match((await here.editHost('-l')).stdout, /\n1 {3}- {9}new {4}- {5}CZJ1 {4}(just now|\d+s ago) +unknown\n$/)
  assert.equal((await here.editHost('-i', '1', '-s', 'esxi8')).code, 0)
  assert.match(await (await boot()).text(), /echo installing/)
  assert.match((await here.editHost('-l')).stdout, /installing esxi8/)
})

test('a webhook that is added while the server runs is told what machines do', async (t) => {
  const here = await place(t)
  const there = await receiver(t)
  const { url } = await serve(t, here)
  const secret = (await here.metalspray('webhook', 'add', there.url, '--events', 'discovered')).stdout.trim()
  await fetch(new URL('/bootstrap?net0=02:00:00:00:00:01&serial=CZJ1', url))
  const [told] = await there.until(1)
  assert.ok(told && isSigned(told, secret))
  assert.deepEqual([told.json.type, told.json.data.host.serial], ['discovered', 'CZJ1'])
  const state = async () => JSON.parse((await here.metalspray('webhook', 'list', '--json')).stdout)[0].state
  while ((await state()) !== 'ok') await setImmediate()
})

test('an image that was being replaced when everything stopped is back when the server starts', async (t) => {
  const here = await place(t)
  await here.write('images/.staging/esxi8,elsewhere,0,0,1,0,00/old/file', 'old')
  await here.write('images/.staging/esxi8,elsewhere,0,0,1,0,00/tree/file', 'new, not whole')
  // So old that nobody can be working on it any more.
  await utimes(`${here.folder}/images/.staging/esxi8,elsewhere,0,0,1,0,00`, 0, 0)
  const { url } = await serve(t, here)
  assert.equal(await (await fetch(new URL('/images/esxi8/file', url))).text(), 'old')
  assert.deepEqual(await readdir(`${here.folder}/images/.staging`), [])
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the server cleanly`, async (t) => {
    const here = await place(t)
    const { child } = await serve(t, here)
    child.kill(signal)
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })
}

test('a second signal ends the server at once, whatever still runs', async (t) => {
  const here = await place(t)
  const { child, url } = await serve(t, here)
  const request = connect(Number(url.port), url.hostname)
  t.after(() => request.destroy())
  request.write('GET /bootstrap HTTP/1.1\r\nHost: ')
  await once(request, 'connect')
  child.kill('SIGTERM')
  await once(child.stderr, 'data') // it says that it is stopping
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [143, null])
})

test('a port that is taken is told in one line', async (t) => {
  const here = await place(t)
  const { url } = await serve(t, here)
  const { code, stderr } = await here.metalspray(
    'serve',
    '--host',
    '127.0.0.1',
    '--port',
    url.port,
    '--admin-port',
    '0',
  )
  assert.match(stderr, /^error: .*\n$/)
  assert.equal(code, 1)
})

test('an admin door for the network does not open without a token, and says which command makes one', async (t) => {
  const here = await place(t)
  const args = ['serve', '--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--admin-host', '0.0.0.0']
  const { code, stderr } = await here.metalspray(...args)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: the admin door is to ask for a token, and there is none; .*: metalspray token create NAME --role admin\n$/,
  )
})
