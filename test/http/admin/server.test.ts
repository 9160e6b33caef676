import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { tempFolder } from '../../support/stores.ts'
import { MACHINE, putLinux } from '../lab-server.ts'
import { adminServer } from './admin-server.ts'

test('the status tells hosts, time and troubles', async (t) => {
  const { ask, server } = await adminServer(t, { troubles: ['dnsmasq ended with code 2'], maxInstalls: 3 })
  await server.boot(MACHINE)
  const { json } = await ask('GET /status')
  assert.deepEqual(json, {
    ...{ version: '1.2.3', startedAt: '2026-01-01T00:00:00.000Z', now: '2026-01-01T00:00:00.000Z', maxInstalls: 3 },
    hosts: { new: 1, assigned: 0, installing: 0, finished: 0, failed: 0 },
    troubles: ['dnsmasq ended with code 2'],
  })
})

test('settings of the server and of images are changed and shown without their secrets', async (t) => {
  const { ask, server } = await adminServer(t)
  await putLinux(server, 'demo')
  assert.deepEqual((await ask('GET /settings')).json, { places: [] })
  const set = await ask('PATCH /settings', {
    settings: { set: { 'esxi.network.nameserver': '10.0.0.2' } },
    rootPassword: 'VMware1!secret',
  })
  assert.equal(set.status, 200, set.text)
  assert.deepEqual(set.json.places, [
    {
      image: null,
      imageJson: false,
      settings: { esxi: { network: { nameserver: '10.0.0.2' }, rootPassword: '(set)' } },
    },
  ])
  assert.deepEqual(set.json.changes, ['esxi.network.nameserver set', 'esxi.rootPassword set'])
  const image = await ask('PATCH /images/demo/settings', { settings: { set: { 'config.timezone': 'Europe/Berlin' } } })
  assert.deepEqual([image.status, image.json.places?.[0].image], [200, 'demo'], image.text)
  assert.deepEqual((await ask('GET /images/demo/settings')).json.places, image.json.places)
  assert.equal((await ask('GET /settings')).json.places.length, 2)
  assert.equal((await ask('GET /images/esxi9/settings')).status, 404)
  for (const body of [{}, { settings: { set: { 'esxi.disk': 7 } } }, { rootPassword: 'x' }, { x: 1 }]) {
    assert.equal((await ask('PATCH /settings', body)).status, 400, JSON.stringify(body))
  }
})

test('a backup is a whole database, and leaves no file behind', async (t) => {
  const { admin, server } = await adminServer(t)
  await server.boot(MACHINE)
  const { statusCode, rawPayload, headers } = await admin.inject('/api/v1/backup')
  assert.equal(statusCode, 200)
  assert.equal(Number(headers['content-length']), rawPayload.length)
  const file = join(tempFolder(t), 'copy.sqlite')
  writeFileSync(file, rawPayload)
  const copy = new Database(file)
  assert.deepEqual(copy.prepare('SELECT serial FROM hosts').pluck().all(), ['SER-1'])
  assert.equal(copy.pragma('integrity_check', { simple: true }), 'ok')
  copy.close()
  assert.deepEqual(
    readdirSync(join(server.folder, 'data')).filter((name) => name.includes('backup')),
    [],
  )
})

test("KIWIspray's hosts are taken over, all or none, or only looked at", async (t) => {
  const { ask, server } = await adminServer(t)
  const known = [{ id: 3, serial: 'SER-3', state: 'finished', hostname: 'esx3', mac: ['52:54:00:00:00:03'] }]
  const trial = await ask('POST /known-hosts?dryRun=true', known)
  assert.equal(trial.status, 200, trial.text)
  assert.equal((await server.store.listHosts()).length, 0)
  const taken = await ask('POST /known-hosts', known)
  assert.deepEqual(
    [taken.status, taken.json.hosts[0].hostname, (await server.host(3)).state],
    [200, 'esx3', 'finished'],
  )
  assert.equal((await server.events(3)).at(-1)?.by, 'loopback')
  assert.equal((await ask('POST /known-hosts', known)).status, 409)
  assert.equal((await ask('POST /known-hosts', { id: 3 })).status, 400)
})
