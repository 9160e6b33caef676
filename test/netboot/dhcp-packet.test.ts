import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DhcpPacket, formatDhcp, OPTION, parseDhcp, parseEncapsulated } from '../../src/netboot/dhcp-packet.ts'

const NONE: DhcpPacket = {
  ...{ op: 'reply', xid: 7, broadcast: true, mac: '02:00:00:00:00:01', sname: '', file: '', options: new Map() },
  ...{ ciaddr: '0.0.0.0', yiaddr: '0.0.0.0', siaddr: '0.0.0.0', giaddr: '0.0.0.0' },
}

test('the fields are where RFC 2131 has them', () => {
  const options = new Map([[OPTION.messageType, Buffer.of(2)]])
  const bytes = formatDhcp({
    ...NONE,
    xid: 0x01020304,
    yiaddr: '10.77.0.9',
    siaddr: '10.77.0.1',
    file: 'a.efi',
    options,
  })
  assert.equal(bytes.length, 300)
  assert.equal(bytes.toString('hex', 0, 12), '020106000102030400008000')
  assert.equal(bytes.toString('hex', 12, 34), `00000000${'0a4d0009'}${'0a4d0001'}00000000020000000001`)
  assert.equal(bytes.toString('latin1', 108, 114), 'a.efi\0')
  assert.equal(bytes.toString('hex', 236, 244), '63825363350102ff')
})

test('what is written is read again, options of any length', () => {
  const octet = fc.integer({ min: 0, max: 255 })
  const address = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join('.'))
  const text = (most: number) => fc.stringMatching(/^[a-z0-9./:-]*$/, { maxLength: most })
  const options = fc.dictionary(
    fc
      .integer({ min: 1, max: 254 })
      .filter((code) => code !== OPTION.overload)
      .map(String),
    fc.uint8Array({ maxLength: 600 }),
  )
  const packets = fc.record({
    xid: fc.nat(),
    broadcast: fc.boolean(),
    ciaddr: address,
    yiaddr: address,
    file: text(127),
    sname: text(63),
    options,
  })
  fc.assert(
    fc.property(packets, ({ options: named, ...rest }) => {
      const map = new Map(Object.entries(named).map(([code, value]) => [Number(code), Buffer.from(value)]))
      const packet: DhcpPacket = { ...NONE, ...rest, options: map }
      assert.deepEqual(parseDhcp(formatDhcp(packet)), packet)
    }),
    { numRuns: 50 },
  )
})

test('options that go on in the fields for texts are found, and their names are no texts', () => {
  const bytes = formatDhcp({
    ...NONE,
    options: new Map([
      [OPTION.overload, Buffer.of(3)],
      [OPTION.messageType, Buffer.of(2)],
    ]),
  })
  Buffer.from([OPTION.bootFile, 5, ...Buffer.from('x.efi'), 255]).copy(bytes, 108)
  Buffer.from([OPTION.tftpServer, 4, ...Buffer.from('tftp'), 255]).copy(bytes, 44)
  const packet = parseDhcp(bytes)
  assert.equal(packet?.options.get(OPTION.bootFile)?.toString(), 'x.efi')
  assert.equal(packet?.options.get(OPTION.tftpServer)?.toString(), 'tftp')
  assert.deepEqual([packet?.file, packet?.sname], ['', ''])
})

test('bytes that are no packet, or are cut off, harm nobody', () => {
  const whole = formatDhcp({ ...NONE, options: new Map([[OPTION.vendorClass, Buffer.from('PXEClient')]]) })
  for (let length = 0; length < whole.length; length += 1) parseDhcp(whole.subarray(0, length))
  assert.equal(parseDhcp(whole.subarray(0, 239)), undefined)
  assert.equal(parseDhcp(Buffer.alloc(300)), undefined)
  assert.equal(parseDhcp(whole.subarray(0, 246))?.options.size, 0)
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      (bytes) => void parseDhcp(Buffer.concat([whole.subarray(0, 240), bytes])),
    ),
  )
})

test('options in an option are read', () => {
  assert.deepEqual(
    parseEncapsulated(Buffer.of(6, 1, 3, 0, 9, 2, 0x80, 0, 255, 1, 1, 1)),
    new Map([
      [6, Buffer.of(3)],
      [9, Buffer.of(0x80, 0)],
    ]),
  )
})
