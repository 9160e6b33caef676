import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, readlink, symlink, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type ImportRequest, importImage } from '../../src/commands/import-image.ts'
import { openImageLibrary } from '../../src/images/library.ts'
import type { ImportProgress } from '../../src/images/progress.ts'
import { recogniseImage } from '../../src/kinds/kinds.ts'
import { type Member, program, tarOf, writeTar } from '../images/archive.ts'
import { fill, LINUX, listAll, temporaryFolder } from '../images/folder.ts'

const NEVER = new AbortController().signal
const LINUX_MEMBERS = Object.entries(LINUX)

async function places(t: TestContext) {
  const folder = await temporaryFolder(t)
  const imagesRoot = join(folder, 'images')
  const run = (source: string, more: Partial<ImportRequest> = {}) =>
    importImage({ imagesRoot }, { name: 'one', source, importedAt: 1_700_000_000_000, ...more }, NEVER)
  const refused = async (source: string, kind: string, message: RegExp, more: Partial<ImportRequest> = {}) => {
    await assert.rejects(run(source, more), { name: 'ProvisionError', kind, message }, basename(source))
    const left = (await listAll(imagesRoot).catch(() => [])).filter((name) => name !== '.staging')
    assert.deepEqual(left, [], `${basename(source)} left something behind`)
  }
  const imageJson = async () => JSON.parse(await readFile(join(imagesRoot, 'one/image.json'), 'utf8'))
  return { folder, imagesRoot, run, refused, imageJson }
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const md5 = (data: string | Uint8Array) => createHash('md5').update(data).digest('hex')

/** A KIWI image as KIWI packs it; its disk is compressed by the real program. */
async function kiwiMembers(folder: string, disk: Buffer): Promise<[string, Member][]> {
  await writeFile(join(folder, 'disk'), disk)
  await program('xz', ['--keep', '--force', join(folder, 'disk')])
  return [
    ['lab.xz', await readFile(join(folder, 'disk.xz'))],
    ['lab.md5', `${md5(disk)} ${disk.length / 512} 512\n`],
    ['lab.append', 'rd.kiwi.install.pxe rd.kiwi.install.image=http://example.com/image.xz quiet\n'],
    ['lab.initrd', 'system'],
    ['pxeboot.lab.initrd.xz', 'installer'],
    ['pxeboot.lab.kernel', 'kernel'],
    ['lab.kernel', { type: 'symlink', linkname: 'pxeboot.lab.kernel' }],
  ]
}

test('a KIWI tarball becomes an image, and image.json tells all about it', async (t) => {
  const { folder, imagesRoot, run, imageJson } = await places(t)
  const disk = Buffer.alloc(512 * 40, 'disk')
  const source = await writeTar(join(folder, 'lab.install.tar'), await kiwiMembers(folder, disk))
  const { image, warnings, sha256: sum, files } = await run(source)
  assert.deepEqual(warnings, [])
  assert.equal(files, 7)
  assert.equal(sum, sha256(await readFile(source)))
  assert.equal(image.kind, 'kiwi')
  assert.equal(image.kernelOptions, 'rd.kiwi.install.pxe quiet')
  const json = await imageJson()
  assert.equal(json.kind, 'kiwi')
  assert.equal(json.label, 'lab')
  assert.equal(json.importedAt, '2023-11-14T22:13:20.000Z')
  assert.deepEqual(json.source, { name: 'lab.install.tar', sha256: sum })
  assert.deepEqual(json.files['pxeboot.lab.kernel'], { size: 6, sha256: sha256('kernel') })
  assert.equal(await readlink(join(imagesRoot, 'one/lab.kernel')), 'pxeboot.lab.kernel')
  const found = (await openImageLibrary(imagesRoot, recogniseImage).snapshot()).find('one')
  assert.deepEqual({ ...found, bytes: 0, changedAt: 0 }, { ...image, bytes: 0, changedAt: 0 })
})

test('every compression that is told by its first bytes is undone, whatever the file is called', async (t) => {
  const { folder, run } = await places(t)
  const plain = await tarOf(LINUX_MEMBERS)
  await writeFile(join(folder, 'x.tar'), plain)
  await program('xz', ['--keep', join(folder, 'x.tar')])
  const compressed = {
    plain,
    gzip: gzipSync(plain),
    zstd: zstdCompressSync(plain),
    xz: await readFile(join(folder, 'x.tar.xz')),
  }
  for (const [name, bytes] of Object.entries(compressed)) {
    await writeFile(join(folder, 'source.bin'), bytes)
    const { image, sha256: sum } = await run(join(folder, 'source.bin'), { name })
    assert.equal(image.kind, 'linux', name)
    assert.equal(sum, sha256(bytes), name)
  }
})

test("GNU tar's own archives are read, with ./ before every name and long names", async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  const long = `${'d'.repeat(90)}/${'f'.repeat(120)}`
  const tree = await fill(join(folder, 'tree'), { ...LINUX, [long]: 'x' })
  for (const format of ['gnu', 'pax', 'ustar']) {
    if (format === 'ustar') await program('rm', ['-r', join(tree, 'd'.repeat(90))])
    await program('tar', ['-C', tree, `--format=${format}`, '-czf', join(folder, 'x.tgz'), '.'])
    await run(join(folder, 'x.tgz'), { name: format })
  }
  assert.equal(await readFile(join(imagesRoot, 'gnu', long), 'utf8'), 'x')
  assert.equal(await readFile(join(imagesRoot, 'pax', long), 'utf8'), 'x')
})

