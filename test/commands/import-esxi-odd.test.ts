import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { importImage } from '../../src/commands/import-image.ts'
import { makeIso, NAMINGS } from '../images/esxi-media.ts'
import { listAll, temporaryFolder } from '../images/folder.ts'

type Files = { readonly [name: string]: string | Buffer }

/** Imports media one after the other, each in the place of the one before. */
async function importer(t: TestContext) {
  const folder = await temporaryFolder(t)
  const imagesRoot = join(folder, 'images')
  const run = async (files: Files, options: readonly string[] = NAMINGS['Rock Ridge and Joliet']) => {
    const source = await makeIso(folder, files, options)
    const request = { name: 'odd', source, importedAt: 0, replace: true }
    return await importImage({ imagesRoot }, request, new AbortController().signal)
  }
  const refused = async (files: Files, message: RegExp) => {
    await assert.rejects(run(files), { name: 'ProvisionError', kind: 'invalid', message })
    assert.deepEqual(await readdir(join(imagesRoot, '.staging')), [])
  }
  return { image: join(imagesRoot, 'odd'), run, refused }
}

const bootCfg = (modules: readonly string[]) =>
  `title=Loading\nprefix=\nkernel=/b.b00\nkernelopt=runweasel\nmodules=${modules.join(' --- ')}\nbuild=8.0.3-0.35.24280767\n`

const SMALL: Files = {
  'b.b00': gzipSync('kernel'),
  's.v00': gzipSync('system'),
  'efi/boot/bootx64.efi': 'MZ of the tree',
  'efiboot.img': Buffer.alloc(4096, 'EFI/BOOT/BOOTX64.EFI MZ of the boot image'),
  'boot.cfg': bootCfg(['/s.v00']),
}

test('a medium with 250 modules, some of them with options, is imported with each of them', async (t) => {
  const { image, run } = await importer(t)
  const names = Array.from({ length: 250 }, (_, at) => `oem${at}.v00`)
  const modules = Object.fromEntries(names.map((name) => [name, gzipSync(name)]))
  const listed = names.map((name, at) => (at % 50 === 0 ? `/${name} -x option=${at}` : `/${name}`))
  const result = await run({ ...SMALL, ...modules, 'boot.cfg': bootCfg(listed) }, NAMINGS.plain)
  assert.deepEqual(result.image.parts['modules'], names)
  assert.deepEqual(await readFile(join(image, 'oem249.v00')), gzipSync('oem249.v00'))
})

test('the loader is that of the tree, never the one within the boot image', async (t) => {
  const { image, run } = await importer(t)
  for (const options of Object.values(NAMINGS)) {
    const boot = ['-eltorito-alt-boot', '-e', 'efiboot.img', '-no-emul-boot']
    await run(SMALL, [...options, ...boot])
    assert.equal(await readFile(join(image, 'efi/boot/bootx64.efi'), 'utf8'), 'MZ of the tree')
  }
})

test('folders that differ in case become one, unless files in them contradict', async (t) => {
  const { image, run, refused } = await importer(t)
  await run({ ...SMALL, 'OEM/a': 'x', 'oem/b': 'y', 'oem/A': 'x' })
  const files = (await listAll(image)).filter((name) => name.startsWith('oem') || name.startsWith('OEM'))
  assert.deepEqual(files, ['oem', 'oem/a', 'oem/b'])
  await refused({ ...SMALL, 'OEM/a': 'x', 'oem/A': 'y' }, /would both be "oem\/a", and they are different files/)
  await refused({ ...SMALL, OEM: 'x', 'oem/a': 'y' }, /would both be "oem", and one of them is a folder/)
})

test('image.json of a medium holds, whichever names the medium has', async (t) => {
  const { run, refused } = await importer(t)
  // Level 1 would cut its name.
  for (const options of [...Object.values(NAMINGS).slice(1), ['--norock', '-iso-level', '3']]) {
    const { image } = await run({ ...SMALL, 'image.json': '{"label": "ours", "esxi": {"norts": true}}' }, options)
    assert.deepEqual([image.label, image.settings], ['ours', { norts: true }])
  }
  await refused({ ...SMALL, 'image.json': 'no JSON' }, /image\.json is not JSON/)
  await refused({ ...SMALL, 'image.json/x': 'a folder' }, /image\.json is a folder/)
})

test('a medium that cannot boot is refused with the reason', async (t) => {
  const { refused } = await importer(t)
  const { 'efi/boot/bootx64.efi': _, ...withoutLoader } = SMALL
  await refused(withoutLoader, /it has no loader: none of efi\/boot\/bootx64\.efi/)
  await refused({ ...SMALL, 'boot.cfg': 'kernel=/b.b00\n' }, /boot\.cfg names no modules/)
  await refused({ ...SMALL, 'boot.cfg': 'modules=/s.v00\n' }, /boot\.cfg names no kernel/)
  await refused({ ...SMALL, 'b.b00': '' }, /this is no gzip file: b\.b00/)
  await refused({ ...SMALL, 'boot.cfg': bootCfg(['/../s.v00']) }, /names a file that is not there: \.\.\/s\.v00/)
  await refused({ ...SMALL, 'boot.cfg': Buffer.from([0xff, 0xfe, 1]) }, /"boot\.cfg" is not a text file/)
  await refused({ ...SMALL, 'boot.cfg': Buffer.alloc(2_000_000, 'a') }, /"boot\.cfg" is larger than/)
})
