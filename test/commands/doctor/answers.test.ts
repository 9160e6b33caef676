import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { checkBootFiles } from '../../../src/commands/doctor/check-boot-files.ts'
import { judgeAnswers } from '../../../src/commands/doctor/judge-answers.ts'
import type { BootAnswer } from '../../../src/netboot/boot-answer.ts'
import { FIRMWARES, type Firmware } from '../../../src/netboot/firmware.ts'

const EXPECTED = { interface: 'eth1', address: '10.77.0.1', archs: new Set(['bios', 'x64'] as const) }
const never = new AbortController().signal

function firmware(name: string): Firmware {
  const found = FIRMWARES.find((one) => one.name === name)
  assert.ok(found)
  return found
}

function answer(name: string, more: Partial<BootAnswer>): BootAnswer {
  const from = more.file?.startsWith('http') ? undefined : '10.77.0.1'
  const none = { address: '10.77.0.100', file: undefined, from, vendorClass: '', item: undefined }
  return { firmware: firmware(name), server: '10.77.0.1', ...none, ...more }
}

function judge(name: string, ...answers: readonly Partial<BootAnswer>[]) {
  const { findings, files } = judgeAnswers(
    firmware(name),
    answers.map((one) => answer(name, one)),
    EXPECTED,
  )
  assert.equal(findings.length, 1)
  assert.equal(findings[0]?.id, `dhcp-${name}`)
  return {
    level: findings[0]?.level,
    what: findings[0]?.what ?? '',
    files: files.map(({ file, server }) => `${file} ${server}`),
  }
}

test('what a machine would fetch is what the one server names', () => {
  assert.deepEqual(judge('bios', { file: 'undionly.kpxe' }), {
    ...{ level: 'ok', what: 'BIOS firmware is told undionly.kpxe on 10.77.0.1 by this machine' },
    files: ['undionly.kpxe 10.77.0.1'],
  })
  const url = 'http://10.77.0.1:5000/ipxe/snponly-x64.efi'
  assert.deepEqual(judge('http-x64', { file: url, vendorClass: 'HTTPClient' }).files, [`${url} undefined`])
  const other = { server: '10.77.0.2', file: undefined }
  assert.equal(judge('x64', other, { address: undefined, file: 'snponly-x64.efi' }).level, 'ok')
})

const wrong: readonly (readonly [string, string, readonly Partial<BootAnswer>[], RegExp])[] = [
  ['nobody names a file', 'x64', [{}], /is not told what to start/],
  [
    'two servers name two files',
    'x64',
    [{ file: 'a.efi' }, { file: 'b.efi', server: '10.77.0.2' }],
    /is told a.efi by 10.77.0.1 and b.efi by 10.77.0.2/,
  ],
  ['iPXE is sent to iPXE', 'ipxe-x64', [{ file: 'snponly.efi' }], /as if it were not iPXE already/],
  [
    'BIOS is sent to the script',
    'bios',
    [{ file: 'http://10.77.0.1:5000/bootstrap.ipxe' }],
    /a script that only iPXE understands/,
  ],
  ['PXE is sent to an address', 'x64', [{ file: 'http://10.77.0.1:5000/ipxe/snponly-x64.efi' }], /it knows TFTP alone/],
  ['nobody says where the file is', 'bios', [{ file: 'undionly.kpxe', from: undefined }], /no server to fetch it from/],
  ['HTTP boot is sent to a name', 'http-x64', [{ file: 'snponly.efi' }], /which is no address/],
  ['HTTP boot is answered without its class', 'http-x64', [{ file: 'http://10.77.0.1/a.efi' }], /without option 60/],
]
for (const [name, who, answers, expected] of wrong) {
  test(`it fails when ${name}`, () => {
    const { level, what, files } = judge(who, ...answers)
    assert.equal(level, 'fail')
    assert.match(what, expected)
    assert.deepEqual(files, [], 'and nothing is fetched')
  })
}

