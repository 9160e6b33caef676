import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runStandInAwk } from './esxi/run-busybox.ts'

/** A tar of `kspray/ks.cfg`, as a given tar makes it. */
function tarOf(...options: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  try {
    mkdirSync(join(folder, 'kspray'))
    writeFileSync(join(folder, 'kspray/ks.cfg'), 'x'.repeat(700))
    return execFileSync('tar', ['-C', folder, '--owner=0', '--group=0', '--numeric-owner', ...options])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function mount(tar: Buffer): readonly string[] {
  const blocks = tar.toString('hex').replace(/.{1024}/g, '$&\n')
  return runStandInAwk('visorfs.awk', blocks).lines
}

test('the stand-in’s kernel mounts a GNU tar with its folders', () => {
  assert.deepEqual(mount(tarOf('--format=gnu', '-cf', '-', 'kspray')), ['d kspray/', 'f kspray/ks.cfg'])
})

describe('the stand-in’s kernel mounts no tar', () => {
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['in POSIX format', tarOf('--format=ustar', '-cf', '-', 'kspray'), /magic/],
    ['with extended headers', tarOf('--format=pax', '-cf', '-', 'kspray'), /magic/],
    ['without its folders', tarOf('--format=gnu', '-cf', '-', 'kspray/ks.cfg'), /before its folder/],
    ['of somebody else', tarOf('--format=gnu', '--owner=7', '-cf', '-', 'kspray'), /not root/],
    ['with names that begin with a dot and a slash', tarOf('--format=gnu', '-cf', '-', './kspray'), /no path/],
    ['that is cut', tarOf('--format=gnu', '-cf', '-', 'kspray').subarray(0, 2048), /ends without/],
  ]
  for (const [name, tar, reason] of cases) test(name, () => assert.match(mount(tar).at(-1) ?? '', reason))

  test('with a wrong checksum', () => {
    const tar = tarOf('--format=gnu', '-cf', '-', 'kspray')
    tar.write('7', 100)
    assert.match(mount(tar).at(-1) ?? '', /checksum/)
  })
})
