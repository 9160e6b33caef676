import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { listIso } from '../../../src/images/iso9660/list-iso.ts'
import { openMedium } from '../../../src/images/iso9660/medium.ts'
import { program } from '../archive.ts'
import { fill, temporaryFolder } from '../folder.ts'
import { craftIso, GOES_ON, ROOT, rootOf, SECTOR } from './craft.ts'
import { sumsOf, unpack } from './unpacked.ts'

type Files = Parameters<typeof fill>[1]

/** Names that ISO 9660 itself can have. */
const SHORT = {
  'BOOT.CFG': 'kernel=/b.b00\n',
  'B.B00': randomBytes(70_000),
  'EMPTY.GZ': '',
  'ALSO.GZ': '',
  'ONE.BYT': 'x',
  'SECTOR.BIN': randomBytes(2048),
  'BIG.V00': randomBytes(3_000_001),
  'EFI/BOOT/BOOTX64.EFI': randomBytes(200_000),
  'EFI/BOOT/BOOT.CFG': 'kernel=/B.B00\n',
  'UPGRADE/PROFILE.XML': '<x/>',
}

const LONG = {
  ...SHORT,
  'vmware-esx-base-readme': 'read me',
  '.discinfo': 'x',
  'no-extension.': 'x',
  'Mixed Case and blanks.Txt': 'y',
  'grüße.txt': 'z',
  [`${'n'.repeat(60)}.txt`]: 'long',
  'a/b/c/d/e/f/g/h/i/j/k/deep.txt': 'deep',
  'a/b/c/d/e/f/g/h/i/j/k/l/m/deeper.txt': 'deeper',
}

/** So many files that their directory takes several sectors. */
const MANY = Object.fromEntries(
  Array.from({ length: 300 }, (_, at) => [`F${String(at).padStart(5, '0')}.V00`, `${at}`]),
)

async function compare(t: TestContext, make: (iso: string, tree: string) => Promise<unknown>, files: Files = SHORT) {
  const folder = await temporaryFolder(t)
  const [iso, tree] = [join(folder, 'x.iso'), await fill(join(folder, 'tree'), files)]
  await make(iso, tree)
  const theirs = join(folder, 'theirs')
  await mkdir(theirs)
  await program('bsdtar', ['-xf', iso, '-C', theirs])
  const ours = join(folder, 'ours')
  const { listing, sha256, written } = await unpack(iso, ours)
  const expected = await sumsOf(theirs)
  assert.deepEqual(await sumsOf(ours), expected)
  assert.equal(
    sha256,
    createHash('sha256')
      .update(await readFile(iso))
      .digest('hex'),
  )
  for (const [name, sum] of Object.entries(expected)) assert.equal(written.files.get(name)?.sha256, sum, name)
  return { listing, tree, expected }
}

const xorriso =
  (...options: readonly string[]) =>
  (iso: string, tree: string) =>
    program('xorriso', ['-as', 'mkisofs', '-quiet', ...options, '-o', iso, tree])

const genisoimage =
  (...options: readonly string[]) =>
  (iso: string, tree: string) =>
    program('genisoimage', ['-quiet', ...options, '-o', iso, tree])

test('what bsdtar unpacks from plain ISO 9660, our reader does, file by file', async (t) => {
  const plain = ['-V', 'ESXI-8.0', '-iso-level'] as const
  for (const make of [xorriso('--norock', ...plain, '1'), genisoimage(...plain, '3')]) {
    const { listing, expected } = await compare(t, make)
    assert.equal(listing.names, 'plain')
    assert.equal(listing.label, 'ESXI-8.0')
    assert.deepEqual(Object.keys(expected), Object.keys(SHORT).sort())
  }
})

test('and from Rock Ridge, Joliet and both', async (t) => {
  for (const [names, options] of [
    ['Rock Ridge', ['-R']],
    ['Rock Ridge', ['-R', '-J']],
    ['Joliet', ['-J']],
  ] as const) {
    for (const tool of [xorriso, genisoimage]) {
      // xorriso writes Rock Ridge unless it is told not to.
      const norock = tool === xorriso && names === 'Joliet' ? ['--norock'] : []
      const { listing } = await compare(t, tool(...norock, ...options), { ...SHORT, 'lower.case-name': 'x' })
      assert.equal(listing.names, names)
    }
  }
})

test('long names, deep folders, blanks and umlauts are as bsdtar has them', async (t) => {
  await compare(t, xorriso('-R'), LONG)
  await compare(t, xorriso('-R', '-J', '-joliet-long'), LONG)
  // genisoimage moves what is too deep to another place (CL, PL and RE of Rock Ridge).
  const { listing } = await compare(t, genisoimage('-R', '-input-charset', 'utf-8'), LONG)
  assert.ok(listing.files.some(({ name }) => name === 'a/b/c/d/e/f/g/h/i/j/k/l/m/deeper.txt'))
})

