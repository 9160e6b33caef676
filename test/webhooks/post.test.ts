import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer, type Server } from 'node:net'
import { type TestContext, test } from 'node:test'
import { post } from '../../src/webhooks/post.ts'
import { newWebhookSecret } from '../../src/webhooks/sign.ts'
import { receiver } from '../support/receiver.ts'

const send = (url: string, limit = 30_000) =>
  post({ url, id: 'evt_1', body: '{}', secret: newWebhookSecret(), agent: 'x', at: Date.now(), limit })

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

for (const [what, answer, why] of [
  ['cuts the connection', '', 'cut the connection'],
  ['speaks no HTTP', 'SSH-2.0-x\r\n\r\n', /^cannot be told: Parse Error/],
  [
    'wants to speak another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    'cut the connection',
  ],
] as const) {
  test(`a receiver that ${what} has not taken it`, async (t) => {
    const raw = createRawServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(answer))
    })
    const told = await send(`http://127.0.0.1:${await listening(t, raw)}/`)
    assert.equal(told.ok, false)
    if (typeof why === 'string') assert.deepEqual(told, { ok: false, why })
    else assert.match(told.ok ? '' : told.why, why)
  })
}

test('a certificate that nobody vouches for is refused, and the reason told', async (t) => {
  const file = (name: string) => readFileSync(new URL(`../http/admin/tls/${name}`, import.meta.url))
  const server = createServer({ cert: file('localhost.pem'), key: file('localhost.key') }, (_, response) =>
    response.end(),
  )
  const told = await send(`https://127.0.0.1:${await listening(t, server)}/`)
  assert.match(told.ok ? '' : told.why, /^cannot be told: .*certificate/)
})

test('an answer without end is as good as its status', async (t) => {
  const here = await receiver(t)
  let isCut = false
  const cut = Promise.withResolvers<void>()
  here.answers = (response) => {
    response.writeHead(200)
    const flood = () => {
      while (!isCut && response.write('x'.repeat(16_384)));
    }
    response.on('drain', flood).on('close', () => {
      isCut = true
      cut.resolve()
    })
    flood()
  }
  assert.deepEqual(await send(here.url), { ok: true, status: 200 })
  await cut.promise
})
