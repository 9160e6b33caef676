import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFile, readFile, rename, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ImportRequest, importImage } from '../../src/commands/import-image.ts'
import { verifyImage } from '../../src/commands/verify-image.ts'
import { type Member, program, writeTar } from '../images/archive.ts'
import { esxiFiles, makeIso, NAMINGS } from '../images/esxi-media.ts'
import { fill, listAll, temporaryFolder } from '../images/folder.ts'
import { sumsOf } from '../images/iso9660/unpacked.ts'
import { RELEASES } from '../kinds/esxi/releases.ts'
import { someOf } from '../support/runs.ts'

const NEVER = new AbortController().signal
const onProgress = () => undefined
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

async function places(t: TestContext) {
  const folder = await temporaryFolder(t)
  const imagesRoot = join(folder, 'images')
  const run = (source: string, more: Partial<ImportRequest> = {}) =>
    importImage({ imagesRoot }, { name: 'esxi8', source, importedAt: 0, ...more }, NEVER)
  const refused = async (source: string, message: RegExp, more: Partial<ImportRequest> = {}) => {
    await assert.rejects(run(source, more), { name: 'ProvisionError', kind: 'invalid', message })
    const left = (await listAll(imagesRoot).catch(() => [])).filter((name) => name !== '.staging')
    assert.deepEqual(left, [])
  }
  const verify = () => verifyImage({ imagesRoot, onProgress }, 'esxi8', NEVER)
  const imageJson = async () => JSON.parse(await readFile(join(imagesRoot, 'esxi8/image.json'), 'utf8'))
  return { folder, imagesRoot, image: join(imagesRoot, 'esxi8'), run, refused, verify, imageJson }
}

const sumsOfFiles = (files: { readonly [name: string]: string | Uint8Array }) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]))

test('a medium is the same image whichever names it has, all in lower case', async (t) => {
  const { folder, image, run, verify, imageJson } = await places(t)
  const files = esxiFiles()
  for (const [naming, options] of someOf(Object.entries(NAMINGS), 3)) {
    const iso = await makeIso(folder, files, options)
    const sum = sha256(await readFile(iso))
    const result = await run(iso, { replace: true, sha256: sum })
    assert.equal(result.image.kind, 'esxi', naming)
    assert.equal(result.sha256, sum)
    assert.equal(result.image.label, 'VMware ESXi 8.0.3 build 24280767')
    assert.equal(result.image.parts['modules']?.length, 111)
    assert.deepEqual(result.warnings, [])
    const { 'image.json': _, ...sums } = await sumsOf(image)
    assert.deepEqual(sums, sumsOfFiles(files), naming)
    const json = await imageJson()
    assert.deepEqual(json.source, {
      name: 'esxi.iso',
      sha256: sum,
      label: 'ESXI-8.0U3B-24280767-STANDARD',
    })
    assert.deepEqual(
      Object.fromEntries(Object.entries(json.files).map(([name, file]) => [name, (file as { sha256: string }).sha256])),
      sums,
    )
    assert.deepEqual(
      { ...(await verify()), intact: 0 },
      { intact: 0, differences: [], own: [], isNoted: true, warnings: [] },
    )
  }
})

test('every release is recognised from its ISO', async (t) => {
  const { folder, run } = await places(t)
  for (const release of someOf(RELEASES, 4)) {
    const { image } = await run(await makeIso(folder, esxiFiles(release)), { replace: true })
    assert.deepEqual([image.kind, image.parts['modules']], ['esxi', release.modules], release.name)
  }
})

test('a medium that somebody unpacked is imported from its directory and from a tarball', async (t) => {
  const { folder, image, run } = await places(t)
  const files = esxiFiles()
  const upper = Object.fromEntries(Object.entries(files).map(([name, content]) => [name.toUpperCase(), content]))
  const versioned = Object.fromEntries(Object.entries(upper).map(([name, content]) => [`${name};1`, content]))
  for (const [what, tree] of Object.entries({ files, upper, versioned })) {
    const directory = await fill(join(folder, what), tree)
    await run(directory, { replace: true })
    const { 'image.json': _, ...sums } = await sumsOf(image)
    assert.deepEqual(sums, sumsOfFiles(files), what)
    const members = Object.entries(tree).map(([name, content]): [string, Member] => [`medium/${name}`, content])
    await run(await writeTar(join(folder, `${what}.tar`), members), { replace: true })
    const { 'image.json': __, ...fromTar } = await sumsOf(image)
    assert.deepEqual(fromTar, sums, what)
  }
})

