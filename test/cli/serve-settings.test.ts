import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBaseUrl } from '../../src/cli/base-url.ts'
import { readSize, usualCache } from '../../src/cli/sending-settings.ts'
import { readPort, readRange } from '../../src/cli/serve-settings.ts'
import { readSyslog } from '../../src/cli/syslog-setting.ts'
import { place } from './program.ts'

test('all wrong settings are named at once, each as it was given', async (t) => {
  const here = await place(t)
  await here.write('file', '')
  const args = [
    'serve',
    '--port',
    '99999',
    '--base-url',
    'foo',
    '--range',
    '10.0.0.9',
    '--ipxe',
    'none',
    '--data',
    'file',
  ]
  const env = {
    METALSPRAY_ADMIN_PORT: 'x',
    METALSPRAY_DISCOVER: 'perhaps',
    METALSPRAY_LOG_LEVEL: 'loud',
    METALSPRAY_NO_WATCHDOG: 'maybe',
  }
  const { code, stdout, stderr } = await here.run(args, { env })
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
  assert.deepEqual(stderr.trimEnd().split('\n').sort(), [
    '  --base-url foo is not an address like http://10.0.0.1:5000',
    '  --data file is no folder',
    '  --ipxe none is no folder',
    '  --port 99999 is not a port (0 to 65535)',
    '  --range 10.0.0.9 is not a range like 10.0.0.100,10.0.0.200',
    '  --range says how dnsmasq is to work; it needs --interface',
    '  METALSPRAY_ADMIN_PORT x is not a port (0 to 65535)',
    '  METALSPRAY_DISCOVER perhaps is neither yes nor no',
    '  METALSPRAY_LOG_LEVEL loud is not one of trace, debug, info, warn, error, fatal, silent',
    '  METALSPRAY_NO_WATCHDOG maybe is neither yes nor no',
    'error: 10 settings are wrong',
  ])
})

