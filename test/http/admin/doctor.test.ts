import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../../src/commands/doctor/finding.ts'
import { openDoctor } from '../../../src/doctor.ts'
import { setting } from '../../commands/doctor/setting.ts'
import { adminServer } from './admin-server.ts'

test('the doctor is asked over HTTP, and tells every field of every finding', async (t) => {
  const found: readonly Finding[] = [
    {
      id: 'dhcp-no-answer',
      level: 'fail',
      what: 'no DHCP server answers on eth1',
      why: 'so',
      mend: 'metalspray serve',
    },
    { id: 'clock', level: 'ok', what: 'the clock is right', why: 'it counts' },
  ]
  const { ask, server } = await adminServer(t, { doctor: async () => found })
  const { status, json, headers } = await ask('GET /doctor')
  assert.deepEqual([status, headers['cache-control']], [200, 'no-store'])
  assert.deepEqual(json, {
    checkedAt: new Date(server.now()).toISOString(),
    findings: [found[0], { ...found[1], mend: null }],
  })
})

test('who asks while the doctor is at work gets what comes of that', async (t) => {
  const { deps } = setting(t)
  // An interface that is not there: nothing is sent into the network of whoever runs the tests.
  const dhcp = { interface: 'nosuch7', range: undefined, proxy: false }
  let asked = 0
  const doctor = openDoctor(() => {
    asked += 1
    return { ...deps, dhcp }
  }, new AbortController().signal)
  const { ask } = await adminServer(t, { doctor })
  const [one, other] = await Promise.all([ask('GET /doctor'), ask('GET /doctor')])
  assert.deepEqual(one.json.findings, other.json.findings)
  assert.equal(asked, 1)
  const ids: string[] = one.json.findings.map(({ id }: Finding) => id)
  for (const id of ['interface', 'templates', 'database']) assert.ok(ids.includes(id), id)
  await ask('GET /doctor')
  assert.equal(asked, 2)
})

test('whoever asks the doctor of a server that stops is told that, and that is no failure', async (t) => {
  const { deps } = setting(t)
  const dhcp = { interface: 'nosuch7', range: undefined, proxy: false }
  const stopping = new AbortController()
  const doctor = openDoctor(() => ({ ...deps, dhcp }), stopping.signal)
  const { ask } = await adminServer(t, { doctor })
  const asked = ask('GET /doctor')
  stopping.abort()
  const { status, json } = await asked
  assert.deepEqual([status, json.detail], [503, 'the server is stopping; ask again'])
})
