import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MACHINE, putLinux } from '../lab-server.ts'
import { type AdminServer, adminServer } from './admin-server.ts'

/** The values of a metric by the labels that it has there. */
async function read({ admin }: AdminServer, name: string): Promise<Readonly<Record<string, number>>> {
  const { body, headers, statusCode } = await admin.inject({ url: '/metrics' })
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  assert.match(body, new RegExp(`^# HELP metalspray_${name} .`, 'm'))
  const lines = [...body.matchAll(new RegExp(`^metalspray_${name}(?:\\{\\w+="([^"]*)"\\})? (\\S+)$`, 'gm'))]
  return Object.fromEntries(lines.map(([, label = '', value]) => [label, Number(value)]))
}

test('hosts are counted by state, and those that need a person by why', async (t) => {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  await lab.server.boot(MACHINE)
  await lab.server.boot('serial=SER-2')
  await lab.server.assign(2, 'demo')
  const { id } = await lab.server.boot('serial=SER-2')
  await lab.server.post(`/b/${id}/fail`, 'reason=no+disk')
  const hosts = await read(lab, 'hosts')
  assert.deepEqual(hosts, { new: 1, assigned: 0, installing: 0, finished: 0, failed: 1 })
  assert.deepEqual(await read(lab, 'hosts_need_a_person'), { failed: 1 })
  assert.deepEqual(await read(lab, 'images'), { yes: 1, no: 0 })
})

test('what goes through the boot door is counted', async (t) => {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  await lab.server.put('images/demo/big', Buffer.alloc(500_000))
  const url = `http://127.0.0.1:${await lab.server.listen('127.0.0.1')}`
  await lab.server.boot(MACHINE)
  await lab.server.assign(1, 'demo')
  await lab.server.boot(MACHINE)
  await lab.server.get('/bootstrap?serial=%00')
  assert.deepEqual(await read(lab, 'answers_total'), { wait: 1, install: 1, refused: 1 })
  const before = (await read(lab, 'sent_bytes_total'))[''] ?? 0
  const answer = await fetch(`${url}/images/demo/big`)
  assert.equal((await answer.arrayBuffer()).byteLength, 500_000)
  const after = (await read(lab, 'sent_bytes_total'))[''] ?? 0
  assert.ok(after - before > 500_000 && after - before < 502_000, String(after - before))
  assert.equal((await fetch(`${url}/images/demo/none`)).status, 404)
  assert.equal((await fetch(`${url}/b/${'0'.repeat(32)}/finish`)).status, 404)
  assert.deepEqual(await read(lab, 'refusals_total'), { 404: 2 })
})

test('the process says how it is by the usual names', async (t) => {
  const { admin } = await adminServer(t)
  const { body } = await admin.inject({ url: '/metrics' })
  for (const name of ['nodejs_eventloop_lag_seconds', 'process_resident_memory_bytes', 'metalspray_info']) {
    assert.match(body, new RegExp(`^${name}`, 'm'))
  }
})
