import assert from 'node:assert/strict'
import { appendFile, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ImageEntry, openImageLibrary, type Recognise } from '../../src/images/library.ts'
import { recogniseImage } from '../../src/kinds/kinds.ts'
import { fill, LINUX, temporaryFolder } from './folder.ts'

/** A library whose clock the test moves, and which tells what it looked at. */
function watchedLibrary(root: string) {
  const looks: string[][] = []
  const clock = { now: 0 }
  const recognise: Recognise = (tree, settings) => {
    looks.push([...tree.files])
    return recogniseImage(tree, settings)
  }
  return { looks, clock, library: openImageLibrary(root, recognise, () => clock.now) }
}

function problemOf(entry: ImageEntry | undefined): string {
  assert.ok(entry !== undefined && entry.image === undefined)
  return entry.problem
}

test('a folder that is not there holds no images', async (t) => {
  const library = openImageLibrary(join(await temporaryFolder(t), 'none'), recogniseImage)
  const { list, find } = await library.snapshot()
  assert.deepEqual(list, [])
  assert.equal(find('any'), undefined)
})

test('a directory that is simply copied in is an image', async (t) => {
  const folder = await temporaryFolder(t)
  const { library, clock } = watchedLibrary(join(folder, 'images'))
  assert.deepEqual((await library.snapshot()).list, [])
  await cp(await fill(join(folder, 'elsewhere'), LINUX), join(folder, 'images/one'), { recursive: true })
  clock.now += 1000
  const image = (await library.snapshot()).find('one')
  assert.equal(image?.kind, 'linux')
  assert.equal(image?.bytes, 'kernel'.length + 'initrd'.length)
  assert.deepEqual(image?.parts, { kernel: ['vmlinuz'], initrds: ['initrd'] })
})

test('the folder is looked at once a second, and at once when asked to', async (t) => {
  const root = await temporaryFolder(t)
  const { library, clock } = watchedLibrary(root)
  await library.snapshot()
  await fill(join(root, 'one'), LINUX)
  clock.now = 999
  assert.equal((await library.snapshot()).find('one'), undefined)
  assert.equal((await library.refresh()).find('one')?.name, 'one')
  await fill(join(root, 'two'), LINUX)
  clock.now = 1999
  assert.equal((await library.snapshot()).find('two')?.name, 'two')
})

test('many questions at once are one look', async (t) => {
  const root = await temporaryFolder(t)
  await fill(join(root, 'one'), LINUX)
  const { library, looks } = watchedLibrary(root)
  const snapshots = await Promise.all(Array.from({ length: 50 }, () => library.snapshot()))
  assert.equal(looks.length, 1)
  assert.equal(new Set(snapshots).size, 1)
})

test('only what changed is recognised again', async (t) => {
  const root = await temporaryFolder(t)
  await fill(join(root, 'one'), { ...LINUX, 'image.json': '{"label":"old"}' })
  await fill(join(root, 'two'), LINUX)
  const { library, looks } = watchedLibrary(root)
  await library.refresh()
  await library.refresh()
  assert.equal(looks.length, 2)
  await writeFile(join(root, 'one/image.json'), '{"label":"new"}')
  assert.equal((await library.refresh()).find('one')?.label, 'new')
  assert.equal(looks.length, 3)
  await appendFile(join(root, 'one/initrd'), ' grew')
  assert.equal((await library.refresh()).find('one')?.bytes, 'kernelinitrd grew'.length + '{"label":"new"}'.length)
  await mkdir(join(root, 'two/deep'))
  await library.refresh()
  await fill(join(root, 'two/deep'), { more: 'x' })
  await library.refresh()
  assert.deepEqual(looks.at(-1), ['deep/more', 'initrd', 'vmlinuz'])
})

test('a text that its kind has read is watched however many files there are', async (t) => {
  const root = await temporaryFolder(t)
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`a${i}`, '']))
  const kiwi = { 'pxeboot.kernel': '', 'pxeboot.initrd.xz': '', 'disk.xz': '' }
  await fill(join(root, 'one'), { ...many, ...kiwi, 'disk.append': 'old' })
  const { library } = watchedLibrary(root)
  assert.equal((await library.refresh()).find('one')?.kernelOptions, 'old')
  await writeFile(join(root, 'one/disk.append'), 'new')
  assert.equal((await library.refresh()).find('one')?.kernelOptions, 'new')
})