test('the one folder in which an image is packed is taken away', async (t) => {
  const { folder, imagesRoot, run, imageJson } = await places(t)
  const members: [string, Member][] = [
    ['rescue/', { type: 'directory' }],
    ['rescue/rescue/notes', 'x'],
    ['rescue/vmlinuz', 'kernel'],
    ['rescue/initrd-1', 'initrd'],
    ['rescue/initrd', { type: 'symlink', linkname: '../rescue/initrd-1' }],
  ]
  await run(await writeTar(join(folder, 'x.tar'), members))
  assert.equal(await readFile(join(imagesRoot, 'one/initrd'), 'utf8'), 'initrd')
  assert.equal(await readFile(join(imagesRoot, 'one/rescue/notes'), 'utf8'), 'x')
  assert.deepEqual(Object.keys((await imageJson()).files), ['initrd', 'initrd-1', 'rescue/notes', 'vmlinuz'])
})

test('a directory is copied, with the links in it', async (t) => {
  const { folder, imagesRoot, run, imageJson } = await places(t)
  const source = await fill(join(folder, 'tree'), { 'vmlinuz-6': 'kernel', initrd: 'initrd', 'deep/er/file': 'x' })
  await symlink('vmlinuz-6', join(source, 'vmlinuz'))
  await symlink(join(source, 'initrd'), join(source, 'deep/er/absolute'))
  const { image, sha256: sum } = await run(source, { label: 'Rescue', kernelOptions: 'quiet' })
  assert.equal(sum, undefined)
  assert.equal(image.label, 'Rescue')
  assert.equal(await readFile(join(imagesRoot, 'one/deep/er/absolute'), 'utf8'), 'initrd')
  assert.equal(await readlink(join(imagesRoot, 'one/deep/er/absolute')), '../../initrd')
  const json = await imageJson()
  assert.equal(json.kernelOptions, 'quiet')
  assert.equal(json.files['deep/er/file'].sha256, sha256('x'))
})

test('what the directory says of itself in image.json holds, and the operator goes before it', async (t) => {
  const { folder, run, imageJson } = await places(t)
  const settings = {
    kind: 'linux',
    kernel: 'k',
    initrds: ['b', 'a'],
    label: 'theirs',
    kernelOptions: 'theirs',
    more: [1],
  }
  const source = await fill(join(folder, 'tree'), {
    k: '',
    a: '',
    b: '',
    '.git/config': '',
    'image.json': JSON.stringify(settings),
  })
  const { image } = await run(source, { label: 'mine' })
  assert.deepEqual(image.parts, { kernel: ['k'], initrds: ['b', 'a'] })
  assert.equal(image.kernelOptions, 'theirs')
  const json = await imageJson()
  assert.equal(json.label, 'mine')
  assert.deepEqual(json.initrds, ['b', 'a'])
  assert.deepEqual(json.more, [1])
  assert.deepEqual(Object.keys(json.files), ['a', 'b', 'k'], 'neither itself nor what no machine can see')
})

