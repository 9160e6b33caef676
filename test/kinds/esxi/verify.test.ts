import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { esxi } from '../../../src/kinds/esxi/esxi.ts'
import { EMPTY_GZIP, verifyModules } from '../../../src/kinds/esxi/verify.ts'

const parts = { kernel: ['b.b00'], modules: ['a.gz', 'e.gz', 'c.v00'], mboot: ['efi/boot/bootx64.efi'] }
const ofBytes = (files: { readonly [name: string]: Uint8Array }) => async (file: string, bytes: number) =>
  (files[file] ?? new Uint8Array()).subarray(0, bytes)

test('a kernel and modules that are gzip files, or modules of no bytes, are fine', async () => {
  const gz = gzipSync('x')
  assert.deepEqual(await verifyModules(parts, ofBytes({ 'b.b00': gz, 'a.gz': gz, 'c.v00': gz })), [])
  assert.equal(esxi.verify, verifyModules)
})

test('all that are no gzip files are told in one sentence', async () => {
  const wrong = { 'a.gz': Buffer.from('<html>'), 'c.v00': Buffer.from([0x1f]) }
  assert.deepEqual(await verifyModules(parts, ofBytes(wrong)), [
    'the kernel and all modules of ESXi are gzip files, and these 3 are no gzip files: b.b00, a.gz, c.v00',
  ])
})

test('what stands in for an empty module is a gzip file of nothing, of 20 bytes', () => {
  assert.equal(EMPTY_GZIP.length, 20)
  assert.equal(gunzipSync(EMPTY_GZIP).length, 0)
})
