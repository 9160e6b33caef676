import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAnswer } from '../../src/netboot/boot-answer.ts'
import { type DhcpPacket, formatDhcp, MESSAGE, OPTION, parseDhcp } from '../../src/netboot/dhcp-packet.ts'
import { DOCTOR_MAC, discover, FIRMWARES, type Firmware, requestBootFile } from '../../src/netboot/firmware.ts'

function firmware(name: string): Firmware {
  const found = FIRMWARES.find((one) => one.name === name)
  assert.ok(found)
  return found
}

/** A discover as it arrives at a server. */
function sent(name: string): DhcpPacket {
  const packet = parseDhcp(formatDhcp(discover(firmware(name), 5)))
  assert.ok(packet)
  return packet
}

test('each kind of firmware says who it is, as RFC 4578 has it', () => {
  const said = FIRMWARES.map(({ name }) => {
    const { options } = sent(name)
    const text = (code: number) => options.get(code)?.toString('latin1')
    return [
      name,
      options.get(OPTION.arch)?.readUInt16BE(),
      text(OPTION.vendorClass),
      text(OPTION.userClass),
      options.has(OPTION.ipxe),
    ]
  })
  assert.deepEqual(said, [
    ['bios', 0, 'PXEClient:Arch:00000:UNDI:002001', undefined, false],
    ['x64', 7, 'PXEClient:Arch:00007:UNDI:003016', undefined, false],
    ['x64-9', 9, 'PXEClient:Arch:00009:UNDI:003016', undefined, false],
    ['arm64', 11, 'PXEClient:Arch:00011:UNDI:003016', undefined, false],
    ['http-x64', 16, 'HTTPClient:Arch:00016:UNDI:003016', undefined, false],
    ['http-arm64', 19, 'HTTPClient:Arch:00019:UNDI:003016', undefined, false],
    ['ipxe-bios', 0, 'PXEClient:Arch:00000:UNDI:002001', 'iPXE', true],
    ['ipxe-x64', 7, 'PXEClient:Arch:00007:UNDI:003016', 'iPXE', true],
  ])
  const { mac, broadcast, giaddr, options } = sent('x64')
  assert.deepEqual([mac, broadcast, giaddr], [DOCTOR_MAC, true, '0.0.0.0'])
  assert.deepEqual(options.get(OPTION.undi), Buffer.of(1, 3, 16))
  assert.equal(options.get(OPTION.uuid)?.length, 17)
})

test('a machine of a menu asks a proxy DHCP server for the item that it names', () => {
  const packet = parseDhcp(
    formatDhcp(requestBootFile(firmware('bios'), { xid: 9, address: '10.77.0.7', item: Buffer.of(0x80, 3) })),
  )
  assert.deepEqual(packet?.options.get(OPTION.messageType), Buffer.of(MESSAGE.request))
  assert.deepEqual(packet?.options.get(OPTION.vendorOptions), Buffer.of(71, 4, 0x80, 3, 0, 0, 255))
  assert.deepEqual([packet?.ciaddr, packet?.broadcast], ['10.77.0.7', false])
})

function answer(more: Partial<DhcpPacket>, options: readonly (readonly [number, Buffer])[]): DhcpPacket {
  return { ...discover(firmware('x64'), 5), op: 'reply', ...more, options: new Map(options) }
}

test('the answer of a server is read from the fields, or from options', () => {
  const offer = [OPTION.messageType, Buffer.of(MESSAGE.offer)] as const
  const server = [OPTION.server, Buffer.of(10, 77, 0, 2)] as const
  const byFields = answer({ yiaddr: '10.77.0.100', siaddr: '10.77.0.1', file: 'snponly.efi' }, [offer, server])
  assert.deepEqual(readAnswer(firmware('x64'), byFields, '10.77.0.9'), {
    ...{
      firmware: firmware('x64'),
      server: '10.77.0.2',
      address: '10.77.0.100',
      file: 'snponly.efi',
      from: '10.77.0.1',
    },
    ...{ vendorClass: '', item: undefined },
  })
  const byOptions = answer({}, [
    offer,
    [OPTION.bootFile, Buffer.from('a.efi\0')],
    [OPTION.tftpServer, Buffer.from('10.0.0.1')],
  ])
  const read = readAnswer(firmware('x64'), byOptions, '10.77.0.9')
  assert.deepEqual([read?.server, read?.address, read?.file, read?.from], ['10.77.0.9', undefined, 'a.efi', '10.0.0.1'])
})

test('a proxy DHCP server is known by its menu and by giving no address', () => {
  const offer = [OPTION.messageType, Buffer.of(MESSAGE.offer)] as const
  const menu = Buffer.of(6, 1, 3, 9, 7, 0x80, 1, 4, ...Buffer.from('iPXE'), 255)
  const options = [offer, [OPTION.vendorClass, Buffer.from('PXEClient')], [OPTION.vendorOptions, menu]] as const
  const read = readAnswer(firmware('bios'), answer({}, options), '10.77.0.1')
  assert.deepEqual(
    [read?.address, read?.file, read?.vendorClass, read?.item],
    [undefined, undefined, 'PXEClient', Buffer.of(0x80, 1)],
  )
})

test('what is no answer to a question is none', () => {
  const nak = answer({}, [[OPTION.messageType, Buffer.of(6)]])
  assert.equal(readAnswer(firmware('x64'), nak, '10.77.0.1'), undefined)
  assert.equal(readAnswer(firmware('x64'), discover(firmware('x64'), 5), '10.77.0.1'), undefined)
})