for (const [what, args, message] of [
  ['an admin door at no address', ['--admin-host', '10.0.0.256'], /--admin-host 10.0.0.256 is not an address/],
  ['an admin door below a path', ['--admin-url', 'https://a.example/metal'], /--admin-url .* without a path/],
  ['an admin door at a name alone', ['--admin-url', 'a.example'], /--admin-url a.example is not an address like https/],
  ['a certificate without its key', ['--tls-cert', 'a.pem'], /--tls-cert goes with --tls-key/],
  ['a key without its certificate', ['--tls-key', 'a.key'], /--tls-key goes with --tls-cert/],
  ['an address that is none', ['--host', '10.0.0.256'], /--host 10.0.0.256 is not an address/],
  ['one port for both doors', ['--port', '5001'], /are both 5001/],
  ['a limit of no installs', ['--max-installs', '0'], /--max-installs 0 is not a number from 1 on/],
  ['a proxy without an interface', ['--proxy'], /--proxy .* needs --interface/],
  ['a proxy with a range', ['--interface', 'e', '--proxy', '--range', '10.0.0.1,10.0.0.2'], /--range cannot be given/],
  ['syslog without a port', ['--syslog', '10.0.0.1'], /--syslog 10.0.0.1 is not a port like 514, or/],
  ['syslog at a name', ['--syslog', 'host:514'], /--syslog host:514 is not a port/],
  ['a cache of no size', ['--cache', 'much'], /--cache much is not a size like 512MB or 2GB/],
  ['nginx without its address', ['--accel-redirect', '/internal/'], /it needs --base-url, nginx' address/],
  ['nginx with no path', ['--accel-redirect', 'x', '--base-url', 'http://a'], /--accel-redirect x is not a path like/],
  ['an interface that is none', ['--interface', 'eth0\nport=1'], /is not the name of a network interface/],
  ['templates that are not there', ['--templates', 'none'], /--templates none is no folder/],
] as const) {
  test(`${what} is refused before anything starts`, async (t) => {
    const here = await place(t)
    const { code, stderr } = await here.metalspray('serve', ...args)
    assert.match(stderr, message)
    assert.equal(code, 2)
    assert.deepEqual(await here.files(), [])
  })
}

for (const [env, message] of [
  [{ METALSPRAY_PROXY: 'yes' }, /^error: METALSPRAY_PROXY says how dnsmasq is to work; it needs --interface\n$/],
  [{ METALSPRAY_RANGE: '10.0.0.1,10.0.0.2' }, /^error: METALSPRAY_RANGE says how/],
  [
    { METALSPRAY_PORT: '5001' },
    /^error: METALSPRAY_PORT and --admin-port are both 5001; the two doors need a port each\n$/,
  ],
] as const) {
  test(`${Object.keys(env)} is called by its name when it does not fit with the others`, async (t) => {
    const here = await place(t)
    const { code, stderr } = await here.run(['serve'], { env })
    assert.match(stderr, message)
    assert.equal(code, 2)
  })
}

test('an empty variable is as good as none', async (t) => {
  const here = await place(t)
  const { stderr } = await here.spawn(['serve', '--port', 'x'], {
    env: { METALSPRAY_BASE_URL: '', METALSPRAY_DISCOVER: '' },
  })
  assert.equal(stderr, 'error: --port x is not a port (0 to 65535)\n')
})

for (const text of ['', '-1', '1.5', '0x10', '65536', '123456', ' 80', '１']) {
  test(`${JSON.stringify(text)} is not a port`, () => assert.throws(() => readPort(text), { name: 'ProvisionError' }))
}

for (const [text, expected] of [
  ['http://10.0.0.1:5000', 'http://10.0.0.1:5000'],
  ['http://10.0.0.1:5000/', 'http://10.0.0.1:5000'],
  ['https://boot.lab/metal/', 'https://boot.lab/metal'],
  ['http://[fd00::1]:5000', 'http://[fd00::1]:5000'],
] as const) {
  test(`${text} is an address for machines`, () => assert.equal(readBaseUrl(text), expected))
}

for (const text of ['foo', 'foo:5000', 'ftp://a', 'http://', 'http://u:p@a', 'http://a?x=1', 'http://a#x', '//a']) {
  test(`${text} is no address for machines`, () => assert.throws(() => readBaseUrl(text), { name: 'ProvisionError' }))
}

for (const text of ['10.0.0.1', '10.0.0.9,10.0.0.1', '10.0.0.1,10.0.0.2,10.0.0.3', '10.0.0.1,fd00::1', ',']) {
  test(`${text} is no range of addresses`, () => assert.throws(() => readRange(text), { name: 'ProvisionError' }))
}

test('a size is a number of bytes with or without a unit', () => {
  const sizes = { '0': 0, '1000': 1000, '512MB': 512e6, '1.5g': 1.5e9, '4 GB': 4e9, ' 20k ': 20_000, '7B': 7 }
  for (const [text, size] of Object.entries(sizes)) assert.equal(readSize(text), size, text)
  for (const text of ['', 'B x', '-1', '1e9', '5 MiB', '10TB', '9999999999']) assert.throws(() => readSize(text), text)
})

test('the cache is a quarter of the memory, of the container too, and 2 GB at most', () => {
  assert.equal(usualCache(4e9, 0), 1e9)
  assert.equal(usualCache(64e9, 0), 2e9)
  assert.equal(usualCache(64e9, 1e9), 0.25e9)
  assert.equal(usualCache(4e9, 2 ** 64), 1e9)
})

test('syslog is received at a port of all addresses, or of one', () => {
  assert.deepEqual(readSyslog('514'), { host: '0.0.0.0', port: 514 })
  assert.deepEqual(readSyslog('10.0.0.1:1514'), { host: '10.0.0.1', port: 1514 })
  assert.deepEqual(readSyslog('[::]:514'), { host: '::', port: 514 })
  for (const wrong of ['', '::', '::514', '[::]', '70000', '10.0.0:514', 'x514']) {
    assert.throws(() => readSyslog(wrong), { kind: 'invalid' }, wrong)
  }
})
