import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeLocalDiskLoaders } from '../../src/dnsmasq/local-disk.ts'
import { temporaryDirectory } from './temporary.ts'

const hasGrub = spawnSync('grub-mkimage', ['--version']).status === 0

test('GRUB makes a loader that looks for the local disk', { skip: !hasGrub }, (t) => {
  const directory = temporaryDirectory(t)
  const names = makeLocalDiskLoaders(directory)
  assert.ok(names.includes('local-disk-x86_64.efi'))
  assert.deepEqual(readdirSync(directory).toSorted(), [...names].toSorted())
  assert.equal(readFileSync(join(directory, 'local-disk-x86_64.efi')).toString('latin1', 0, 2), 'MZ')
})

test('without GRUB there is none, and nothing is left behind', (t) => {
  const directory = temporaryDirectory(t)
  assert.deepEqual(makeLocalDiskLoaders(directory, 'no-such-program'), [])
  assert.deepEqual(readdirSync(directory), [])
})
