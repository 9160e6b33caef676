import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { isIn, isNetwork, parseCidr, parseIp, prefixOf } from '../../../src/core/config/ip.ts'
import { runs } from '../../support/runs.ts'

test('an address is one exactly when Node says so, but for zones', () => {
  const almost = fc.stringMatching(/^[0-9a-f:.]{1,24}$/)
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), almost), (text) => {
      assert.equal(parseIp(text)?.version ?? 0, isIP(text), text)
    }),
    { numRuns: runs(3000) },
  )
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
  ]) {
    assert.equal(parseIp(text), undefined, text)
  }
})

test('an address is the number that it stands for', () => {
  assert.equal(parseIp('192.0.2.1')?.bits, 0xc0000201n)
  assert.equal(parseIp('::')?.bits, 0n)
  assert.equal(parseIp('2001:db8::1')?.bits, 0x20010db8_00000000_00000000_00000001n)
  assert.equal(parseIp('1:2:3:4:5:6:7:8')?.bits, 0x00010002_00030004_00050006_00070008n)
  assert.equal(parseIp('::ffff:192.0.2.1')?.bits, 0xffff_c0000201n)
  assert.equal(parseIp('FE80::A')?.bits, parseIp('fe80:0:0:0:0:0:0:a')?.bits)
})

test('networks hold their hosts and no others', () => {
  const holds = (network: string, host: string) => {
    const [cidr, ip] = [parseCidr(network), parseIp(host)]
    assert.ok(cidr !== undefined && ip !== undefined)
    return isIn(ip, cidr)
  }
  assert.equal(holds('192.0.2.10/24', '192.0.2.255'), true)
  assert.equal(holds('192.0.2.10/24', '192.0.3.0'), false)
  assert.equal(holds('192.0.2.10/32', '192.0.2.11'), false)
  assert.equal(holds('0.0.0.0/0', '255.255.255.255'), true)
  assert.equal(holds('::/0', '192.0.2.1'), false)
  assert.equal(holds('2001:db8::/64', '2001:db8::ffff'), true)
  assert.equal(parseCidr('192.0.2.0/33'), undefined)
  assert.equal(parseCidr('2001:db8::/129'), undefined)
  assert.equal(parseCidr('192.0.2.0'), undefined)
  for (const [text, expected] of [
    ['10.0.0.0/8', true],
    ['10.0.0.1/8', false],
    ['2001:db8::/32', true],
    ['2001:db8::1/127', false],
  ] as const) {
    const cidr = parseCidr(text)
    assert.equal(cidr && isNetwork(cidr), expected, text)
  }
})

test('netmasks are prefixes', () => {
  for (let prefix = 0; prefix <= 32; prefix += 1) {
    const bits = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
    assert.equal(prefixOf([24, 16, 8, 0].map((by) => (bits >>> by) & 255).join('.')), prefix)
  }
  assert.equal(prefixOf('ffff:ffff:ffff:ffff::'), 64)
  for (const text of ['255.0.255.0', '0.0.0.255', '127.0.0.0', 'x', '255.255.255.0/24']) {
    assert.throws(() => prefixOf(text), /no netmask/, text)
  }
})
