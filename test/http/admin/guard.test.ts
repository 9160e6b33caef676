import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearer, ELSEWHERE, labDoor } from './lab-door.ts'

const LOCAL = { name: 'loopback', role: 'admin' }

test('on loopback nobody needs a token, and /healthz says so', async (t) => {
  const { app } = await labDoor(t)
  const { csrf, isStranger, ...who } = (await app.inject('/thing')).json()
  assert.deepEqual([who, isStranger, csrf.length], [LOCAL, false, 40])
  assert.equal((await app.inject({ method: 'DELETE', url: '/thing' })).statusCode, 200)
  assert.equal((await app.inject('/healthz')).json().asksForToken, false)
})

test('a door that asks for tokens lets nobody in without one; /healthz says no more than whether all is well', async (t) => {
  const { app } = await labDoor(t, { asksForToken: true })
  for (const [method, url] of [
    ['GET', '/hosts'],
    ['GET', '/thing'],
    ['POST', '/thing'],
    ['DELETE', '/thing'],
    ['GET', '/nowhere'],
    ['OPTIONS', '/thing'],
    ['HEAD', '/hosts'],
  ] as const) {
    const { statusCode, headers } = await app.inject({ method, url })
    assert.deepEqual([statusCode, headers['www-authenticate']], [401, 'Bearer realm="metalspray"'], `${method} ${url}`)
  }
  const { body, headers } = await app.inject('/hosts')
  assert.match(String(headers['content-type']), /^application\/problem\+json/)
  const problem = { type: 'about:blank', title: 'Unauthorized', status: 401, detail: 'this door asks for a token' }
  assert.deepEqual(JSON.parse(body), problem)
  assert.deepEqual((await app.inject('/healthz')).json(), { status: 'ok' })
})

test('whoever has a token is called by its name, and /healthz tells him the rest', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const headers = bearer(await door.token('ci', 'operator'))
  const from = { remoteAddress: ELSEWHERE, headers }
  const who = (await door.app.inject({ url: '/thing', ...from })).json()
  assert.deepEqual(who, { name: 'token ci', role: 'operator', csrf: '', isStranger: false })
  const health = (await door.app.inject({ url: '/healthz', ...from })).json()
  assert.deepEqual([health.asksForToken, health.version], [true, '1.2.3'])
})

test('a route wants its role: by itself viewer to look, admin to change', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const statuses: unknown[] = []
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const headers = bearer(await door.token(role, role))
    for (const [method, url] of [
      ['GET', '/thing'],
      ['POST', '/operator'],
      ['DELETE', '/thing'],
    ] as const) {
      statuses.push((await door.app.inject({ method, url, headers })).statusCode)
    }
  }
  assert.deepEqual(statuses, [200, 403, 403, 200, 200, 403, 200, 200, 200])
  const asked = { method: 'DELETE', url: '/thing', headers: bearer(await door.token('v2', 'viewer')) } as const
  assert.equal((await door.app.inject(asked)).json().detail, 'this needs the role admin; token v2 is viewer')
})

for (const [what, end] of [
  ['expired', 'has expired'],
  ['revoked', 'was revoked'],
] as const) {
  test(`a token that is ${what} is refused by that name at once, on loopback too, and written down once an hour`, async (t) => {
    const door = await labDoor(t)
    const headers = bearer(await door.token('ci', 'admin', 60_000))
    assert.equal((await door.app.inject({ url: '/thing', headers })).statusCode, 200)
    if (what === 'revoked') await door.revoke('ci')
    door.clock.now += 60_000
    for (let times = 0; times < 30; times++) {
      const { statusCode, headers: told, body } = await door.app.inject({ url: '/thing', headers })
      assert.equal(statusCode, 401)
      assert.match(String(told['www-authenticate']), /^Bearer realm="metalspray", error="invalid_token"$/)
      assert.equal(JSON.parse(body).detail, `token ci ${end}`)
    }
    assert.equal((await door.record()).filter((line) => line.includes(end)).length, 1)
    door.clock.now += 3_600_000
    await door.app.inject({ url: '/thing', headers })
    assert.deepEqual((await door.record()).slice(-1), [`refused token ci 127.0.0.1 token ci ${end}`])
  })
}

test('when a token was used is known within a minute, and not written down for every request', async (t) => {
  const door = await labDoor(t)
  const headers = bearer(await door.token('ci', 'admin'))
  const usedAt = async () => (await door.store.access.listTokens())[0]?.usedAt
  const start = door.clock.now
  for (const [later, used] of [
    [0, 0],
    [59_999, 0],
    [60_000, 60_000],
  ] as const) {
    door.clock.now = start + later
    await door.app.inject({ url: '/thing', headers })
    await door.settled()
    assert.equal(await usedAt(), start + used)
  }
})