test('a live ISO is kept whole, with its kernel and initrd beside it', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  const layouts = {
    kiwi: ['boot/x86_64/loader/linux', 'boot/x86_64/loader/initrd'],
    ubuntu: ['casper/vmlinuz', 'casper/initrd'],
    debian: ['live/vmlinuz', 'live/initrd.img'],
    fedora: ['images/pxeboot/vmlinuz', 'images/pxeboot/initrd.img'],
  }
  for (const [name, [kernel = '', initrd = '']] of Object.entries(layouts)) {
    const tree = await fill(join(folder, name), {
      [kernel]: `${name} kernel`,
      [initrd]: `${name} initrd`,
      'LiveOS/squashfs.img': 'x',
    })
    const iso = join(folder, `${name}.iso`)
    await program('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-J', '-o', iso, tree])
    const { image, sha256: sum } = await run(iso, { name })
    assert.equal(image.kind, 'live')
    assert.deepEqual(image.parts, { kernel: [kernel], initrds: [initrd], iso: [`${name}.iso`] })
    assert.equal(await readFile(join(imagesRoot, name, kernel), 'utf8'), `${name} kernel`)
    assert.equal(await readFile(join(imagesRoot, name, initrd), 'utf8'), `${name} initrd`)
    assert.equal(sha256(await readFile(join(imagesRoot, name, `${name}.iso`))), sum)
  }
})

test('an ISO that knows upper case only is a live ISO too', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  const tree = await fill(join(folder, 'tree'), { 'CASPER/VMLINUZ': 'kernel', 'CASPER/INITRD': 'initrd' })
  const iso = join(folder, 'odd name.img')
  await program('xorriso', ['-as', 'mkisofs', '-quiet', '--norock', '-iso-level', '1', '-o', iso, tree])
  const { image } = await run(iso)
  assert.deepEqual(image.parts['iso'], ['live.iso'])
  assert.equal(await readFile(join(imagesRoot, 'one/casper/vmlinuz'), 'utf8'), 'kernel')
})

test('an ISO that is no live system, or cut off, is refused', async (t) => {
  const { folder, refused } = await places(t)
  const tree = await fill(join(folder, 'tree'), { 'readme.txt': 'x'.repeat(100_000) })
  const iso = join(folder, 'x.iso')
  await program('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', iso, tree])
  await refused(iso, 'invalid', /x\.iso: it is no live ISO: none of these is in it: boot\/x86_64\/loader\/linux with/)
  await refused(iso, 'invalid', /imported as a live system or as an installer medium, not as kiwi/, { kind: 'kiwi' })
  await truncate(iso, 100_000)
  await refused(iso, 'invalid', /an ISO that is cut off: it has 100000 bytes of/)
})