test('links between unpacked files lead to the new names, and a link by the new name is the file', async (t) => {
  const { folder, image, run } = await places(t)
  const directory = await fill(join(folder, 'tree'), esxiFiles())
  await rename(join(directory, 'b.b00'), join(directory, 'B.B00'))
  await symlink('B.B00', join(directory, 'b.b00'))
  await symlink('B.B00', join(directory, 'other.b00'))
  await run(directory)
  assert.ok(!(await stat(join(image, 'b.b00'))).isSymbolicLink())
  assert.deepEqual(await readFile(join(image, 'other.b00')), gzipSync('what is in b.b00'))
})

test('names that differ in case only must be the same file', async (t) => {
  const { folder, image, run, refused } = await places(t)
  const files = esxiFiles()
  const ridge = (more: string) => makeIso(folder, { ...files, 'K.B00': more }, ['-R'])
  const differ = /"K\.B00" and "k\.b00" would both be "k\.b00", and they are different files|"k\.b00" and "K\.B00"/
  await refused(await ridge('another'), differ)
  const iso = await makeIso(folder, { ...files, 'K.B00': files['k.b00'] ?? '' }, ['-R'])
  await run(iso)
  assert.ok(!(await listAll(image)).includes('K.B00'))
})

test('what boot.cfg names and the ISO does not have is told all at once', async (t) => {
  const { folder, refused } = await places(t)
  const { 'b.b00': _, 'vsan.v00': __, 'tools.t00': ___, ...rest } = esxiFiles()
  await refused(await makeIso(folder, rest), /names 3 files that are not there: b\.b00, vsan\.v00, tools\.t00/)
  const unzipped = { ...esxiFiles(), 'k.b00': 'not gzip', 'vsan.v00': 'not gzip either' }
  await refused(await makeIso(folder, unzipped), /these 2 are no gzip files: k\.b00, vsan\.v00/)
})

test('an ISO that is cut off or damaged leaves nothing', async (t) => {
  const { folder, refused } = await places(t)
  const files = { ...esxiFiles(), 'tools.t00': gzipSync(Buffer.alloc(1)), 'big.v00': Buffer.alloc(2_000_000, 'x') }
  const iso = await makeIso(folder, files)
  const whole = await readFile(iso)
  for (const part of [0.2, 0.5, 0.9]) {
    await truncate(iso, Math.floor(whole.length * part))
    await refused(iso, /an ISO that is cut off/)
    await writeFile(iso, whole)
  }
  // A directory that speaks of a place behind the end, while the volume says nothing wrong.
  const at = whole.indexOf('BIG.V00;1', 0, 'latin1') - 33
  const patched = Buffer.from(whole)
  patched.writeUInt32LE(0x7fffffff, at + 2)
  await writeFile(iso, patched)
  await refused(iso, /cut off or damaged: it speaks of byte/)
  whole.write('../../PW', whole.indexOf('BIG.V00;1', 0, 'latin1'), 'latin1')
  await writeFile(iso, whole)
  await refused(iso, /leads out of its folder by its name/)
})

test('the sum of the ISO is checked, and an ISO is what it is', async (t) => {
  const { folder, run, refused } = await places(t)
  const iso = await makeIso(folder, esxiFiles())
  await refused(iso, /not the file you mean: its SHA-256 sum is/, { sha256: '0'.repeat(64) })
  await refused(iso, /it is no live ISO/, { kind: 'live' })
  const both = await makeIso(folder, { ...esxiFiles(), 'casper/vmlinuz': 'kernel', 'casper/initrd': 'initrd' })
  assert.equal((await run(both)).image.kind, 'live', 'as ISOs with a known layout always were')
  assert.equal((await run(both, { kind: 'esxi', replace: true })).image.kind, 'esxi')
})

