import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminServer } from './admin-server.ts'
import { bearer, labDoor } from './lab-door.ts'

test('a token that the API made opens the door, until it is revoked; nobody is told it again', async (t) => {
  const { ask } = await adminServer(t)
  const made = await ask('POST /tokens', { name: 'ci', role: 'operator', expires: 'never' })
  assert.deepEqual([made.status, made.headers['cache-control']], [201, 'no-store'])
  const { token, kept } = made.json
  assert.match(token, /^ms_[0-9a-f]{40}$/)
  assert.deepEqual(
    [kept.name, kept.role, kept.state, kept.createdBy, kept.expiresAt],
    ['ci', 'operator', 'live', 'loopback', null],
  )
  assert.equal((await ask('GET /hosts', undefined, bearer(token))).status, 200)
  assert.equal((await ask('GET /tokens', undefined, bearer(token))).status, 403)
  const listed = await ask('GET /tokens')
  assert.deepEqual(
    listed.json.tokens.map(({ name }: { name: string }) => name),
    ['ci'],
  )
  assert.ok(!listed.text.includes(token.slice(3)))
  assert.equal((await ask('DELETE /tokens/ci')).json.state, 'revoked')
  assert.equal((await ask('GET /hosts', undefined, bearer(token))).status, 401)
  assert.equal((await ask('DELETE /tokens/ci')).status, 404)
})

test('a token lasts 90 days when nothing is said', async (t) => {
  const { ask } = await adminServer(t)
  const { kept } = (await ask('POST /tokens', { name: 'ci', role: 'viewer' })).json
  assert.equal(Date.parse(kept.expiresAt) - Date.parse(kept.createdAt), 90 * 86_400_000)
})

for (const [what, body, field] of [
  ['a name that cannot be', { name: 'a b', role: 'admin' }, 'name'],
  ['a role that is none', { name: 'a', role: 'root' }, 'role'],
  ['no role', { name: 'a' }, 'role'],
  ['an end that is none', { name: 'a', role: 'admin', expires: '3' }, 'expires'],
  ['a field that is unknown', { name: 'a', role: 'admin', hash: 'x' }, 'hash'],
] as const) {
  test(`${what} is refused by its field, and nothing is made`, async (t) => {
    const { ask } = await adminServer(t)
    const { status, json } = await ask('POST /tokens', body)
    assert.deepEqual([status, json.errors.map((one: { field: string }) => one.field)], [400, [field]])
    assert.deepEqual((await ask('GET /tokens')).json.tokens, [])
  })
}

test('who makes and revokes tokens stands in the record, with from where', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const headers = bearer(await door.token('boss', 'admin'))
  const payload = { name: 'ci', role: 'viewer' }
  await door.app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload, remoteAddress: '192.0.2.7' })
  await door.app.inject({ method: 'DELETE', url: '/api/v1/tokens/ci', headers, remoteAddress: '192.0.2.7' })
  assert.deepEqual((await door.record()).slice(1), [
    'token-created token boss 192.0.2.7 token ci (viewer)',
    'token-revoked token boss 192.0.2.7 token ci (viewer)',
  ])
  const ask = (query: string) => door.app.inject({ url: `/api/v1/access-events${query}`, headers })
  const { events } = (await ask('?last=1')).json()
  const at = new Date(door.clock.now).toISOString()
  const line = { type: 'token-revoked', by: 'token boss', address: '192.0.2.7', text: 'token ci (viewer)' }
  assert.deepEqual([events.length, { ...events[0], at }], [1, { ...line, at }])
  assert.equal((await ask('')).json().events.length, 3)
  assert.equal((await ask('?last=0')).statusCode, 400)
})
