import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MACHINE } from '../lab-server.ts'
import { adminServer } from './admin-server.ts'

test('a clear password in the description of a host is a hash when it comes over HTTP too, and shown to nobody', async (t) => {
  const { ask, server } = await adminServer(t)
  await server.boot(MACHINE)
  const config = { root: { password: 'Top-S3cret.x' }, users: [{ name: 'ops', password: 'weakweak' }] }
  const all = await ask('PATCH /hosts/1', { metadata: { config } })
  assert.equal(all.status, 200, all.text)
  assert.match(all.text, /the password of ops is weak/)
  const one = await ask('PATCH /hosts/1', { settings: { set: { 'config.root.password': 'Top-S3cret.y' } } })
  assert.equal(one.status, 200, one.text)
  const { metadata } = await server.host(1)
  assert.match(
    JSON.stringify(metadata),
    /^\{"config":\{"root":\{"passwordHash":"\$6\$[^"]*"\},"users":\[\{"name":"ops","passwordHash":"\$6\$/,
  )
  const shown = await ask('GET /hosts/1')
  assert.equal(shown.json.metadata.config.root.passwordHash, '(set)')
  assert.ok(!/Top-S3cret|weakweak/.test(server.dump() + all.text + one.text + shown.text))
})
