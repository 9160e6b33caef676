import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { place } from './program.ts'

const outside = Object.entries(networkInterfaces()).find(([, entries]) =>
  entries?.some((entry) => entry.family === 'IPv4' && !entry.internal),
)?.[0]

test('a configuration for dnsmasq needs an interface', async (t) => {
  const here = await place(t)
  const { code, stderr } = await here.metalspray('dnsmasq-config')
  assert.deepEqual([code, stderr], [2, 'error: which network? Name it with --interface\n'])
})

for (const [what, args, message] of [
  ['a port that is none yet', ['--interface', outside ?? 'eth0', '--port', '0'], /^error: --port 0 .*known/],
  ['the loopback interface', ['--interface', 'lo'], /^error: interface lo is this machine's own/],
] as const) {
  test(`${what} is refused, and no folder is made`, async (t) => {
    const here = await place(t)
    const { stdout, stderr } = await here.metalspray('dnsmasq-config', ...args)
    assert.match(stderr, message)
    assert.equal(stdout, '')
    assert.deepEqual(await here.files(), [])
  })
}

test('an interface that is not there is refused, and no folder is made', async (t) => {
  const here = await place(t)
  const { code, stderr } = await here.metalspray('dnsmasq-config', '--interface', 'none0')
  assert.equal(code, 1)
  assert.match(stderr, /^error: there is no interface none0/)
  assert.deepEqual(await here.files(), [])
})

test('the configuration goes to standard output alone', { skip: outside === undefined }, async (t) => {
  const here = await place(t)
  const { code, stdout } = await here.metalspray(
    'dnsmasq-config',
    '--interface',
    outside ?? '',
    '--proxy',
    '--port',
    '5050',
  )
  assert.equal(code, 0)
  assert.match(stdout, new RegExp(`^interface=${outside}$`, 'm'))
  assert.match(stdout, /^dhcp-range=[\d.]+,proxy,/m)
  assert.match(stdout, /:5050\/bootstrap\.ipxe$/m)
  assert.doesNotMatch(stdout, /warning/)
})