test('what is no image is refused with what each kind looked for', async (t) => {
  const { folder, refused } = await places(t)
  const source = await writeTar(join(folder, 'x.tar'), [['readme.txt', 'x']])
  await refused(source, 'invalid', /^x\.tar: no kind of image recognises it\. Looked for kiwi: pxeboot\.kernel/)
  await refused(source, 'invalid', /it looks like a KIWI image but has no kernel/, { kind: 'kiwi' })
  await refused(source, 'invalid', /there is no kind "windows"/, { kind: 'windows' })
  await refused(source, 'invalid', /cannot name an image/, { name: '../x' })
  await refused(join(folder, 'none.tar'), 'not-found', /none\.tar" does not exist/)
})

test('members that lead out of the image are refused, and nothing is written outside', async (t) => {
  const { folder, refused } = await places(t)
  const evil: { readonly [what: string]: readonly [RegExp, ...(readonly [string, Member])[]] } = {
    dots: [/"\.\.\/evil" leads out of the image by/, ['../evil', 'x']],
    deep: [/leads out of the image by/, ['a/b/../../../evil', 'x']],
    absolute: [/"\/evil" has an absolute name/, ['/evil', 'x']],
    control: [/has control characters in its name/, ['a\nb', 'x']],
    symlink: [/link "a" leads out of the image, to "\.\.\/\.\.\/x"/, ['a', { type: 'symlink', linkname: '../../x' }]],
    absoluteLink: [/link "a" leads out of the image, to "\/etc"/, ['a', { type: 'symlink', linkname: '/etc' }]],
    hardlink: [/"\.\.\/\.\.\/secret" leads out/, ['a', { type: 'link', linkname: '../../secret' }]],
    foreignHardlink: [/hard link "a" leads to "b", which is no file/, ['a', { type: 'link', linkname: 'b' }]],
    device: [
      /"sda" is block-device; an image holds files/,
      ['sda', { type: 'block-device', devmajor: 8, devminor: 0 }],
    ],
    tty: [/"tty" is character-device/, ['tty', { type: 'character-device', devmajor: 5, devminor: 0 }]],
    fifo: [/"pipe" is fifo/, ['pipe', { type: 'fifo' }]],
    throughLink: [
      /"a" is there twice, as different things/,
      ['a', { type: 'symlink', linkname: 'b' }],
      ['a/evil', 'x'],
      ['b/', { type: 'directory' }],
    ],
    linkBelowLink: [
      /"a\/c" lies below the link "a"/,
      ['a', { type: 'symlink', linkname: 'b' }],
      ['a/c', { type: 'symlink', linkname: 'd' }],
    ],
    detour: [
      /leads out of the image/,
      ['x/', { type: 'directory' }],
      ['a/b/c/l', { type: 'symlink', linkname: '../../../x' }],
      ['m', { type: 'symlink', linkname: 'a/b/c/l/../../../../..' }],
    ],
    fileBelowFile: [/"vmlinuz\/x" is there twice, as different things/, ['vmlinuz/x', 'x']],
  }
  for (const [what, [message, ...members]] of Object.entries(evil)) {
    await refused(await writeTar(join(folder, `${what}.tar`), [...LINUX_MEMBERS, ...members]), 'invalid', message)
  }
  assert.deepEqual(
    (await listAll(folder)).filter((name) => name.includes('evil')),
    [],
  )
})

test('a detour through another link ends inside', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  // As a path, m leads to a/b; followed link by link it would lead to the folder above the image.
  const source = await writeTar(join(folder, 'x.tar'), [
    ...LINUX_MEMBERS,
    ['x/', { type: 'directory' }],
    ['a/b/c/l', { type: 'symlink', linkname: '../../../x' }],
    ['m', { type: 'symlink', linkname: 'a/b/c/l/../..' }],
  ])
  await run(source)
  assert.equal(await readlink(join(imagesRoot, 'one/m')), 'a/b')
})

test('archives that are damaged or cut off anywhere are refused', async (t) => {
  const { folder, refused } = await places(t)
  const tar = await tarOf([...LINUX_MEMBERS, ['big', Buffer.alloc(20_000, 'x')]])
  await writeFile(join(folder, 'x.tar'), tar)
  await program('xz', ['--keep', join(folder, 'x.tar')])
  const whole = {
    tar,
    'tar.gz': gzipSync(tar),
    'tar.xz': await readFile(join(folder, 'x.tar.xz')),
    'tar.zst': zstdCompressSync(tar),
  }
  for (const [ending, bytes] of Object.entries(whole)) {
    const path = join(folder, `cut.${ending}`)
    for (const part of [0.3, 0.6, 0.97]) {
      await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * part)))
      await refused(path, 'invalid', /cut off|holds no tar archive/)
    }
  }
  // Between two members, where a tar reader sees nothing wrong.
  await writeFile(join(folder, 'between.tar'), tar.subarray(0, 1024))
  await refused(join(folder, 'between.tar'), 'invalid', /cut off: its end mark is missing/)
  const broken = Buffer.from(gzipSync(tar))
  broken.fill(0x55, 40, 60)
  await writeFile(join(folder, 'broken.tar.gz'), broken)
  await refused(join(folder, 'broken.tar.gz'), 'invalid', /damaged or cut off/)
  const header = Buffer.from(tar)
  header.fill(0x55, 1024, 1100)
  await writeFile(join(folder, 'header.tar'), header)
  await refused(join(folder, 'header.tar'), 'invalid', /or a damaged one/)
})