test('an image that goes is gone', async (t) => {
  const root = await temporaryFolder(t)
  await fill(join(root, 'one'), LINUX)
  const { library } = watchedLibrary(root)
  assert.ok((await library.refresh()).find('one'))
  await rename(join(root, 'one'), join(root, 'two'))
  const moved = await library.refresh()
  assert.equal(moved.find('one'), undefined)
  assert.ok(moved.find('two'))
  await rm(join(root, 'two'), { recursive: true })
  assert.deepEqual((await library.refresh()).list, [])
})

test('what no kind recognises is listed with the reason, and found by nobody', async (t) => {
  const root = await temporaryFolder(t)
  await fill(join(root, 'odd'), { 'readme.txt': '' })
  await fill(join(root, 'broken'), { ...LINUX, 'image.json': '{' })
  await fill(join(root, 'bad name'), LINUX)
  await fill(join(root, 'new'), LINUX)
  const { list, find } = await watchedLibrary(root).library.snapshot()
  assert.deepEqual(
    list.map(({ name }) => name),
    ['bad name', 'broken', 'new', 'odd'],
  )
  const problems = list.map(problemOf)
  assert.match(problems[0] ?? '', /"bad name" cannot name an image/)
  assert.match(problems[1] ?? '', /image\.json is not JSON/)
  assert.match(problems[2] ?? '', /new is the name of a state/)
  assert.match(problems[3] ?? '', /no kind of image recognises it/)
  assert.equal(find('odd'), undefined)
})

test('an image that is mended is an image', async (t) => {
  const root = await temporaryFolder(t)
  await fill(join(root, 'one'), { vmlinuz: '' })
  const { library } = watchedLibrary(root)
  assert.match(problemOf((await library.refresh()).list[0]), /no kind/)
  await writeFile(join(root, 'one/initrd'), '')
  assert.ok((await library.refresh()).find('one'))
})

test('staging directories, dotfiles and files are no images', async (t) => {
  const root = await temporaryFolder(t)
  await fill(root, { 'README.md': '', '.staging/x/tree/vmlinuz': '', '.hidden/vmlinuz': '' })
  assert.deepEqual((await watchedLibrary(root).library.snapshot()).list, [])
})

test("a tree has neither dotfiles nor links that lead out, but links between images' files", async (t) => {
  const folder = await temporaryFolder(t)
  const root = join(folder, 'images')
  await fill(folder, { secret: 'x' })
  await fill(join(root, 'base'), LINUX)
  await fill(join(root, 'one'), { vmlinuz: '', '.git/config': '', '.env': '', 'deep/.x/y': '', 'deep/file': '' })
  await symlink('../base/initrd', join(root, 'one/initrd'))
  await symlink('../../secret', join(root, 'one/out'))
  await symlink('nowhere', join(root, 'one/dangling'))
  await symlink('loop', join(root, 'one/loop'))
  await symlink('.env', join(root, 'one/env'))
  const { library, looks } = watchedLibrary(root)
  assert.ok((await library.snapshot()).find('one'))
  assert.deepEqual(looks.at(-1), ['deep/file', 'initrd', 'vmlinuz'])
})

test('an image may be a link to another one, not to a directory elsewhere', async (t) => {
  const folder = await temporaryFolder(t)
  const root = join(folder, 'images')
  await fill(join(root, 'v2'), LINUX)
  await fill(join(folder, 'elsewhere'), LINUX)
  await symlink('v2', join(root, 'latest'))
  await symlink('../elsewhere', join(root, 'out'))
  await symlink('nothing', join(root, 'dangling'))
  const { find, list } = await watchedLibrary(root).library.snapshot()
  assert.equal(find('latest')?.kind, 'linux')
  assert.match(problemOf(list.find(({ name }) => name === 'out')), /link out of the images folder/)
  assert.match(problemOf(list.find(({ name }) => name === 'dangling')), /"dangling" does not exist/)
})