test('machines that cannot be started here anyway are no failure', () => {
  assert.equal(judge('arm64', {}).level, 'note')
  assert.equal(judge('http-arm64', {}).level, 'note')
  assert.equal(judge('http-x64', { server: '10.77.0.2' }).level, 'note', 'beside another DHCP server')
})

function efi(machine: number, more = ''): Buffer {
  const bytes = Buffer.alloc(0x60)
  bytes.write('MZ')
  bytes.writeUInt32LE(0x40, 0x3c)
  bytes.write('PE\0\0', 0x40)
  bytes.writeUInt16LE(machine, 0x44)
  return Buffer.concat([bytes, Buffer.from(more)])
}

const MARK = 'see http://ipxe.org/ for more'

const bodies: readonly (readonly [string, string, Buffer, string, RegExp])[] = [
  ['iPXE', 'http-x64', efi(0x8664, MARK), 'ok', /is iPXE for UEFI x64 firmware by HTTP boot/],
  [
    'an EFI program that is not iPXE',
    'http-x64',
    efi(0x8664),
    'warn',
    /is an EFI program for x64, but does not look like iPXE/,
  ],
  [
    'a program of 32 bits',
    'http-x64',
    efi(0x14c, MARK),
    'fail',
    /is an EFI program for ia32, which UEFI x64 firmware .* cannot start/,
  ],
  ['an arm64 program', 'http-x64', efi(0xaa64, MARK), 'fail', /is an EFI program for arm64/],
  ['an arm64 program for arm64', 'http-arm64', efi(0xaa64, MARK), 'ok', /is iPXE for UEFI arm64/],
  ['a page', 'http-x64', Buffer.from('<html>not here</html>'), 'fail', /is no EFI program/],
  ['a script for firmware', 'http-x64', Buffer.from('#!ipxe\n'), 'fail', /is a script/],
  [
    'the script',
    'ipxe-x64',
    Buffer.from('#!ipxe\nchain http://10.77.0.1/bootstrap?x\n'),
    'ok',
    /is metalspray’s script/,
  ],
  ['a strange script', 'ipxe-x64', Buffer.from('#!ipxe\nshell\n'), 'warn', /is a script, but not metalspray’s/],
  ['a page for iPXE', 'ipxe-bios', Buffer.from('<html>'), 'fail', /is no iPXE script/],
]
for (const [name, who, body, level, what] of bodies) {
  test(`${name} is told by its contents when ${who} fetches it`, async (t) => {
    const file = await serve(t, (path) => (path === '/boot' ? body : undefined))
    const [finding] = await checkBootFiles(
      [{ firmware: firmware(who), file: `${file}/boot`, server: undefined }],
      never,
    )
    assert.deepEqual([finding?.id, finding?.level], [`file-${who}`, level])
    assert.match(finding?.what ?? '', what)
  })
}

test('a file that is not there, or whose length HEAD does not tell, is told', async (t) => {
  const base = await serve(t, (path) => (path === '/chunked' ? efi(0x8664, MARK) : undefined))
  const files = ['gone', 'chunked'].map((name) => ({
    firmware: firmware('http-x64'),
    file: `${base}/${name}`,
    server: undefined,
  }))
  const [gone, chunked] = await checkBootFiles(files, never)
  assert.match(gone?.what ?? '', /is answered with 404/)
  assert.match(chunked?.what ?? '', /HEAD says nothing of its length/)
  const [nobody] = await checkBootFiles(
    [{ firmware: firmware('http-x64'), file: 'http://127.0.0.1:1/x', server: undefined }],
    never,
  )
  assert.match(nobody?.what ?? '', /could not be fetched: .*ECONNREFUSED/)
})

/** A server of files; `/chunked` is sent without its length. */
async function serve(t: TestContext, find: (path: string) => Buffer | undefined): Promise<string> {
  const server = createServer((request, response) => {
    const body = find(request.url ?? '')
    if (body === undefined) {
      response.writeHead(404).end()
      return
    }
    if (request.url !== '/chunked') response.setHeader('content-length', body.length)
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  t.after(() => server.close().closeAllConnections())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
