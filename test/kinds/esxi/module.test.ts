import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { packModule } from '../../../src/kinds/esxi/module/tar.ts'
import { temporaryFolder } from '../../images/folder.ts'

const run = promisify(execFile)

const FILES = new Map<string, string>([
  ['metalspray/netinit/deep/x.py', 'print(1)\n'],
  ['metalspray/host.json', '{"hostname":"säntis ⛰"}\n'],
  ['metalspray.txt', ''],
  ['metalspray/KS.CFG', 'x'.repeat(1024)],
])

const NAMES = [
  'metalspray.txt',
  'metalspray/',
  'metalspray/KS.CFG',
  'metalspray/host.json',
  'metalspray/netinit/',
  'metalspray/netinit/deep/',
  'metalspray/netinit/deep/x.py',
]

interface Header {
  readonly name: string
  readonly size: number
  readonly type: string
  readonly block: Buffer
}

function headersOf(tar: Buffer): readonly Header[] {
  const headers: Header[] = []
  for (let at = 0; tar[at] !== 0; ) {
    const block = tar.subarray(at, at + 512)
    const text = (from: number, length: number) => block.toString('latin1', from, from + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(text(124, 12), 8)
    headers.push({ name: text(0, 100), size, type: text(156, 1), block })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return headers
}

test('every folder has an entry before what is in it, and every header is one of old GNU tar', async () => {
  const tar = gunzipSync(await packModule(FILES))
  const headers = headersOf(tar)
  assert.deepEqual(
    headers.map(({ name }) => name),
    NAMES,
  )
  for (const { name, type, block, size } of headers) {
    assert.equal(block.subarray(257, 265).toString('hex'), '7573746172202000', name)
    assert.equal(type, name.endsWith('/') ? '5' : '0')
    assert.equal(Number.parseInt(block.toString('latin1', 100, 107), 8), name.endsWith('/') ? 0o755 : 0o644)
    for (const [at, length] of [
      [108, 7],
      [116, 7],
      [136, 11],
    ] as const) {
      assert.equal(Number.parseInt(block.toString('latin1', at, at + length), 8), 0)
    }
    assert.ok(block.subarray(265, 329).every((byte) => byte === 0)) // no names of users
    assert.ok(block.subarray(345, 500).every((byte) => byte === 0)) // no prefix
    const sum = Buffer.from(block)
      .fill(' ', 148, 156)
      .reduce((total, byte) => total + byte, 0)
    assert.equal(block.toString('latin1', 148, 156), `${sum.toString(8).padStart(6, '0')}\0 `)
    assert.equal(size, Buffer.byteLength(FILES.get(name) ?? ''))
  }
  assert.ok(tar.subarray(-1024).every((byte) => byte === 0))
})

test('it is one gzip member with nothing behind it, without a time, and the same every time', async () => {
  const one = await packModule(FILES)
  const other = await packModule(new Map([...FILES].reverse()))
  const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  assert.equal(sum(one), sum(other))
  assert.deepEqual([...one.subarray(0, 4)], [0x1f, 0x8b, 8, 0])
  assert.equal(one.readUInt32LE(4), 0)
  const tar = inflateRawSync(one.subarray(10, -8))
  assert.equal(one.readUInt32LE(one.length - 4), tar.length)
  assert.equal(gzipSync(tar, { level: 9 }).length, one.length)
})

test('GNU tar, bsdtar and Python list and read it', async (t) => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'hostmeta.tgz')
  await writeFile(file, await packModule(FILES))
  const list = (text: string) => text.trim().split('\n')
  assert.deepEqual(list((await run('tar', ['-tzf', file])).stdout), NAMES)
  assert.deepEqual(list((await run('bsdtar', ['-tzf', file])).stdout), NAMES)
  const read = await run('tar', ['-xzOf', file, 'metalspray/host.json'])
  assert.equal(read.stdout, FILES.get('metalspray/host.json'))
  const script = `import sys, tarfile
for member in tarfile.open(sys.argv[1]):
    print(member.name + ("/" if member.isdir() else ""), member.uid, member.gid, member.mtime, len(member.pax_headers))`
  const python = list((await run('python3', ['-c', script, file])).stdout)
  assert.deepEqual(
    python,
    NAMES.map((name) => `${name} 0 0 0 0`),
  )
})

test('names that need more than a plain header are refused', async () => {
  for (const name of ['/a', './a', 'a/../b', 'a//b', 'é', 'a b', '', 'a'.repeat(100), `${'a'.repeat(95)}/b.txt`]) {
    await assert.rejects(packModule(new Map([[name, '']])), { name: 'ProvisionError', kind: 'invalid' }, name)
  }
  await packModule(new Map([['a'.repeat(99), '']]))
})

test('whatever is packed comes out as it was', async () => {
  const name = fc
    .stringMatching(/^[a-z0-9_.-]{1,8}(?:\/[a-z0-9_-]{1,8}){0,3}$/)
    .filter((one) => !/^\.{1,2}(?:\/|$)/.test(one))
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 1500 }), { maxKeys: 6 }), async (files) => {
      const names = Object.keys(files)
      fc.pre(names.length > 0 && !names.some((one) => names.some((other) => other.startsWith(`${one}/`))))
      const tar = gunzipSync(await packModule(new Map(Object.entries(files))))
      let at = 0
      for (const { name: found, size } of headersOf(tar)) {
        if (!found.endsWith('/'))
          assert.deepEqual(tar.subarray(at + 512, at + 512 + size), Buffer.from(files[found] ?? []))
        at += 512 + Math.ceil(size / 512) * 512
      }
      assert.equal(headersOf(tar).filter(({ type }) => type === '0').length, names.length)
    }),
    { numRuns: 30 },
  )
})
