import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientOf, isLoopback } from '../../../src/http/admin/auth/addresses.ts'
import { bearer, ELSEWHERE, labDoor } from './lab-door.ts'

for (const host of ['localhost', 'LOCALHOST:5001', '127.0.0.1:5001', '127.1.2.3', '[::1]:5001', 'lab.localhost:80']) {
  test(`this machine may be asked for as ${host}`, async (t) => {
    const { app } = await labDoor(t)
    assert.equal((await app.inject({ url: '/thing', headers: { host } })).statusCode, 200)
  })
}

for (const host of ['evil.example', 'evil.example:5001', '192.0.2.1', 'localhost.evil.example', '127.0.0.1.nip.io']) {
  test(`who asks for ${host} is not taken for somebody on this machine: that name may be an attacker's`, async (t) => {
    const { app } = await labDoor(t)
    const { statusCode, body } = await app.inject({ url: '/thing', headers: { host } })
    assert.equal(statusCode, 401)
    assert.match(JSON.parse(body).detail, /by another name \(--admin-url\) it needs one/)
    assert.deepEqual((await app.inject({ url: '/healthz', headers: { host } })).json(), { status: 'ok' })
  })
}

test('a name that was set for the door is this machine', async (t) => {
  const { app } = await labDoor(t, { url: new URL('https://metal.example') })
  assert.equal((await app.inject({ url: '/thing', headers: { host: 'metal.example' } })).statusCode, 200)
  assert.equal((await app.inject({ url: '/thing', headers: { host: 'evil.example' } })).statusCode, 401)
})

test('with a token any name will do', async (t) => {
  const door = await labDoor(t)
  const headers = { host: 'rack7.lab', ...bearer(await door.token('ci', 'viewer')) }
  assert.equal((await door.app.inject({ url: '/thing', headers })).statusCode, 200)
})

for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host']) {
  test(`what came by a proxy (${name}) is from nobody who is known to be here`, async (t) => {
    const { app } = await labDoor(t)
    const { statusCode, body } = await app.inject({ url: '/thing', headers: { [name]: '127.0.0.1' } })
    assert.equal(statusCode, 401)
    assert.match(JSON.parse(body).detail, new RegExp(`by a proxy \\(it has the header ${name}\\)`))
  })
}

test('who is not on this machine needs a token, whatever the door was told', async (t) => {
  const { app } = await labDoor(t)
  const { statusCode } = await app.inject({ url: '/thing', remoteAddress: ELSEWHERE, headers: { host: 'localhost' } })
  assert.equal(statusCode, 401)
})

test('a page of another site cannot have a browser change anything, and ours can', async (t) => {
  const { app } = await labDoor(t)
  const post = async (headers: Record<string, string>) =>
    (
      await app.inject({
        method: 'POST',
        url: '/thing',
        headers: { host: 'localhost:5001', ...headers },
        payload: '{}',
      })
    ).statusCode
  const json = { 'content-type': 'application/json' }
  assert.deepEqual(
    [
      await post(json),
      await post({ ...json, origin: 'http://localhost:5001' }),
      await post({ ...json, origin: 'http://localhost:5001', 'sec-fetch-site': 'same-origin' }),
      await post({ ...json, 'sec-fetch-site': 'none' }),
    ],
    [200, 200, 200, 200],
  )
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'http://localhost:5002' },
    { origin: 'http://127.0.0.1:5001' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:5001.evil.example' },
    { origin: 'http://localhost:5001', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    assert.equal(await post({ ...json, ...headers }), 403, JSON.stringify(headers))
  }
})

test('a form of a browser must bring back what its page was given', async (t) => {
  const { app } = await labDoor(t)
  const { csrf } = (await app.inject('/thing')).json()
  const browser = { host: 'localhost:5001', origin: 'http://localhost:5001' }
  const post = async (
    payload: string,
    headers: Record<string, string> = {},
    type = 'application/x-www-form-urlencoded',
  ) =>
    (
      await app.inject({
        method: 'POST',
        url: '/thing',
        headers: { ...browser, 'content-type': type, ...headers },
        payload,
      })
    ).statusCode
  assert.equal(await post('a=1'), 403)
  assert.equal(await post('csrf='), 403)
  assert.equal(await post(`csrf=${'0'.repeat(40)}`), 403)
  assert.equal(await post(`csrf=${csrf}`), 200)
  assert.equal(await post('a=1', { 'x-csrf-token': csrf }), 200)
  assert.equal(await post('{}', {}, 'application/json'), 200)
  assert.equal(await post('{}', {}, 'text/plain; x=application/json'), 403)
  const other = await labDoor(t)
  assert.notEqual((await other.app.inject('/thing')).json().csrf, csrf)
})

test('loopback is what only this machine reaches', () => {
  const yes = ['127.0.0.1', '127.255.0.9', '::1', '0:0:0:0:0:0:0:1', 'localhost', '::ffff:127.0.0.1']
  assert.deepEqual(
    yes.filter((address) => !isLoopback(address)),
    [],
  )
  const no = ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', '::ffff:10.0.0.1', 'localhost.example', '', '127.1', 'x']
  assert.deepEqual(no.filter(isLoopback), [])
})

test('a network of IPv6 is one client, an address of IPv4 is', () => {
  for (const [address, client] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const) {
    assert.equal(clientOf(address), client)
  }
})

test('a page of another site loads nothing from here, and may lead here', async (t) => {
  const { app } = await labDoor(t)
  const load = async (site: string, mode: string, dest: string) => {
    const headers = { host: 'localhost:5001', 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }
    return (await app.inject({ url: '/thing', headers })).statusCode
  }
  assert.equal(await load('cross-site', 'no-cors', 'image'), 403)
  assert.equal(await load('same-site', 'cors', 'empty'), 403)
  assert.equal(await load('cross-site', 'navigate', 'iframe'), 403)
  assert.equal(await load('cross-site', 'navigate', 'document'), 200)
  assert.equal(await load('same-origin', 'cors', 'empty'), 200)
  assert.equal(await load('none', 'navigate', 'document'), 200)
})
