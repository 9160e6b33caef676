import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RELEASES } from '../kinds/esxi/releases.ts'
import { someOf } from '../support/runs.ts'
import { type EsxiIsoSpec, type Manifest, makeEsxiIso, NAME_SCHEMES, sha256 } from './esxi-iso.ts'
import { runProgram } from './run-program.ts'

/** Every release in one scheme, and one release in all of them. */
const SPECS: readonly EsxiIsoSpec[] = [
  ...RELEASES.map(({ name }): EsxiIsoSpec => ({ release: name, scheme: 'plain', megabytes: 1 })),
  ...NAME_SCHEMES.slice(1).map((scheme): EsxiIsoSpec => ({ release: '8.0U3b', scheme, megabytes: 1 })),
]

for (const spec of someOf(SPECS, 4)) {
  test(`a fixture ISO of ${spec.release} with ${spec.scheme} names holds what its manifest says`, async () => {
    await inFolder(async (folder) => {
      const manifest = await makeEsxiIso(join(folder, 'a.iso'), spec)
      const tree = join(folder, 'tree')
      await mkdir(tree)
      await runProgram('bsdtar', ['-xf', join(folder, 'a.iso'), '-C', tree])
      assert.deepEqual(withoutCatalogue(await manifestOf(tree)), manifest)
      const sums = Object.values(manifest).filter(({ size }) => size > 0)
      assert.equal(new Set(sums.map((file) => file.sha256)).size, sums.length, 'two files are the same')
    })
  })
}

test('the three ways to name files are what they claim to be', async () => {
  await inFolder(async (folder) => {
    for (const scheme of NAME_SCHEMES) {
      const iso = join(folder, `${scheme}.iso`)
      await makeEsxiIso(iso, { release: '7.0U3g', scheme, megabytes: 1 })
      const bytes = (await readFile(iso)).toString('latin1')
      assert.equal(bytes.includes('TOOLS.T00;1'), scheme !== 'lower-case', `${scheme}: upper case`)
      assert.equal(bytes.includes('tools.t00;1'), scheme === 'lower-case', `${scheme}: lower case`)
      // The entry RRIP announces Rock Ridge, the second volume descriptor with %/E Joliet.
      assert.equal(bytes.includes('RRIP_1991A'), scheme === 'rock-ridge', `${scheme}: Rock Ridge`)
      assert.equal(bytes.slice(0x8000, 0x10000).includes('%/E'), scheme === 'rock-ridge', `${scheme}: Joliet`)
    }
  })
})

test('the same fixture is the same ISO, byte for byte', async () => {
  await inFolder(async (folder) => {
    const sums = []
    for (const name of ['a.iso', 'b.iso']) {
      await makeEsxiIso(join(folder, name), { release: '6.7U1', scheme: 'rock-ridge', megabytes: 1 })
      sums.push(await sha256(join(folder, name)))
    }
    assert.equal(sums[0], sums[1])
  })
})

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'metalspray-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function manifestOf(tree: string): Promise<Manifest> {
  const found: Record<string, { size: number; sha256: string }> = {}
  for (const path of await readdir(tree, { recursive: true })) {
    const file = join(tree, path)
    const about = await stat(file)
    if (about.isFile()) found[path.toLowerCase()] = { size: about.size, sha256: await sha256(file) }
  }
  return found
}

/** The catalogue of boot images is the ISO writer's own file. */
function withoutCatalogue(manifest: Manifest): Manifest {
  const { 'boot.cat': _, ...rest } = manifest
  return rest
}