test('what is no archive is refused by what it is', async (t) => {
  const { folder, refused } = await places(t)
  const files: { readonly [name: string]: readonly [string | Buffer, RegExp] } = {
    empty: ['', /it is empty/],
    text: ['#!/bin/sh\necho hello\n', /neither a tar archive \(plain, \.gz, \.xz, \.zst\) nor an ISO/],
    zip: [Buffer.from('504b030414000000', 'hex'), /a zip archive/],
    bz2: ['BZh91AY', /compressed by bzip2/],
    'text.gz': [gzipSync('just text'), /holds no tar archive/],
    'none.tar': [await tarOf([]), /it holds no files/],
    'folders.tar': [await tarOf([['a/', { type: 'directory' }]]), /it holds no files/],
  }
  for (const [name, [content, message]] of Object.entries(files)) {
    await writeFile(join(folder, name), content)
    await refused(join(folder, name), 'invalid', message)
  }
  await refused('/dev/null', 'invalid', /neither a file nor a directory/)
})

test('sparse members are refused instead of being written as their maps', async (t) => {
  const { folder, refused } = await places(t)
  const tree = await fill(join(folder, 'tree'), { ...LINUX, disk: '' })
  await truncate(join(tree, 'disk'), 10_000_000)
  for (const format of ['gnu', 'pax']) {
    await program('tar', ['-C', tree, `--format=${format}`, '--sparse', '-cf', join(folder, `${format}.tar`), '.'])
    await refused(join(folder, `${format}.tar`), 'invalid', /disk" is (stored with holes|of a kind that is not known)/)
  }
})

test('a directory with links out, sockets or the images folder in it is refused', async (t) => {
  const { folder, imagesRoot, refused } = await places(t)
  const source = await fill(join(folder, 'tree'), LINUX)
  await symlink('/etc/passwd', join(source, 'out'))
  await refused(source, 'invalid', /link "out" leads out of the directory/)
  const pipe = await fill(join(folder, 'pipe'), LINUX)
  await program('mkfifo', [join(pipe, 'pipe')])
  await refused(pipe, 'invalid', /"pipe" is neither a file nor a folder/)
  await mkdir(imagesRoot, { recursive: true })
  await refused(folder, 'invalid', /holds the images folder itself/)
  await refused(imagesRoot, 'invalid', /holds the images folder itself/)
})

test('the source is checked against its SHA-256 sum', async (t) => {
  const { folder, run, refused } = await places(t)
  const source = await writeTar(join(folder, 'x.tar'), LINUX_MEMBERS)
  const sum = sha256(await readFile(source))
  await refused(source, 'invalid', new RegExp(`not the file you mean: its SHA-256 sum is ${sum}`), {
    sha256: '0'.repeat(64),
  })
  await refused(source, 'invalid', /64 hexadecimal digits/, { sha256: 'abc' })
  await refused(folder, 'invalid', /a directory has no SHA-256 sum/, { sha256: sum })
  assert.equal((await run(source, { sha256: sum.toUpperCase() })).sha256, sum)
})

test('what follows the end of a compressed archive is not passed over', async (t) => {
  const { folder, refused } = await places(t)
  await writeFile(
    join(folder, 'x.tgz'),
    Buffer.concat([gzipSync(await tarOf(LINUX_MEMBERS)), Buffer.alloc(2_000_000, 1)]),
  )
  await refused(join(folder, 'x.tgz'), 'invalid', /more in it after its end|damaged/)
})

test("a disk that is not what KIWI's checksum says is refused", async (t) => {
  const { folder, run, refused } = await places(t)
  const disk = Buffer.alloc(512 * 40, 'disk')
  const members = await kiwiMembers(folder, disk)
  const withSum = (text: string) =>
    writeTar(
      join(folder, 'x.tar'),
      members.map(([name, member]) => [name, name === 'lab.md5' ? text : member] as const),
    )
  await refused(await withSum(`${md5('other')} 40 512\n`), 'invalid', /what is in lab\.xz is not what lab\.md5 says/)
  await refused(await withSum(`${md5(disk)} 41 512\n`), 'invalid', /and 20480 bytes, not 20992/)
  await refused(
    await withSum(`${md5('other')}  lab.append\n`),
    'invalid',
    /^x\.tar: lab\.append is not what lab\.md5 says/,
  )
  const fiveFields = await run(await withSum(`${md5(disk)} 40 512 7 100\n`), { name: 'five' })
  assert.deepEqual(fiveFields.warnings, [])
})

test('checksums in other forms are verified, and those that cannot be read are told', async (t) => {
  const { folder, run } = await places(t)
  const source = (sums: { readonly [name: string]: string }) =>
    writeTar(join(folder, 'x.tar'), [...LINUX_MEMBERS, ...Object.entries(sums)])
  const good = {
    'a.md5': `${md5('kernel')}  vmlinuz\n${md5('initrd')} *initrd\n`,
    'b.md5': `MD5 (vmlinuz) = ${md5('kernel')}\n`,
    'vmlinuz.md5': md5('kernel'),
    'initrd.sha256': `${sha256('initrd')}  initrd\n`,
  }
  assert.deepEqual((await run(await source(good), { name: 'good' })).warnings, [])
  const odd = await run(await source({ 'odd.md5': 'hello', 'gone.md5': `${md5('x')}  gone`, 'lone.md5': md5('x') }), {
    name: 'odd',
  })
  assert.equal(odd.warnings.length, 3)
  assert.match(
    odd.warnings.join('\n'),
    /odd\.md5 is in no form that is known; what it should vouch for was not verified/,
  )
  assert.match(odd.warnings.join('\n'), /gone\.md5 speaks of "gone", which is not there/)
  assert.match(odd.warnings.join('\n'), /lone\.md5 has no file lone or lone\.xz beside it/)
  await assert.rejects(
    run(await source({ 'vmlinuz.md5': md5('x') }), { name: 'bad' }),
    /vmlinuz is not what vmlinuz\.md5 says/,
  )
})

test('odd but harmless things are told, not refused', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  const source = await writeTar(join(folder, 'x.tar'), [
    ...LINUX_MEMBERS,
    ['README', '1'],
    ['readme', '2'],
    ['gone', { type: 'symlink', linkname: 'nowhere' }],
  ])
  const { warnings } = await run(source)
  assert.deepEqual(warnings, [
    '"README" and "readme" differ in upper and lower case only',
    'the link "gone" leads nowhere and was left out',
  ])
  assert.ok(!(await listAll(join(imagesRoot, 'one'))).includes('gone'))
})

