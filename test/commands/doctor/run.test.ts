import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkServer } from '../../../src/commands/doctor/check-server.ts'
import { runDoctor } from '../../../src/commands/doctor/run-doctor.ts'
import { labServer } from '../../http/lab-server.ts'
import { brief, findingOf, setting } from './setting.ts'

const never = new AbortController().signal

async function listen(t: TestContext, handler: RequestListener): Promise<AddressInfo> {
  const server = createServer(handler)
  t.after(() => server.close().closeAllConnections())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server.address() as AddressInfo
}

const adminAt = (adminPort: number) => ({ adminHost: '127.0.0.1', adminPort, adminCert: undefined })

const health =
  (troubles: readonly string[]): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify({ status: 'ok', troubles }))

test('the boot door is asked, and nothing of it stays', async (t) => {
  const server = await labServer(t)
  const base = `http://127.0.0.1:${await server.listen('127.0.0.1')}`
  const before = server.dump()
  const { port } = await listen(t, health([]))
  const findings = await checkServer(adminAt(port), base, never)
  assert.deepEqual(brief(findings), ['ok bootstrap', 'ok bootstrap-answer', 'ok admin-door'])
  assert.equal(server.dump(), before)
})

test('a program that is not metalspray on its ports is told', async (t) => {
  const page = await listen(t, (_request, response) => void response.end('<html>'))
  const findings = await checkServer(adminAt(page.port), `http://127.0.0.1:${page.port}`, never)
  assert.deepEqual(brief(findings), ['fail bootstrap', 'warn admin-door'])
})

test('what the server says of its own troubles is told', async (t) => {
  const { port } = await listen(t, health(['dnsmasq: it ended with status 2']))
  const findings = await checkServer(adminAt(port), undefined, never)
  assert.match(findingOf(findings, 'admin-door').what, /has troubles: dnsmasq: it ended with status 2/)
  const well = await listen(t, health([]))
  assert.deepEqual(brief(await checkServer(adminAt(well.port), undefined, never)), ['ok admin-door'])
})

test('a door with a certificate is asked by TLS, by whatever name it is for', async (t) => {
  const folder = join(import.meta.dirname, '../../http/admin/tls')
  const [cert, key] = ['localhost.pem', 'localhost.key'].map((name) => readFileSync(join(folder, name)))
  const server = createTlsServer({ cert, key }, health([]))
  t.after(() => server.close().closeAllConnections())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const withTls = { ...adminAt(port), adminCert: join(folder, 'localhost.pem') }
  assert.deepEqual(brief(await checkServer(withTls, undefined, never)), ['ok admin-door'])
  assert.deepEqual(brief(await checkServer(adminAt(port), undefined, never)), ['warn admin-door'])
})

test('a door that asks for a token tells strangers only how it is', async (t) => {
  const at = async (status: string) => {
    const { port } = await listen(t, (_request, response) => void response.end(JSON.stringify({ status })))
    return brief(await checkServer(adminAt(port), undefined, never))
  }
  assert.deepEqual(await at('ok'), ['ok admin-door'])
  assert.deepEqual(await at('degraded'), ['fail admin-door'])
})

test('without a network all that needs none is looked at', async (t) => {
  const { deps } = setting(t, { interface: 'nosuch7' })
  const findings = await runDoctor(deps, never)
  assert.equal(findings[0]?.level, 'fail', 'the worst first')
  assert.equal(findingOf(findings, 'interface').level, 'fail')
  for (const id of ['templates', 'clock', 'images', 'database', 'disk-data', 'port-67']) findingOf(findings, id)
  assert.equal(
    findings.find(({ id }) => id.startsWith('dhcp')),
    undefined,
  )
})

test('a check that hangs is a finding, and the others end', async (t) => {
  const { port } = await listen(t, () => {})
  const { deps } = setting(t, { interface: 'nosuch7', adminPort: port, limitMs: 1500 })
  const findings = await runDoctor(deps, never)
  assert.match(findingOf(findings, 'check-server').what, /the check of server did not end within 1.5 s/)
  assert.equal(findingOf(findings, 'clock').level, 'ok')
})

test('who stops the doctor need not wait for it', async (t) => {
  const { port } = await listen(t, () => {})
  const { deps } = setting(t, { interface: 'nosuch7', adminPort: port })
  const stop = new AbortController()
  const running = runDoctor(deps, stop.signal)
  stop.abort(new Error('enough'))
  await assert.rejects(running, /enough/)
})
