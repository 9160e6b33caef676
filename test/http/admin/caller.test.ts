import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { guardDoor } from '../../../src/http/admin/auth/guard.ts'

test('every handler knows who asks', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  guardDoor(app)
  await app.register(async (nested) => {
    nested.get('/who', async ({ caller }) => caller)
    nested.delete('/all', { config: { role: 'admin' } }, async ({ caller }) => caller)
  })
  const loopback = { name: 'loopback', role: 'admin' }
  assert.deepEqual((await app.inject('/who')).json(), loopback)
  assert.deepEqual((await app.inject({ method: 'DELETE', url: '/all' })).json(), loopback)
})
