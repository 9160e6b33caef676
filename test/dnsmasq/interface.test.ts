import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultRange, findNetwork, networkAddress, parseRange } from '../../src/dnsmasq/interface.ts'
import { formatIpv4, parseIpv4 } from '../../src/dnsmasq/ipv4.ts'

const network = { interface: 'lab0', address: '10.77.0.1', netmask: '255.255.255.0' }

test('an IPv4 address reads back as it was printed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => parseIpv4(formatIpv4(address)) === address),
  )
})

test('what is no IPv4 address is refused', () => {
  for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '1.2.3.x', '0x1.2.3.4', '10.0.0.1\n']) {
    if (text.endsWith('\n')) assert.equal(parseIpv4(text), parseIpv4('10.0.0.1'))
    else assert.throws(() => parseIpv4(text), /is not an IPv4 address/)
  }
})

const outside = Object.entries(networkInterfaces())
  .flatMap(([name, entries]) => (entries ?? []).map((entry) => ({ name, ...entry })))
  .find(({ family, internal }) => family === 'IPv4' && !internal)

test('our address on an interface is found', { skip: outside === undefined }, () => {
  const { name = '', address, netmask } = outside ?? {}
  assert.deepEqual(findNetwork(name), { interface: name, address, netmask })
})

test('the loopback interface is no network of machines', () => {
  assert.throws(() => findNetwork('lo'), /interface lo is this machine's own/)
})

test('an interface that is not there is refused, and those that are there are named', () => {
  assert.throws(() => findNetwork('nope7'), /there is no interface nope7, only /)
  assert.throws(() => findNetwork('a,b'), /is not the name of an interface/)
})

test('a default range leaves the lowest addresses free', () => {
  assert.deepEqual(defaultRange(network), { first: '10.77.0.100', last: '10.77.0.254' })
})

test('a default range lies within the network and never holds our own address', () => {
  const networks = fc.record({
    prefix: fc.integer({ min: 8, max: 29 }),
    address: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  })
  fc.assert(
    fc.property(networks, ({ prefix, address }) => {
      const size = 2 ** (32 - prefix)
      const own = Math.floor(address / size) * size + 1 + (address % (size - 2))
      const here = { interface: 'x', address: formatIpv4(own), netmask: formatIpv4(2 ** 32 - size) }
      const { first, last } = defaultRange(here)
      assert.deepEqual(parseRange(`${first},${last}`, here), { first, last })
    }),
  )
})

test('a range that does not fit is refused with the reason', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['10.77.0.100', /write FIRST,LAST/],
    ['10.77.0.200,10.77.0.100', /ends before it begins/],
    ['10.77.0.100,10.77.1.20', /is not within the network of lab0 \(10\.77\.0\.1 to 10\.77\.0\.254\)/],
    ['10.77.0.1,10.77.0.20', /holds this server's own address 10\.77\.0\.1/],
    ['10.77.0.2,10.77.0.255', /is not within the network/],
    ['a,b', /"a" is not an IPv4 address/],
  ]
  for (const [text, why] of refused) assert.throws(() => parseRange(text, network), why)
})

test('the network has its own address', () => {
  assert.equal(networkAddress({ ...network, address: '10.77.3.200', netmask: '255.255.252.0' }), '10.77.0.0')
})
