import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SESSION_IDLE, SESSION_LENGTH } from '../../../src/core/session.ts'
import { bearer, ELSEWHERE, FORM, type LabDoor, labDoor, signedIn } from './lab-door.ts'

const HTML = { accept: 'text/html,application/xhtml+xml' }

const post = ({ app }: LabDoor, form: Record<string, string>, headers: Record<string, string> = {}) =>
  app.inject({
    ...{ method: 'POST', url: '/sign-in', remoteAddress: ELSEWHERE },
    ...{ headers: { ...FORM, ...headers }, payload: new URLSearchParams(form).toString() },
  })

test('a browser without a session is led to the sign-in page and from there to where it wanted to go', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const led = await door.app.inject({ url: '/thing?a=b&c', headers: HTML })
  assert.deepEqual([led.statusCode, led.headers.location], [303, '/sign-in?next=%2Fthing%3Fa%3Db%26c'])
  const { statusCode, headers, body } = await door.app.inject({ url: String(led.headers.location), headers: HTML })
  assert.deepEqual(
    [statusCode, headers['content-type'], headers['cache-control']],
    [200, 'text/html; charset=utf-8', 'no-store'],
  )
  assert.match(body, /name="next" value="\/thing\?a=b&#38;c"/)
  assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
  const token = await door.token('alice', 'operator')
  const signed = await post(door, { token: ` ${token}\n`, next: '/thing?a=b&c' })
  assert.deepEqual([signed.statusCode, signed.headers.location], [303, '/thing?a=b&c'])
  const cookie = String(signed.headers['set-cookie'])
  assert.match(cookie, /^metalspray=[0-9a-f]{40}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
  const who = (await door.app.inject({ url: '/thing', headers: { cookie: cookie.split(';')[0] ?? '' } })).json()
  assert.deepEqual([who.name, who.role, who.csrf.length > 30], ['token alice', 'operator', true])
})

test('what is no page is not led anywhere: it is told what it lacks', async (t) => {
  const { app } = await labDoor(t, { asksForToken: true })
  assert.equal((await app.inject({ url: '/api/v1/hosts', headers: HTML })).statusCode, 401)
  assert.equal((await app.inject({ url: '/api/docs/', headers: HTML })).statusCode, 303)
  const part = await app.inject({ url: '/thing', headers: { ...HTML, 'hx-request': 'true' } })
  assert.deepEqual([part.statusCode, part.headers['hx-redirect']], [401, '/sign-in'])
  assert.equal((await app.inject({ method: 'POST', url: '/thing', headers: HTML })).headers.location, '/sign-in')
})

test('by TLS the cookie is for TLS, and for this host alone', async (t) => {
  const door = await labDoor(t, { asksForToken: true, isSecure: true })
  const { headers } = await post(door, { token: await door.token('alice', 'viewer') })
  assert.match(
    String(headers['set-cookie']),
    /^__Host-metalspray=[0-9a-f]{40}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
  )
})

test('a token that is none is told on the page; after ten the client waits, also with the right one', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const token = await door.token('alice', 'admin')
  for (let times = 1; times < 10; times++) {
    const { statusCode, body, headers } = await post(door, { token: times % 2 === 0 ? `${token}0` : '', next: '/a"b' })
    assert.deepEqual([statusCode, headers['set-cookie']], [401, undefined])
    assert.match(body, /role="alert">there is no such token</)
  }
  assert.equal((await post(door, {})).statusCode, 429)
  const locked = await post(door, { token })
  assert.deepEqual(
    [locked.statusCode, locked.headers['retry-after'], locked.headers['set-cookie']],
    [429, '60', undefined],
  )
  assert.match(locked.body, /too many tokens that were none came from 192\.0\.2\.7/)
  door.clock.now += 60_000
  assert.equal((await post(door, { token })).statusCode, 303)
  assert.equal((await post(door, { token: 'x' })).statusCode, 401)
})

