import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { checkCertificate } from '../../../src/commands/doctor/check-certificate.ts'
import { setting } from './setting.ts'

/** For localhost, of a year; nobody has its key any more. */
const PEM = `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUXxUyQM3mXbaNClWaZcHyXBrpCMwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyMTExMDkyM1oXDTI3MTEyMTEx
MDkyM1owFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEjXkXhg1Q5LPWekznA0bHmmWbpmHt75JlHJB0mI5EGjK225dS18ijDNZf
40MUUhlF7Rjn3KMQzmqwSnJmohRMWqNTMFEwHQYDVR0OBBYEFO9vwfyhxUVgWwa5
0S7yHZxt+3VqMB8GA1UdIwQYMBaAFO9vwfyhxUVgWwa50S7yHZxt+3VqMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAKOQdLi48JqDEfbP4ombnzsV
vfb3YfiAHrj8JOIJv/9YAiAGwjUF59sKKwWU80CpVv+Ix6fXydyQncxxy3Bvqfem
XQ==
-----END CERTIFICATE-----
`
const DAY_MS = 24 * 60 * 60 * 1000

test('a certificate holds between its dates, and its end is told before it comes', async (t) => {
  const { write } = setting(t)
  const adminCert = write('door.pem', PEM)
  const [from, to] = [new X509Certificate(PEM).validFrom, new X509Certificate(PEM).validTo].map((date) =>
    Date.parse(date),
  )
  assert.ok(from !== undefined && to !== undefined)
  const at = async (time: number) => (await checkCertificate({ adminCert, now: () => time }))[0]
  assert.equal((await at(from + DAY_MS))?.level, 'ok')
  assert.match((await at(from - DAY_MS))?.what ?? '', /it is of the future, or the clock is wrong/)
  assert.match((await at(to - 3 * DAY_MS))?.what ?? '', /door\.pem ends on /)
  const over = await at(to + DAY_MS)
  assert.equal(over?.level, 'warn')
  assert.match(over?.what ?? '', /door\.pem ended on /)
})

test('a certificate that is none, or not there, is told', async (t) => {
  const { write } = setting(t)
  const at = async (adminCert: string) => (await checkCertificate({ adminCert, now: Date.now }))[0]?.what ?? ''
  assert.match(await at(write('none.pem', 'hello')), /none\.pem cannot be read: /)
  assert.match(await at('/nowhere/door.pem'), /cannot be read: ENOENT/)
  assert.deepEqual(await checkCertificate({ adminCert: undefined, now: Date.now }), [])
})