test('the same ISO again is told, not imported', async (t) => {
  const { folder, image, run } = await places(t)
  const iso = await makeIso(folder, esxiFiles())
  const first = await run(iso)
  const before = await stat(join(image, 'image.json'))
  const renamed = join(folder, 'other-name.iso')
  await copyFile(iso, renamed)
  const again = await run(renamed)
  assert.deepEqual([first.isSame, again.isSame], [false, true])
  assert.deepEqual([again.image.label, again.files], [first.image.label, first.files])
  assert.equal((await stat(join(image, 'image.json'))).mtimeMs, before.mtimeMs)
  await assert.rejects(run(iso, { sha256: '0'.repeat(64) }), /not the file you mean/)
  const sum = sha256(await readFile(iso))
  assert.deepEqual([first.sha256, (await run(iso, { sha256: sum })).sha256], [undefined, sum])
  await assert.rejects(run(iso, { label: 'another' }), { kind: 'conflict' })
  // Other names, another order and other gaps between them: the files are the same.
  assert.equal((await run(await makeIso(folder, esxiFiles(), NAMINGS.Joliet))).isSame, true)
  const files = esxiFiles()
  const [kernel = Buffer.alloc(0), vsan = Buffer.alloc(0)] = [files['b.b00'], files['vsan.v00']]
  const { 'vsan.v00': _, ...fewer } = files
  const changed = Buffer.from(vsan)
  changed.fill('~', 4, 5) // in the time of compression
  for (const other of [
    { ...files, 'extra.v00': gzipSync('x') },
    { ...files, 'vsan.v00': changed },
    { ...files, 'vsan.v00': kernel, 'b.b00': vsan },
    fewer,
  ]) {
    await assert.rejects(run(await makeIso(folder, other)), { kind: 'conflict', message: /is an image esxi8 already/ })
  }
  assert.equal((await run(renamed, { replace: true, sha256: sum })).isSame, false)
  assert.equal((await run(renamed)).sha256, sum, 'it is known from the import')
})

test('what went wrong with an imported medium since is found', async (t) => {
  const { folder, image, run, verify } = await places(t)
  await run(await makeIso(folder, esxiFiles()))
  await writeFile(join(image, 'k.b00'), 'x')
  await program('rm', [join(image, 'vsan.v00')])
  const { differences } = await verify()
  assert.ok(differences.includes('k.b00 is not what was imported'))
  assert.ok(differences.includes('vsan.v00 is gone'))
  assert.match(differences.join('\n'), /boot\.cfg names a file that is not there: vsan\.v00/)
})

test('what an operator put into an image is no damage, and is there after a replacement too', async (t) => {
  const { folder, image, run, verify, imageJson } = await places(t)
  const files = esxiFiles()
  await run(await makeIso(folder, files, []))
  await fill(image, { 'post/10-a.sh': 'mine\n', 'firstboot/20-b.py': 'mine\n', 'ks.cfg.eta': 'mine\n', stray: '' })
  await writeFile(join(image, 'image.json'), JSON.stringify({ ...(await imageJson()), esxi: { vmfs: 'preserve' } }))
  const own = ['firstboot/20-b.py', 'ks.cfg.eta', 'post/10-a.sh']
  assert.deepEqual((await verify()).differences, ['stray was added'])
  assert.deepEqual((await verify()).own, own)

  const next = await makeIso(folder, { ...files, 'vsan.v00': gzipSync('newer') }, [])
  const result = await run(next, { replace: true })
  assert.deepEqual(result.kept, ['esxi in image.json', ...own])
  assert.deepEqual(result.image.settings, { vmfs: 'preserve' })
  assert.deepEqual(result.image.parts['snippets'], ['post/10-a.sh', 'firstboot/20-b.py'])
  assert.equal(await readFile(join(image, 'post/10-a.sh'), 'utf8'), 'mine\n')
  const { differences, own: still, intact } = await verify()
  assert.deepEqual([differences, still, intact], [[], own, result.files])
  await assert.rejects(stat(join(image, 'stray')))

  // What the new one brings itself is the new one's.
  const directory = join(folder, 'unpacked')
  await fill(directory, { ...esxiFiles(), 'post/10-a.sh': 'theirs\n', 'image.json': '{"esxi": {"vmfs": "none"}}' })
  const last = await run(directory, { replace: true })
  assert.deepEqual(last.image.settings, { vmfs: 'none' })
  assert.deepEqual(last.kept, ['firstboot/20-b.py', 'ks.cfg.eta'])
  assert.equal(await readFile(join(image, 'post/10-a.sh'), 'utf8'), 'theirs\n')
})

test('an image of another kind leaves nothing to its successor, and a broken one stops it', async (t) => {
  const { folder, image, run } = await places(t)
  const linux = join(folder, 'linux')
  await fill(linux, { vmlinuz: 'kernel', initrd: 'initrd' })
  await run(linux)
  await fill(image, { 'host.eta': '#!ipxe\n', 'post/10-a.sh': '' })
  const iso = await makeIso(folder, esxiFiles(), [])
  assert.deepEqual((await run(iso, { replace: true })).kept, [])
  await assert.rejects(stat(join(image, 'host.eta')))
  await writeFile(join(image, 'image.json'), '{"esxi": {"vmfs": "preserve"')
  await assert.rejects(
    run(iso, { replace: true }),
    /in the image that it is to replace, image\.json is not JSON.*metalspray images rm/,
  )
})
