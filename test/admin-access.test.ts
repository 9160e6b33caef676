import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pino } from 'pino'
import { type AdminReach, prepareAccess, renewTls } from '../src/admin-access.ts'
import { createToken, revokeToken } from '../src/commands/tokens.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { adminParts, openDoor } from './http/admin/admin-server.ts'
import { closedAfter, tempFolder } from './support/stores.ts'

const TLS = join(import.meta.dirname, 'http/admin/tls')

function place(t: TestContext) {
  const store = closedAfter(t, openSqliteStore(':memory:'))
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => void lines.push((JSON.parse(line) as { msg: string }).msg) })
  const clock = { now: 1000 }
  const deps = { store, log, now: () => clock.now }
  const usual: AdminReach = { tokenRequired: false, url: undefined, tls: undefined }
  return {
    ...{ store, lines, log, clock },
    prepare: ({ host = '127.0.0.1', ...reach }: Partial<AdminReach> & { readonly host?: string }) =>
      prepareAccess({ adminHost: host, admin: { ...usual, ...reach } }, deps),
    revoke: () => revokeToken({ access: store.access, now: deps.now, by: 'cli tester' }, 'ci'),
    token: (expiresIn?: number) =>
      createToken({ access: store.access, now: deps.now, by: 'cli tester' }, { name: 'ci', role: 'viewer', expiresIn }),
  }
}

test('on loopback the door asks for no token, and the log says so', async (t) => {
  for (const host of ['127.0.0.1', '::1', 'localhost', '127.0.0.9']) {
    const { prepare, lines } = place(t)
    const { gate, tls } = await prepare({ host })
    assert.deepEqual([gate.asksForToken, gate.isSecure, tls], [false, false, undefined])
    assert.deepEqual(lines, ['the admin door asks for no token: whoever is on this machine may do everything'])
  }
})

for (const [what, reach] of [
  ['on another address', { host: '0.0.0.0' }],
  ['on another address of IPv6', { host: '::' }],
  ['by a name', { host: 'metal.example' }],
  ['on loopback, when that is wanted', { tokenRequired: true }],
] as const) {
  test(`${what} the door does not open before there is a token; it does when all have expired, for nobody`, async (t) => {
    const { prepare, token, revoke, clock, lines } = place(t)
    const refused = { kind: 'conflict', message: /there is none; .*metalspray token create NAME --role admin$/ }
    await assert.rejects(prepare(reach), refused)
    await token(500)
    assert.equal((await prepare(reach)).gate.asksForToken, true)
    assert.equal(lines[0], 'the admin door asks for a token; 1 can be used')
    clock.now += 500
    lines.length = 0
    assert.equal((await prepare(reach)).gate.asksForToken, true)
    assert.match(lines[0] ?? '', /all have expired: nobody gets in. Make a new one: metalspray token create/)
    await revoke()
    await assert.rejects(prepare(reach), refused)
  })
}

test('tokens that would cross a network in the clear are told, and those that do not are not', async (t) => {
  const { prepare, token, lines } = place(t)
  await token()
  await prepare({ host: '0.0.0.0' })
  assert.match(lines.at(-1) ?? '', /tokens cross the network in the clear/)
  lines.length = 0
  const tls = { cert: join(TLS, 'localhost.pem'), key: join(TLS, 'localhost.key') }
  assert.equal((await prepare({ host: '0.0.0.0', tls })).gate.isSecure, true)
  assert.equal((await prepare({ host: '0.0.0.0', url: 'https://metal.example' })).gate.isSecure, true)
  await prepare({ tokenRequired: true })
  assert.doesNotMatch(lines.join('\n'), /in the clear/)
})

test('by TLS the door answers as without, and takes a new certificate while it runs; a wrong one changes nothing', async (t) => {
  const { prepare, log, lines } = place(t)
  const folder = tempFolder(t)
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const install = (cert: string, key: string) => {
    copyFileSync(join(TLS, cert), files.cert)
    copyFileSync(join(TLS, key), files.key)
  }
  install('localhost.pem', 'localhost.key')
  const access = await prepare({ tls: files })
  const { door } = await adminParts(t)
  const app = await openDoor(door, log, { access })
  t.after(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  assert.match(origin, /^https:/)
  assert.deepEqual(await ask(`${origin}/healthz`), ['localhost', 'ok'])

  install('renewed.pem', 'localhost.key')
  await renewTls(app, files, log)
  assert.match(lines.at(-1) ?? '', /keeps the certificate that it has: .* is not the key of/)
  assert.deepEqual(await ask(`${origin}/healthz`), ['localhost', 'ok'])

  install('renewed.pem', 'renewed.key')
  await renewTls(app, files, log)
  assert.deepEqual(await ask(`${origin}/healthz`), ['renewed', 'ok'])
  assert.deepEqual(await ask(`${origin}/api/v1/hosts/7`), ['renewed', 404])
  install('localhost.pem', 'localhost.key')
  await renewTls(app, files, log)
  assert.deepEqual(await ask(`${origin}/api/v1/hosts/7`), ['localhost', 404])
})

/** Whose certificate was shown, and what is told as `status`. */
async function ask(url: string): Promise<readonly unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>()
  const request = get(url, { rejectUnauthorized: false, agent: false }, async (answer) => {
    const { subject } = (answer.socket as import('node:tls').TLSSocket).getPeerCertificate()
    let body = ''
    for await (const chunk of answer) body += chunk
    resolve([subject.CN, (JSON.parse(body) as { status: unknown }).status])
  })
  request.on('error', reject)
  return await promise
}