test('a page tells that a token has expired, and repeats nothing of what was typed', async (t) => {
  const door = await labDoor(t)
  const token = await door.token('alice', 'admin', 1000)
  door.clock.now += 1000
  const expired = await post(door, { token })
  assert.deepEqual([expired.statusCode, expired.body.includes('token alice has expired')], [401, true])
  for (const wrong of [token, '<script>alert(1)</script>', `${token}"`]) {
    assert.ok(!(await post(door, { token: wrong })).body.includes(wrong))
  }
})

for (const next of [
  ...['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example', '\\\\evil.example', ''],
  ...[
    'javascript:alert(1)',
    '/..//evil.example',
    '/.//evil.example',
    '/sign-out',
    'evil',
    '/%0d%0aset-cookie:a=b\r\nx:y',
  ],
]) {
  test(`nobody is led to another server by ${JSON.stringify(next)}`, async (t) => {
    const door = await labDoor(t)
    const { statusCode, headers } = await post(door, { token: await door.token('alice', 'viewer'), next })
    assert.equal(statusCode, 303)
    assert.match(String(headers.location), /^\/(?:%0d%0aset-cookie:a=bx:y)?$/)
  })
}

test('a session is over when it was idle, after its length, and at once when its token is revoked or expires', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const ask = async (headers: { cookie: string }) => (await door.app.inject({ url: '/thing', headers })).statusCode
  const idle = await signedIn(door, await door.token('a', 'viewer'))
  door.clock.now += SESSION_IDLE - 1
  assert.equal(await ask(idle), 200)
  await door.settled()
  door.clock.now += SESSION_IDLE - 1
  assert.equal(await ask(idle), 200)
  await door.settled()
  door.clock.now += SESSION_IDLE
  assert.equal(await ask(idle), 401)

  const long = await signedIn(door, await door.token('b', 'viewer'))
  const end = door.clock.now + SESSION_LENGTH
  while (door.clock.now + SESSION_IDLE / 2 < end) {
    door.clock.now += SESSION_IDLE / 2
    assert.equal(await ask(long), 200)
    await door.settled()
  }
  door.clock.now = end
  assert.equal(await ask(long), 401)

  const revoked = await signedIn(door, await door.token('c', 'viewer'))
  await door.revoke('c')
  assert.equal(await ask(revoked), 401)
  const expired = await signedIn(door, await door.token('d', 'viewer', 1000))
  door.clock.now += 1000
  assert.equal(await ask(expired), 401)
})

test('who signs out is out, and what was his cookie opens nothing any more; signing in anew ends the session before', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const token = await door.token('alice', 'viewer')
  const first = await signedIn(door, token)
  const { csrf } = (await door.app.inject({ url: '/thing', headers: first })).json()
  const signOut = (headers: Record<string, string>, form: string) =>
    door.app.inject({ method: 'POST', url: '/sign-out', headers: { ...FORM, ...headers }, payload: form })
  assert.equal((await signOut(first, '')).statusCode, 403)
  assert.equal((await door.app.inject({ url: '/thing', headers: first })).statusCode, 200)
  const out = await signOut(first, `csrf=${csrf}`)
  assert.deepEqual([out.statusCode, out.headers.location], [303, '/sign-in'])
  assert.match(String(out.headers['set-cookie']), /^metalspray=; Max-Age=0; /)
  assert.equal((await door.app.inject({ url: '/thing', headers: first })).statusCode, 401)

  const second = await signedIn(door, token)
  const third = await post(door, { token }, second)
  assert.equal(third.statusCode, 303)
  assert.equal((await door.app.inject({ url: '/thing', headers: second })).statusCode, 401)
  assert.deepEqual(
    (await door.record()).map((line) => line.split(' ')[0]),
    ['token-created', 'signed-in', 'signed-out', 'signed-in', 'signed-in'],
  )
})

