import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMac } from '../../src/core/identity.ts'
import { writeOwnLoaders } from '../../src/dnsmasq/own-loaders.ts'
import { temporaryDirectory } from './temporary.ts'

const BASE = 'http://10.77.0.1:5000'
const CARDS = ['52:54:00:00:00:01', '52:54:00:00:00:0a'].map(parseMac)

test('each card gets a tag and an address of its own, for firmware that asks by HTTP and is no iPXE', (t) => {
  const folder = temporaryDirectory(t)
  assert.equal(writeOwnLoaders(folder, CARDS, BASE), true)
  assert.equal(
    readFileSync(join(folder, 'hosts/metalspray'), 'utf8'),
    '52:54:00:00:00:01,id:*,set:own-loader,set:card-525400000001\n52:54:00:00:00:0a,id:*,set:own-loader,set:card-52540000000a\n',
  )
  const options = readFileSync(join(folder, 'options/metalspray'), 'utf8').split('\n')
  assert.equal(options.length, 5)
  assert.equal(
    options[0],
    'tag:card-525400000001,tag:httpx64,tag:!ipxe,option:bootfile-name,http://10.77.0.1:5000/uefi/01-52-54-00-00-00-01/mboot.efi',
  )
  assert.match(options[3] ?? '', /^tag:card-52540000000a,tag:httparm64,.*\/01-52-54-00-00-00-0a\/mboot-arm64.efi$/)
})

test('what is the same is not written again, and a file whose hosts are gone is empty', (t) => {
  const folder = temporaryDirectory(t)
  assert.equal(writeOwnLoaders(folder, [], BASE), false)
  assert.deepEqual(readdirSync(folder).sort(), ['hosts', 'options'])
  assert.equal(writeOwnLoaders(folder, CARDS, BASE), true)
  assert.equal(writeOwnLoaders(folder, CARDS, BASE), false)
  assert.equal(writeOwnLoaders(folder, CARDS, 'http://10.77.0.2:5000'), true)
  assert.equal(writeOwnLoaders(folder, [], BASE), true)
  for (const name of ['hosts', 'options']) {
    assert.deepEqual(readdirSync(join(folder, name)), ['metalspray'])
    assert.equal(readFileSync(join(folder, name, 'metalspray'), 'utf8'), '')
  }
})
