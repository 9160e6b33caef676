import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rename } from '../../src/core/edit.ts'
import { adminServer } from './admin/admin-server.ts'
import { installing } from './lab-server.ts'

test('/healthz says that all is well, which version this is and how many hosts are in each state', async (t) => {
  const { server, admin } = await adminServer(t)
  await installing(server)
  await server.boot('serial=SER-2')
  const { statusCode, body } = await admin.inject('/healthz')
  assert.equal(statusCode, 200)
  assert.deepEqual(JSON.parse(body), {
    ...{ status: 'ok', asksForToken: false, version: '1.2.3', troubles: [] },
    cache: { limit: 1000, bytes: 0, files: 0 },
    hosts: { new: 1, assigned: 0, installing: 1, finished: 0, failed: 0 },
  })
})

test('/healthz is 503 while a part of the server is in trouble, and says which', async (t) => {
  const { admin } = await adminServer(t, { troubles: ['dnsmasq ended with code 2'] })
  const { statusCode, body } = await admin.inject('/healthz')
  assert.equal(statusCode, 503)
  assert.deepEqual((JSON.parse(body) as { troubles: unknown }).troubles, ['dnsmasq ended with code 2'])
})

test('/healthz is 503 when the database cannot be read, and other answers say so too', async (t) => {
  const { server, admin } = await adminServer(t)
  await server.store[Symbol.asyncDispose]()
  const { statusCode, body } = await admin.inject('/healthz')
  assert.equal(statusCode, 503)
  const health = JSON.parse(body) as { status: string; troubles: readonly string[] }
  assert.equal(health.status, 'degraded')
  assert.match(health.troubles.join(), /database/)
  assert.equal((await admin.inject('/hosts')).statusCode, 503)
})

test("/hosts is KIWIspray's list", async (t) => {
  const { server, admin } = await adminServer(t)
  assert.equal((await admin.inject('/hosts')).body, '#Id Hostname             State      Serial#\n'.padStart(45))
  await installing(server, 'wipe,demo')
  await server.boot('serial=SER-2')
  await server.store.changeHost(2, 0, (host) => rename(host, 'esx2'))
  const { body, headers } = await admin.inject('/hosts')
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  assert.deepEqual(body.split('\n'), [
    ' #Id Hostname             State      Serial#',
    '   1                      wipe,demo  SER-1',
    '   2 esx2                 new        SER-2',
    '',
  ])
})

test('what machines ask is not answered at this door', async (t) => {
  const { admin } = await adminServer(t)
  for (const url of ['/bootstrap.ipxe', '/bootstrap?serial=x1', '/images/demo/vmlinuz', '/finish']) {
    assert.equal((await admin.inject(url)).statusCode, 404, url)
  }
})

test('an address that cannot be read is refused as everything is at this door', async (t) => {
  const { admin } = await adminServer(t)
  const { statusCode, headers, body } = await admin.inject('/api/v1/hosts/%ZZ')
  assert.equal(statusCode, 400)
  assert.match(String(headers['content-type']), /^application\/problem\+json/)
  assert.match(JSON.parse(body).detail, /%ZZ/)
})
