import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSigned, receiver } from '../../support/receiver.ts'
import { MACHINE } from '../lab-server.ts'
import { adminServer } from './admin-server.ts'
import { bearer, labDoor } from './lab-door.ts'

test('a webhook that the API made is listed and tested, until it is removed; nobody is told its secret again', async (t) => {
  const { ask, server } = await adminServer(t)
  const here = await receiver(t)
  await server.boot(MACHINE)
  const body = { url: here.url, name: 'chat', events: ['finished', 'failed'], hosts: ['SER-1'] }
  const made = await ask('POST /webhooks', body)
  assert.deepEqual([made.status, made.headers['cache-control']], [201, 'no-store'])
  const { secret, webhook } = made.json
  const kept = { ...body, hosts: [1], createdAt: new Date(server.now()).toISOString(), createdBy: 'loopback' }
  assert.match(secret, /^whsec_/)
  assert.deepEqual(webhook, kept)

  const state = { state: 'new', pending: 0, nextTryAt: null, deliveredAt: null, failed: null, failures: 0 }
  const face = { ...kept, ...state, givenUp: 0, givenUpAt: null, goneAt: null }
  const listed = await ask('GET /webhooks')
  assert.deepEqual(listed.json, { webhooks: [face] })
  assert.deepEqual((await ask('GET /webhooks/chat')).json, face)
  assert.ok(!listed.text.includes(secret.slice(6)))

  const tested = (await ask('POST /webhooks/chat/test')).json
  assert.deepEqual([tested.ok, tested.status, tested.why], [true, 204, null])
  assert.ok(here.received[0] && isSigned(here.received[0], secret))
  assert.equal(here.received[0].headers['user-agent'], 'metalspray/1.2.3')
  here.answers = 500
  const failed = (await ask('POST /webhooks/chat/test')).json
  assert.deepEqual([failed.ok, failed.status, failed.why], [false, 500, 'answered 500 Internal Server Error'])

  assert.deepEqual((await ask('DELETE /webhooks/chat')).json, kept)
  for (const request of ['GET /webhooks/chat', 'DELETE /webhooks/chat', 'POST /webhooks/chat/test']) {
    assert.equal((await ask(request)).status, 404, request)
  }
})

test('without more, a webhook is told of how installs end and what needs a person; with null of all', async (t) => {
  const { ask } = await adminServer(t)
  const add = async (more: object) =>
    (await ask('POST /webhooks', { url: 'http://chat.example/', ...more })).json.webhook
  const { name, events, hosts } = await add({})
  assert.deepEqual([name, hosts], ['chat.example', null])
  assert.deepEqual(events, ['finished', 'failed', 'stalled', 'looping', 'conflict'])
  assert.equal((await add({ name: 'all', events: null })).events, null)
  assert.equal((await ask('POST /webhooks', { url: 'http://chat.example/' })).status, 409)
})

test('a secret that somebody brings signs the deliveries', async (t) => {
  const { ask } = await adminServer(t)
  const here = await receiver(t)
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  assert.equal((await ask('POST /webhooks', { url: here.url, name: 'chat', secret })).json.secret, secret)
  await ask('POST /webhooks/chat/test')
  assert.ok(here.received[0] && isSigned(here.received[0], secret))
})

const url = 'http://chat.example/'
for (const [what, body, field] of [
  ['no address', {}, 'url'],
  ['an address that is none', { url: 'chat' }, 'url'],
  ['an address of another kind', { url: 'file:///etc/passwd' }, 'url'],
  ['an address with a password', { url: 'http://a:b@chat.example/' }, 'url'],
  ['a name that cannot be', { url, name: 'a b' }, 'name'],
  ['an event that is none', { url, events: ['exploded'] }, 'events.0'],
  ['no events', { url, events: [] }, 'events'],
  ['a host that is unknown', { url, hosts: ['nobody'] }, 'hosts'],
  ['a secret that is none', { url, secret: 'secret' }, 'secret'],
  ['a field that is unknown', { url, method: 'GET' }, 'method'],
] as const) {
  test(`${what} is refused by its field, and nothing is made`, async (t) => {
    const { ask } = await adminServer(t)
    const { status, json } = await ask('POST /webhooks', body)
    assert.equal(status, 400)
    const fields = json.errors.map((one: { field: string }) => one.field)
    assert.ok(fields.includes(field), JSON.stringify(json))
    assert.deepEqual((await ask('GET /webhooks')).json.webhooks, [])
  })
}

test('webhooks are for admins alone', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const headers = bearer(await door.token('ci', 'operator'))
  for (const [method, path] of [
    ['GET', ''],
    ['POST', ''],
    ['GET', '/chat'],
    ['DELETE', '/chat'],
    ['POST', '/chat/test'],
  ] as const) {
    const payload = method === 'POST' && path === '' ? { url } : undefined
    const sent = payload === undefined ? {} : { payload }
    const answer = await door.app.inject({ method, url: `/api/v1/webhooks${path}`, headers, ...sent })
    assert.equal(answer.statusCode, 403, `${method} ${path}`)
  }
})