test('a directory of many sectors is read to its end', async (t) => {
  const { expected } = await compare(t, xorriso('--norock', '-iso-level', '1'), MANY)
  assert.equal(Object.keys(expected).length, 300)
})

test('boot images are no files, and those that are files too are there once', async (t) => {
  const files = { ...SHORT, 'ISOLINUX.BIN': randomBytes(30_000), 'EFIBOOT.IMG': randomBytes(1_474_560) }
  const bios = ['-b', 'ISOLINUX.BIN', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table']
  const uefi = ['-eltorito-alt-boot', '-e', 'EFIBOOT.IMG', '-no-emul-boot']
  const { expected } = await compare(
    t,
    xorriso('--norock', '-iso-level', '1', '-c', 'BOOT.CAT', ...bios, ...uefi),
    files,
  )
  assert.deepEqual(Object.keys(expected), [...Object.keys(files), 'BOOT.CAT'].sort())
})

test('symbolic links stay links, and files that share their bytes are written once', async (t) => {
  const folder = await temporaryFolder(t)
  const tree = await fill(join(folder, 'tree'), { 'a/file': 'content', other: 'x' })
  await symlink('a/file', join(tree, 'near'))
  await symlink('../other', join(tree, 'a/above'))
  await symlink('./a/../a/file', join(tree, 'winding'))
  await symlink(`a/${'../a/'.repeat(80)}file`, join(tree, 'long'))
  await link(join(tree, 'a/file'), join(tree, 'a/hard'))
  const iso = join(folder, 'x.iso')
  await xorriso('-R')(iso, tree)
  const { listing } = await unpack(iso, join(folder, 'ours'))
  const targets = Object.fromEntries(listing.links.map(({ name, target }) => [name, target]))
  assert.deepEqual(targets, {
    near: 'a/file',
    'a/above': '../other',
    winding: './a/../a/file',
    long: `a/${'../a/'.repeat(80)}file`,
  })
  for (const name of ['near', 'winding', 'long', 'a/hard']) {
    assert.equal(await readFile(join(folder, 'ours', name), 'utf8'), 'content', name)
  }
})

test('a file of several pieces is put together, wherever they lie', async (t) => {
  const folder = await temporaryFolder(t)
  const iso = join(folder, 'x.iso')
  const content = randomBytes(3 * SECTOR + 5)
  const part = (block: number, length: number, flags: number) => ({ name: 'BIG.V00;1', block, length, flags })
  const root = rootOf(part(30, 2 * SECTOR, GOES_ON), part(32, SECTOR, GOES_ON), part(40, 5, 0), { name: 'C.;1' })
  await writeFile(
    iso,
    craftIso({ [ROOT]: root, 30: content.subarray(0, 3 * SECTOR), 40: content.subarray(3 * SECTOR) }),
  )
  await unpack(iso, join(folder, 'ours'))
  assert.deepEqual(await readFile(join(folder, 'ours/BIG.V00')), content)
  await mkdir(join(folder, 'theirs'))
  await program('bsdtar', ['-xf', iso, '-C', join(folder, 'theirs')])
  assert.deepEqual(await sumsOf(join(folder, 'ours')), await sumsOf(join(folder, 'theirs')))
})

test('bytes that lie beyond 2 and 4 GiB of an ISO are found, and files may be as large', async (t) => {
  const folder = await temporaryFolder(t)
  const iso = join(folder, 'x.iso')
  const most = 0xffff_f800 // of one piece, in whole sectors
  const root = rootOf(
    { name: 'BIG.V00;1', block: 30, length: most, flags: GOES_ON },
    { name: 'BIG.V00;1', block: 30 + most / SECTOR, length: 7 },
    { name: 'TWO.V00;1', block: 3_000_000, length: 2 ** 31 + 7 },
    { name: 'END.V00;1', block: 2_500_000, length: 7 },
  )
  await writeFile(iso, craftIso({ [ROOT]: root }))
  await truncate(iso, 9 * 2 ** 30) // a hole: it takes no disk
  await using handle = await open(iso, 'r+')
  await handle.write(Buffer.from('the end'), 0, 7, 2_500_000 * SECTOR)
  await using medium = await openMedium(iso)
  const { files } = await listIso(medium)
  assert.deepEqual(
    files.map(({ name, size }) => [name, size]),
    [
      ['BIG.V00', most + 7],
      ['TWO.V00', 2 ** 31 + 7],
      ['END.V00', 7],
    ],
  )
  const [end] = files[2]?.pieces ?? []
  assert.equal((await medium.read(end?.offset ?? 0, end?.length ?? 0)).toString(), 'the end')
})