test('a member that is there twice is the later one, and hard links are files', async (t) => {
  const { folder, imagesRoot, run, imageJson } = await places(t)
  const source = await writeTar(join(folder, 'x.tar'), [
    ...LINUX_MEMBERS,
    ['copy', { type: 'link', linkname: 'vmlinuz' }],
    ['vmlinuz', 'newer'],
  ])
  await run(source)
  assert.equal(await readFile(join(imagesRoot, 'one/vmlinuz'), 'utf8'), 'newer')
  assert.equal(await readFile(join(imagesRoot, 'one/copy'), 'utf8'), 'newer')
  assert.deepEqual((await imageJson()).files.copy, { size: 5, sha256: sha256('newer') })
})

test('a name that is taken is refused before anything is read, until the image is to be replaced', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  const source = await writeTar(join(folder, 'x.tar'), LINUX_MEMBERS)
  await fill(join(imagesRoot, 'one'), { 'host.tmpl': 'old', extra: 'old' })
  await assert.rejects(run(source), { kind: 'conflict', message: /there is an image one already/ })
  assert.ok((await listAll(join(imagesRoot, 'one'))).includes('extra'))
  await run(source, { replace: true })
  assert.deepEqual(await listAll(join(imagesRoot, 'one')), ['image.json', 'initrd', 'vmlinuz'])
  assert.deepEqual(await listAll(join(imagesRoot, '.staging')), [])
  await run(source, { name: 'fresh', replace: true })
  assert.ok((await listAll(imagesRoot)).includes('fresh/vmlinuz'))
})

