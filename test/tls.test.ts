import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readTls } from '../src/tls.ts'
import { tempFolder } from './support/stores.ts'

const TLS = join(import.meta.dirname, 'http/admin/tls')
const file = (name: string) => join(TLS, name)
const DAY = 86_400_000
const END = Date.parse('2126-10-28')

test('a certificate is taken with its key', async () => {
  const { cert, key, warning } = await readTls({ cert: file('localhost.pem'), key: file('localhost.key') }, Date.now())
  assert.match(cert, /^-----BEGIN CERTIFICATE/)
  assert.match(key, /^-----BEGIN PRIVATE KEY/)
  assert.equal(warning, undefined)
})

for (const [what, at, warning] of [
  ['has expired', END + 30 * DAY, /expired on Oct 2\d .* 2126 GMT; browsers will refuse it/],
  ['expires soon', END - 4 * DAY, /expires in [34] days/],
  ['is not valid yet', Date.parse('2020-01-01'), /is valid only from Nov 21 .* on/],
] as const) {
  test(`a certificate that ${what} is used, and told`, async () => {
    const pair = await readTls({ cert: file('localhost.pem'), key: file('localhost.key') }, at)
    assert.match(pair.warning ?? '', warning)
  })
}

for (const [what, files, message] of [
  ['a file that is not there', ['none.pem', 'localhost.key'], /none\.pem is not there$/],
  ['a folder', ['.', 'localhost.key'], /is a folder$/],
  [
    'the key of another certificate',
    ['localhost.pem', 'renewed.key'],
    /renewed\.key is not the key of .*localhost\.pem$/,
  ],
  ['two certificates', ['localhost.pem', 'renewed.pem'], /renewed\.pem holds no private key in PEM/],
  ['both the wrong way around', ['localhost.key', 'localhost.pem'], /localhost\.key holds no certificate in PEM/],
  ['no PEM', ['README.md', 'localhost.key'], /README\.md holds no certificate in PEM/],
  [
    'a key with a password',
    ['localhost.pem', 'locked.key'],
    /locked\.key .* it has a password; take it away: openssl pkey/,
  ],
] as const) {
  test(`${what} is refused by its name`, async () => {
    const [cert, key] = files
    await assert.rejects(readTls({ cert: file(cert), key: file(key) }, 0), { kind: 'invalid', message })
  })
}

test('an empty file, and one of any bytes, is no certificate', async (t) => {
  const folder = tempFolder(t)
  for (const content of ['', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', '\u0000\u0001']) {
    const cert = join(folder, 'cert.pem')
    writeFileSync(cert, content)
    await assert.rejects(readTls({ cert, key: file('localhost.key') }, 0), { kind: 'invalid' })
  }
})

test('a file that this user may not read is told so', { skip: process.getuid?.() === 0 }, async (t) => {
  const folder = tempFolder(t)
  mkdirSync(join(folder, 'private'))
  writeFileSync(join(folder, 'cert.pem'), '')
  chmodSync(join(folder, 'cert.pem'), 0)
  const cert = join(folder, 'cert.pem')
  await assert.rejects(readTls({ cert, key: file('localhost.key') }, 0), { message: /may not be read by this user/ })
})