test('a header of another scheme is no token, as one that a proxy adds', async (t) => {
  const door = await labDoor(t)
  const headers = { authorization: 'Basic YTpi' }
  assert.equal((await door.app.inject({ url: '/thing', headers })).json().name, 'loopback')
  const asking = await labDoor(t, { asksForToken: true })
  assert.equal((await asking.app.inject({ url: '/thing', headers })).statusCode, 401)
})

test('a token that is none is refused, on loopback too; after ten the client waits, and twice as long after each more', async (t) => {
  const door = await labDoor(t)
  const wrong = (remoteAddress = ELSEWHERE, token = `ms_${'0'.repeat(40)}`) =>
    door.app.inject({ url: '/thing', headers: bearer(token), remoteAddress })
  for (let times = 1; times < 10; times++) assert.equal((await wrong()).statusCode, 401, String(times))
  const statusOf = async (...from: Parameters<typeof wrong>) => {
    const { statusCode, headers } = await wrong(...from)
    return [statusCode, headers['retry-after']]
  }
  assert.deepEqual(await statusOf(), [429, '60'])
  door.clock.now += 20_000
  assert.deepEqual(await statusOf(ELSEWHERE, 'x'), [429, '40'])
  assert.deepEqual(await statusOf('192.0.2.8'), [401, undefined])
  door.clock.now += 40_000
  assert.deepEqual(await statusOf(), [429, '120'])
  const lines = (await door.record()).filter((line) => line.includes(` ${ELSEWHERE} `))
  assert.deepEqual(lines.slice(-2), [
    `refused - ${ELSEWHERE} a token that is none, at GET /thing`,
    `locked-out - ${ELSEWHERE} must wait 120 s, after many tokens that were none`,
  ])
  assert.equal(lines.length, 13)
})

test('a client that waits keeps nobody from working who has a token, beside it at the same address', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const headers = bearer(await door.token('ci', 'viewer'))
  for (let times = 0; times < 20; times++) await door.app.inject({ url: '/thing', headers: bearer('x') })
  assert.equal((await door.app.inject({ url: '/thing', headers: bearer('x') })).statusCode, 429)
  assert.equal((await door.app.inject({ url: '/thing', headers })).statusCode, 200)
})

test('what failed is forgotten after a quarter of an hour', async (t) => {
  const door = await labDoor(t)
  const wrong = async () => (await door.app.inject({ url: '/thing', headers: bearer('x') })).statusCode
  for (let times = 0; times < 9; times++) await wrong()
  door.clock.now += 15 * 60_000
  assert.equal(await wrong(), 401)
})

test('no log line has a token in it, nor a part of one', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const token = await door.token('ci', 'viewer', 1000)
  const ask = (authorization: string) =>
    door.app.inject({ method: 'DELETE', url: `/thing?token=${token}`, headers: { authorization } })
  await ask(`Bearer ${token}`)
  door.clock.now += 1000
  for (const text of [`Bearer ${token}`, `bearer ${token}x`, `Bearer  ${token.slice(3)}`, token]) await ask(text)
  for (let times = 0; times < 12; times++) await ask(`Bearer ${token}0`)
  const all = [...door.lines, ...(await door.record())].join('\n')
  assert.match(all, /token ci has expired/)
  assert.match(all, /must wait 60 s/)
  for (let start = 0; start + 8 <= token.length; start += 4) assert.ok(!all.includes(token.slice(start, start + 8)))
})

test('what somebody may not do is written down, once an hour; so is what a page of another site asks for', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const remove = async (headers: Record<string, string>) => {
    const { statusCode } = await door.app.inject({ method: 'DELETE', url: '/thing', headers, remoteAddress: ELSEWHERE })
    assert.equal(statusCode, 403)
  }
  const headers = bearer(await door.token('ci', 'operator'))
  for (let times = 0; times < 3; times++) await remove(headers)
  for (let times = 0; times < 3; times++) await remove({ origin: 'http://evil.example' })
  assert.deepEqual((await door.record()).slice(1), [
    `refused token ci ${ELSEWHERE} DELETE /thing: this needs the role admin; token ci is operator`,
    `refused - ${ELSEWHERE} DELETE /thing: this was asked for by a page of another site; nothing was done`,
  ])
})
