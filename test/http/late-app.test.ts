import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, renameSync } from 'node:fs'
import { request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { PACKAGE_TEMPLATES } from '../../src/package.ts'
import { Pages } from '../../src/render/html.ts'
import { tempFolder } from '../support/stores.ts'
import { adminParts, openDoor } from './admin/admin-server.ts'
import { exchange, wireTo } from './raw-socket.ts'

/** A listening admin door, with a route `/echo` behind it that sends back what it gets. What is behind it is made only when `go` is called. */
async function lateDoor(t: TestContext, templates = PACKAGE_TEMPLATES) {
  const { door, server } = await adminParts(t)
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const made = { times: 0, closed: 0 }
  const app = await openDoor({ ...door, pages: new Pages(templates, door.now) }, logger, {
    more: async (behind) => {
      made.times++
      begin()
      await gone
      behind.post('/echo', async ({ body }) => body)
      behind.addHook('onClose', async () => void made.closed++)
    },
  })
  t.after(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { app, port, made, begun, go, lines, server, origin: `http://127.0.0.1:${port}` }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
const post = (body: string, more = '') =>
  `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n`

test('/healthz is answered without what is behind the door', async (t) => {
  const { port, made } = await lateDoor(t)
  assert.equal((await exchange(port, get('/healthz'))).status, 200)
  assert.equal((await exchange(port, get('/healthz?every=second'))).status, 200)
  assert.equal((await exchange(port, 'HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).status, 200)
  assert.equal((await exchange(port, get('/%zz'))).status, 400)
  assert.equal(made.times, 0)
})

test('what is behind the door is made once, by the first of many requests, and all are answered with what they sent', async (t) => {
  const { origin, made, begun, go } = await lateDoor(t)
  const bodies = Array.from({ length: 20 }, (_, i) => JSON.stringify({ i, text: 'x'.repeat(i * 40_000) }))
  const headers = { 'content-type': 'application/json' }
  const echoes = bodies.map((body) => fetch(`${origin}/echo`, { method: 'POST', body, headers }))
  const others = ['/', '/hosts', '/api/v1/hosts', '/metrics', '/nowhere'].map((path) => fetch(origin + path))
  await begun
  assert.equal((await fetch(`${origin}/healthz`)).status, 200, 'while the rest waits')
  go()
  for (const [i, echo] of (await Promise.all(echoes)).entries()) assert.ok((await echo.text()) === bodies[i])
  const statuses = (await Promise.all(others)).map(({ status }) => status)
  assert.deepEqual(statuses, [200, 200, 200, 200, 404])
  assert.equal((await fetch(`${origin}/hosts`)).status, 200)
  assert.equal(made.times, 1)
})

test('the first request may ask whether it may send its body, and may come with the next one right behind it', async (t) => {
  const { port, made, begun, go } = await lateDoor(t)
  using wire = await wireTo(port)
  const [first = '', second = ''] = ['x'.repeat(300_000), 'second'].map((text) => JSON.stringify({ text }))
  wire.send(post(first, 'Expect: 100-continue\r\n'))
  const [permission] = (await once(wire.socket, 'data')) as [Buffer]
  assert.equal(String(permission), 'HTTP/1.1 100 Continue\r\n\r\n')
  wire.send(first + post(second) + second)
  await begun
  go()
  assert.ok((await wire.answer()).body.equals(Buffer.from(first)))
  assert.equal(String((await wire.answer()).body), second)
  assert.equal(made.times, 1)
})

test('who leaves while it is made takes nothing from the others', async (t) => {
  const { app, port, begun, go, lines } = await lateDoor(t)
  const left = ask({ port, method: 'POST', path: '/echo', headers: { 'content-type': 'application/json' } })
  left.on('error', () => {})
  left.write('{"half":')
  await begun
  left.destroy()
  while ((await connections(app)) > 0) await setImmediate()
  const other = exchange(port, get('/hosts'))
  go()
  assert.equal((await other).status, 200)
  assert.deepEqual(lines, [])
})

test('when it cannot be made, that is logged and told, and the next request tries again', async (t) => {
  const templates = tempFolder(t)
  cpSync(PACKAGE_TEMPLATES, templates, { recursive: true })
  const [icon, elsewhere] = [join(templates, 'pages/assets/icon.svg'), join(templates, 'icon.svg')]
  renameSync(icon, elsewhere)
  const { origin, made, go, lines } = await lateDoor(t, templates)
  go()
  for (let again = 0; again < 2; again++) {
    const refused = await fetch(`${origin}/hosts`)
    assert.equal(refused.status, 503)
    assert.equal(refused.headers.get('content-type'), 'application/problem+json')
    const detail = 'this door cannot be opened now; the log of the server says why'
    assert.deepEqual(await refused.json(), { type: 'about:blank', title: 'Service Unavailable', status: 503, detail })
    assert.match(lines.join('\n'), /ENOENT: .*icon\.svg/)
    lines.length = 0
  }
  assert.equal((await fetch(`${origin}/healthz`)).status, 200)
  renameSync(elsewhere, icon)
  assert.equal((await fetch(`${origin}/hosts`)).status, 200)
  assert.deepEqual([made.times, lines], [1, []])
})

test('a door that nobody came to closes without making it, whatever connections are kept', async (t) => {
  const { app, port, made } = await lateDoor(t)
  using kept = await wireTo(port)
  kept.send(get('/healthz'))
  await kept.answer()
  await app.close()
  assert.equal(String(await kept.rest()), '')
  assert.equal(made.times, 0)
})

test('a door that closes while it is made refuses who waits for it, and closes that, too', async (t) => {
  const { app, port, made, begun, go } = await lateDoor(t)
  const waiting = exchange(port, get('/api/v1/events'))
  await begun
  const closed = app.close()
  using late = await wireTo(port)
  late.send(get('/hosts'))
  const refused = await late.answer()
  assert.equal(refused.status, 503)
  go()
  const { status, headers, body } = await waiting
  assert.deepEqual([status, headers['content-type']], [503, 'application/problem+json'])
  assert.match(String(body), /the server is stopping; ask again/)
  await closed
  assert.deepEqual(made, { times: 1, closed: 1 })
})

function connections({ server }: { readonly server: import('node:net').Server }): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}
