import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeardFrom } from '../../src/core/heard-from.ts'
import { installing, labServer } from './lab-server.ts'

test('it is known which host an address belongs to: by its boot, and by what it fetches in that', async (t) => {
  const heard = new HeardFrom()
  const server = await labServer(t, { heard })
  const boot = await installing(server)
  assert.deepEqual(heard.at('127.0.0.1'), { host: 1, boot: 2 })
  assert.deepEqual(heard.at('::ffff:127.0.0.1'), { host: 1, boot: 2 }, 'as a socket for both calls it')
  const fetched = await server.app.inject({ url: `/b/${boot.id}/tree/vmlinuz`, remoteAddress: '10.0.0.77' })
  assert.equal(fetched.statusCode, 200)
  assert.deepEqual(heard.at('10.0.0.77'), { host: 1, boot: 2 }, 'an installer may have another address than its loader')
  await server.boot('serial=SER-9')
  assert.deepEqual(heard.at('127.0.0.1'), { host: 2, boot: 3 }, 'the one that was heard last')
  assert.equal(heard.at('10.0.0.1'), undefined)
})

test('iPXE is told where to send its console when syslog is received, and only then', async (t) => {
  const told = await labServer(t, { heard: new HeardFrom() })
  assert.match((await told.get('/bootstrap.ipxe')).body, /^set syslog 127\.0\.0\.1 \|\|$/m)
  const named = await labServer(t, { heard: new HeardFrom(), baseUrl: 'http://boot.lab:5000' })
  const silent = await labServer(t)
  for (const server of [named, silent]) assert.doesNotMatch((await server.get('/bootstrap.ipxe')).body, /syslog/)
})
