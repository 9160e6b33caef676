import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import type { ProvisionError } from '../../src/core/errors.ts'
import { readTftp, type TftpFile } from '../../src/netboot/read-tftp.ts'
import { formatAcknowledge, formatRead, formatStop, parseTftp } from '../../src/netboot/tftp-packet.ts'

interface Behaviour {
  readonly content: Buffer
  /** Knows RFC 2347's options. */
  readonly options?: boolean
  /** Loses the first of each packet. */
  readonly loses?: boolean
  /** Never ends. */
  readonly endless?: boolean
  readonly refuses?: { readonly code: number; readonly message: string }
}

async function bound(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4')
  t.after(() => new Promise<void>((done) => socket.close(() => done())))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** A TFTP server as RFC 1350 has it, that answers from another port than it is asked on. */
async function serve(t: TestContext, { content, options, loses, endless, refuses }: Behaviour): Promise<number> {
  const [door, transfer] = [await bound(t), await bound(t)]
  const lost = new Set<string>()
  let blockSize = 512
  const send = (bytes: Buffer, to: RemoteInfo) => {
    const isFirst = !lost.has(bytes.toString('hex', 0, 4))
    lost.add(bytes.toString('hex', 0, 4))
    if (loses === true && isFirst) return
    transfer.send(bytes, to.port, to.address)
  }
  const block = (number: number) => {
    const at = (number - 1) * blockSize
    const data = endless === true ? Buffer.alloc(blockSize) : content.subarray(at, at + blockSize)
    return Buffer.concat([Buffer.of(0, 3, number >> 8, number & 255), data])
  }
  door.on('message', (bytes, from) => {
    const texts = bytes.toString('latin1', 2).split('\0')
    assert.deepEqual(texts.slice(0, 2), ['ipxe.efi', 'octet'])
    if (refuses !== undefined)
      send(Buffer.concat([Buffer.of(0, 5, 0, refuses.code), Buffer.from(`${refuses.message}\0`)]), from)
    else if (options === true) {
      blockSize = Number(texts[texts.indexOf('blksize') + 1])
      send(Buffer.concat([Buffer.of(0, 6), Buffer.from(`blksize\0${blockSize}\0tsize\0${content.length}\0`)]), from)
    } else send(block(1), from)
  })
  transfer.on('message', (bytes, from) => {
    const acknowledged = bytes.readUInt16BE(2)
    const isOver = endless !== true && acknowledged * blockSize > content.length
    if (bytes[1] === 4 && !isOver) send(block(acknowledged + 1), from)
  })
  return door.address().port
}

function read(port: number, largest = 1e6): Promise<TftpFile> {
  return readTftp({
    ...{ server: '127.0.0.1', file: 'ipxe.efi', port, largest, patienceMs: 100 },
    signal: new AbortController().signal,
  })
}

for (const length of [0, 511, 512, 5000, 14_680]) {
  for (const options of [true, false]) {
    test(`${length} bytes come whole ${options ? 'in large blocks' : 'from a server without options'}`, async (t) => {
      const content = randomBytes(length)
      const file = await read(await serve(t, { content, options }))
      assert.deepEqual(file.bytes, content)
      assert.equal(file.blockSize, options ? 1468 : 512)
    })
  }
}

test('what is lost is asked for again', async (t) => {
  const content = randomBytes(3000)
  assert.deepEqual((await read(await serve(t, { content, options: true, loses: true }))).bytes, content)
})

const refused = (kind: ProvisionError['kind'], message: RegExp) => (error: ProvisionError) =>
  error.kind === kind && message.test(error.message)

test('a file that is not there is told from one that is refused', async (t) => {
  const content = Buffer.alloc(0)
  const absent = await serve(t, { content, refuses: { code: 1, message: 'file not found' } })
  await assert.rejects(read(absent), refused('not-found', /refuses it: file not found/))
  const forbidden = await serve(t, { content, refuses: { code: 2, message: 'permission denied' } })
  await assert.rejects(read(forbidden), refused('invalid', /permission denied/))
})

test('a server that is not there is given up', async (t) => {
  const silent = await bound(t)
  await assert.rejects(read(silent.address().port), refused('unavailable', /does not answer/))
})

test('more than was agreed is not taken', async (t) => {
  await assert.rejects(
    read(await serve(t, { content: Buffer.alloc(2000), options: true }), 1000),
    refused('invalid', /has a file of 2000/),
  )
  await assert.rejects(
    read(await serve(t, { content: Buffer.alloc(0), endless: true }), 5000),
    refused('invalid', /does not stop/),
  )
})

test('packets are what RFC 1350 and 2347 say', () => {
  assert.equal(formatRead('a', new Map([['tsize', '0']])).toString('latin1'), '\0\u0001a\0octet\0tsize\x000\0')
  assert.deepEqual(formatAcknowledge(258), Buffer.of(0, 4, 1, 2))
  assert.equal(formatStop('x').toString('latin1'), '\0\u0005\0\0x\0')
  assert.deepEqual(parseTftp(Buffer.from('\0\u0006BLKSIZE\x0099\0')), {
    type: 'options',
    options: new Map([['blksize', '99']]),
  })
  for (const bytes of [Buffer.of(), Buffer.of(0), Buffer.of(0, 3, 0), Buffer.of(0, 5), Buffer.of(0, 9, 0, 0)]) {
    assert.equal(parseTftp(bytes), undefined)
  }
})