test('what a session asks to change must bring its own proof; another session has another', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const [mine, other] = [
    await signedIn(door, await door.token('a', 'admin')),
    await signedIn(door, await door.token('b', 'admin')),
  ]
  const csrfOf = async (headers: { cookie: string }) =>
    (await door.app.inject({ url: '/thing', headers })).json().csrf as string
  const change = async (headers: Record<string, string>, payload = '{}') =>
    (await door.app.inject({ method: 'POST', url: '/thing', headers: { ...mine, ...headers }, payload })).statusCode
  const json = { 'content-type': 'application/json' }
  const site = { host: 'rack.lab:5001', origin: 'http://rack.lab:5001' }
  assert.equal(await change(json), 403)
  assert.equal(await change({ ...json, 'x-csrf-token': await csrfOf(other) }), 403)
  assert.equal(await change({ ...json, 'x-csrf-token': await csrfOf(mine) }), 200)
  assert.equal(await change({ ...json, ...site }), 200)
  assert.equal(
    await change({ ...json, ...site, origin: 'http://evil.example', 'x-csrf-token': await csrfOf(mine) }),
    403,
  )
  assert.equal(await change({ ...FORM, ...site }, 'a=b'), 403)
  assert.equal(await change({ ...FORM, ...site }, `csrf=${await csrfOf(other)}`), 403)
  assert.equal(await change({ ...FORM, ...site }, `csrf=${await csrfOf(mine)}`), 200)
  const remove = async (headers: object) =>
    (await door.app.inject({ method: 'DELETE', url: '/thing', headers: { ...mine, ...headers } })).statusCode
  assert.deepEqual([await remove(site), await remove({ ...site, origin: 'null' }), await remove({})], [200, 403, 403])
})

test('the page of another site cannot sign a browser in, nor can it show our page within its own', async (t) => {
  const door = await labDoor(t)
  const token = await door.token('evil', 'viewer')
  const { statusCode, headers } = await post(door, { token }, { origin: 'http://evil.example' })
  assert.deepEqual([statusCode, headers['set-cookie']], [403, undefined])
})

test("who comes by a link on another site's page has the cookie sent by a step of our own", async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const led = await door.app.inject({ url: '/sign-in?next=/thing', headers: { 'sec-fetch-site': 'cross-site' } })
  assert.equal(led.headers['refresh'], '0;url=/thing')
  assert.equal((await door.app.inject({ url: '/sign-in?next=/thing' })).headers['refresh'], undefined)
})

test('an answer that goes on is cut when its token is revoked or its session is over', async (t) => {
  const door = await labDoor(t, { asksForToken: true, lookEvery: 5 })
  const origin = await door.app.listen({ host: '127.0.0.1', port: 0 })
  const stream = async (headers: Record<string, string>) => {
    const answer = await fetch(`${origin}/api/v1/events`, { headers: { ...headers, accept: 'text/event-stream' } })
    assert.equal(answer.status, 200)
    return { ended: answer.text() }
  }
  const byToken = await stream(bearer(await door.token('a', 'viewer')))
  const bySession = await stream(await signedIn(door, await door.token('b', 'viewer')))
  for (const [{ ended }, name] of [
    [byToken, 'a'],
    [bySession, 'b'],
  ] as const) {
    const cut = assert.rejects(ended)
    await door.revoke(name)
    await cut
  }
})

test('no log line and no record has a token, a cookie or a proof in it', async (t) => {
  const door = await labDoor(t, { asksForToken: true })
  const token = await door.token('alice', 'viewer')
  const session = await signedIn(door, token)
  const { csrf } = (await door.app.inject({ url: '/thing', headers: session })).json()
  await post(door, { token: `${token}1` })
  await door.app.inject({ method: 'POST', url: '/sign-out', headers: { ...session, ...FORM }, payload: `csrf=${csrf}` })
  const all = [...door.lines, ...(await door.record())].join('\n')
  for (const event of ['signed-in', 'signed-out', 'refused']) assert.match(all, new RegExp(event))
  const secrets = [token, session.cookie.split('=')[1] ?? '', String(csrf)]
  for (const secret of secrets) assert.ok(secret.length >= 40 && !all.includes(secret.slice(3, 15)))
})