test('an image that was to be replaced stays when the new one is refused', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  await fill(join(imagesRoot, 'one'), LINUX)
  await assert.rejects(run(await writeTar(join(folder, 'x.tar'), [['readme', 'x']]), { replace: true }), {
    kind: 'invalid',
  })
  assert.deepEqual(await listAll(join(imagesRoot, 'one')), ['initrd', 'vmlinuz'])
})

test('of two imports of one name at once, one wins and the other is refused', async (t) => {
  const { folder, imagesRoot, run } = await places(t)
  const source = await writeTar(join(folder, 'x.tar'), LINUX_MEMBERS)
  const outcomes = await Promise.allSettled([run(source), run(source), run(source)])
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  assert.equal(refusals.length, 2)
  for (const refusal of refusals) assert.equal(refusal.kind, 'conflict')
  assert.deepEqual(await listAll(join(imagesRoot, '.staging')), [])
})

test('progress goes from nothing to all of the source', async (t) => {
  const { folder, imagesRoot } = await places(t)
  const disk = Buffer.alloc(512 * 4000, 'disk')
  const source = await writeTar(join(folder, 'x.tar'), await kiwiMembers(folder, disk))
  const seen: ImportProgress[] = []
  await importImage(
    { imagesRoot, onProgress: (progress) => seen.push(progress) },
    { name: 'one', source, importedAt: 0 },
    NEVER,
  )
  const reads = seen.filter(({ step }) => step === 'read')
  assert.ok(reads.every(({ done }, at) => done > (reads[at - 1]?.done ?? 0)))
  assert.equal(reads.at(-1)?.done, reads.at(-1)?.total)
  assert.ok(seen.some(({ step, file }) => step === 'verify' && file === 'lab.xz'))
  assert.equal(seen.at(-1)?.step, 'write')
})

test('an import that is interrupted at any step leaves nothing', async (t) => {
  const { folder, imagesRoot } = await places(t)
  const members = await kiwiMembers(folder, Buffer.alloc(512 * 400, 'disk'))
  const plain = await writeTar(join(folder, 'x.tar'), members)
  await copyFile(plain, join(folder, 'y.tar'))
  await program('xz', [join(folder, 'y.tar')])
  for (const source of [plain, join(folder, 'y.tar.xz')]) {
    for (const step of ['read', 'verify', 'write'] as const) {
      const interruption = new AbortController()
      const onProgress = (progress: ImportProgress) => {
        if (progress.step === step) interruption.abort(new Error('Ctrl-C'))
      }
      await assert.rejects(
        importImage({ imagesRoot, onProgress }, { name: 'one', source, importedAt: 0 }, interruption.signal),
        { message: 'Ctrl-C' },
        `${basename(source)} ${step}`,
      )
      assert.deepEqual(await listAll(imagesRoot), ['.staging'], `${basename(source)} ${step}`)
    }
  }
})

test('a program that is missing is named, with the package that brings it', async (t) => {
  const { folder, refused } = await places(t)
  await writeTar(join(folder, 'x.tar'), LINUX_MEMBERS)
  await program('xz', [join(folder, 'x.tar')])
  const path = process.env['PATH']
  t.after(() => {
    process.env['PATH'] = path
  })
  process.env['PATH'] = folder
  await refused(
    join(folder, 'x.tar.xz'),
    'unavailable',
    /the program xz, which is missing \(Debian: apt-get install xz-utils\)/,
  )
})
