import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootUrls } from '../../src/core/boot-urls.ts'
import type { Image } from '../../src/core/image.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { KernelBoot, Tree } from '../../src/kinds/kind.ts'
import { kindOf, recogniseImage } from '../../src/kinds/kinds.ts'

const urls = bootUrls('http://10.77.0.1:5000', 7, 'b00t')

/** A directory as kinds see it, by its files' contents. */
function treeOf(files: { readonly [name: string]: string }): Tree {
  return { files: Object.keys(files).sort(), readText: async (file) => files[file] ?? '' }
}

async function imageOf(files: { readonly [name: string]: string }, settings: JsonObject = {}): Promise<Image> {
  return { name: 'one', bytes: 0, changedAt: 0, ...(await recogniseImage(treeOf(files), settings)) }
}

async function bootOf(files: { readonly [name: string]: string }, settings: JsonObject = {}): Promise<KernelBoot> {
  const image = await imageOf(files, settings)
  const boot = kindOf(image).boot(image, urls)
  assert.ok(boot)
  return boot
}

const refusal = (message: RegExp) => ({ name: 'ProvisionError', kind: 'invalid', message })

const KIWI = { 'pxeboot.kernel': '', 'pxeboot.initrd.xz': '', 'disk-1.0.xz': '' }
const APPEND = 'rd.kiwi.install.pxe rd.kiwi.install.image=http://example.com/image.xz console=ttyS0,115200 quiet\n'

test("a KIWI image boots with KIWIspray's command line", async () => {
  const boot = await bootOf({ ...KIWI, 'disk.append': APPEND })
  assert.equal(boot.kernel, 'http://10.77.0.1:5000/b/b00t/tree/pxeboot.kernel')
  assert.deepEqual(boot.initrds, ['http://10.77.0.1:5000/b/b00t/tree/pxeboot.initrd.xz'])
  assert.equal(
    boot.options.join(' '),
    'rd.kiwi.install.pass.bootparam rd.kiwi.install.image=http://10.77.0.1:5000/b/b00t/tree/disk-1.0.xz' +
      ` rd.kiwi.install.pxe console=ttyS0,115200 quiet BOOTIF=01-\${mac:hexhyp}` +
      ' razorurl=http://10.77.0.1:5000/post-install?id=7&bootid=b00t',
  )
})

test('the options of KIWI images and of live systems may name the addresses of a boot', async () => {
  const kernelOptions = 'rd.kiwi.install.pxe ds=nocloud-net;s=@BOOT@/'
  const { options } = await bootOf(KIWI, { kernelOptions })
  assert.ok(options.includes('ds=nocloud-net;s=http://10.77.0.1:5000/b/b00t/'), options.join(' '))
  const live = { 'd.iso': '', linux: '', initrd: '' }
  const told = (await bootOf(live, { kernelOptions: 'boot=live ds=nocloud-net;s=@BOOT@/' })).options
  assert.ok(told.includes('ds=nocloud-net;s=http://10.77.0.1:5000/b/b00t/'), told.join(' '))
  await assert.rejects(imageOf(KIWI, { kernelOptions: 'x=@NOBODY@' }), refusal(/name "@NOBODY@"; there are @BASE@/))
})

test("newer KIWI's names are recognised, with the system's own kernel and initrd beside them", async () => {
  const name = 'Lab-OS.x86_64-1.2.3'
  const image = await imageOf({
    [`pxeboot.${name}.kernel`]: '',
    [`pxeboot.${name}.initrd.xz`]: '',
    [`${name}.kernel`]: '',
    [`${name}.initrd`]: '',
    [`${name}.append`]: APPEND,
    [`${name}.md5`]: '',
    [`${name}.xz`]: '',
    [`pxeboot.${name}.config.bootoptions`]: '',
  })
  assert.equal(image.kind, 'kiwi')
  assert.equal(image.label, name)
  assert.deepEqual(image.parts, {
    kernel: [`pxeboot.${name}.kernel`],
    initrds: [`pxeboot.${name}.initrd.xz`],
    disk: [`${name}.xz`],
    append: [`${name}.append`],
  })
})

test('a KIWI image without an append file is told to install over the network', async () => {
  assert.ok((await bootOf(KIWI)).options.includes('rd.kiwi.install.pxe'))
})

test("image.json's kernel options go before those of the append file", async () => {
  const image = await imageOf({ ...KIWI, 'disk.append': APPEND }, { kernelOptions: 'quiet=0' })
  assert.equal(image.kernelOptions, 'quiet=0')
})

test('a KIWI image that lacks its disk is refused, not taken for something else', async () => {
  await assert.rejects(imageOf({ 'pxeboot.kernel': '', 'pxeboot.initrd.xz': '' }), refusal(/no disk \*\.xz/))
  await assert.rejects(imageOf({ 'pxeboot.kernel': '', 'disk.xz': '' }), refusal(/no initrd/))
})

test('of several disks none is chosen, until image.json names one', async () => {
  const files = { ...KIWI, 'other.xz': '' }
  await assert.rejects(imageOf(files), refusal(/several files could be its disk: disk-1\.0\.xz, other\.xz/))
  assert.deepEqual((await imageOf(files, { disk: 'other.xz' })).parts['disk'], ['other.xz'])
  await assert.rejects(imageOf(files, { disk: 'gone.xz' }), refusal(/"gone\.xz" as disk; there is no such file/))
})

test('kernel options from files can neither break their line nor reach the settings of iPXE', async () => {
  for (const text of ['a\nb', 'a\rb', 'a\u0000b', `x=\${mac}`, `\${net0/ip}`, 'a\u0085b', 'x'.repeat(2000)]) {
    await assert.rejects(imageOf({ ...KIWI, 'disk.append': text }), refusal(/kernel options in disk\.append/), text)
    await assert.rejects(imageOf(KIWI, { kernelOptions: text }), refusal(/kernel options in image\.json/), text)
  }
  await assert.rejects(imageOf(KIWI, { kernelOptions: ['a'] }), refusal(/is not a text/))
})

test('file names are written as addresses, whatever is in them', async () => {
  const boot = await bootOf({ ...KIWI, 'disk-1.0.xz': '' }, {})
  assert.ok(boot.kernel.endsWith('/tree/pxeboot.kernel'))
  const odd = await bootOf({ 'pxeboot.kernel': '', 'pxeboot.initrd.xz': '', 'a ${b} #c&d.xz': '' })
  assert.ok(
    odd.options.includes('rd.kiwi.install.image=http://10.77.0.1:5000/b/b00t/tree/a%20%24%7Bb%7D%20%23c%26d.xz'),
  )
})

test('a live system is told where its ISO is', async () => {
  const boot = await bootOf({ linux: '', initrd: '', 'live.iso': '' }, { kernelOptions: 'quiet' })
  assert.equal(boot.kernel, 'http://10.77.0.1:5000/b/b00t/tree/linux')
  assert.deepEqual(boot.options, [
    'root=live:http://10.77.0.1:5000/b/b00t/tree/live.iso',
    'quiet',
    'razorurl=http://10.77.0.1:5000/post-install?id=7&bootid=b00t',
  ])
})

test('live systems with words of their own for it are told in those', async () => {
  const ubuntu = await bootOf({ 'casper/vmlinuz': '', 'casper/initrd': '', 'u.iso': '' })
  assert.equal(ubuntu.options.includes('url=http://10.77.0.1:5000/b/b00t/tree/u.iso'), true)
  assert.equal(
    ubuntu.options.some((word) => word.startsWith('root=')),
    false,
  )
  const debian = await bootOf({ 'live/vmlinuz': '', 'live/initrd.img': '', 'd.iso': '' })
  assert.equal(debian.options.includes('fetch=http://10.77.0.1:5000/b/b00t/tree/d.iso'), true)
  const fedora = await bootOf({ 'images/pxeboot/vmlinuz': '', 'images/pxeboot/initrd.img': '', 'f.iso': '' })
  assert.deepEqual(fedora.options.slice(0, 2), ['root=live:http://10.77.0.1:5000/b/b00t/tree/f.iso', 'rd.live.image'])
})

test('a kernel and its initrd are recognised by their usual names and told their boot', async () => {
  for (const [kernel, initrd] of [
    ['vmlinuz', 'initrd.img'],
    ['vmlinuz-6.1.0-18-amd64', 'initramfs-6.1.0.img'],
    ['linux', 'initrd.gz'],
    ['bzImage', 'initramfs'],
  ] as const) {
    const image = await imageOf({ [kernel]: '', [initrd]: '' })
    assert.equal(image.kind, 'linux')
    assert.deepEqual(image.parts, { kernel: [kernel], initrds: [initrd] })
  }
  const boot = await bootOf({ vmlinuz: '', initrd: '' })
  assert.deepEqual(boot.options, ['metalspray=http://10.77.0.1:5000/b/b00t'])
})

test('image.json names a kernel, several initrds in their order, and options with addresses in them', async () => {
  const boot = await bootOf(
    { k: '', b: '', a: '' },
    { kind: 'linux', kernel: 'k', initrds: ['b', 'a'], kernelOptions: 'ks=@TREE@/ks.cfg done=@FINISH@ no=@FAIL@' },
  )
  assert.deepEqual(boot.initrds, ['http://10.77.0.1:5000/b/b00t/tree/b', 'http://10.77.0.1:5000/b/b00t/tree/a'])
  assert.deepEqual(boot.options, [
    'ks=http://10.77.0.1:5000/b/b00t/tree/ks.cfg',
    'done=http://10.77.0.1:5000/b/b00t/finish',
    'no=http://10.77.0.1:5000/b/b00t/fail',
  ])
})

test('every placeholder is an address of the boot, and one that is not known is refused', async () => {
  const kernelOptions = '@BASE@ @BOOT@ @FINISH@ @FAIL@ @REPORT@ @POST_INSTALL@ @TREE@'
  const boot = await bootOf({ vmlinuz: '', initrd: '' }, { kernelOptions })
  const { base, boot: space, finish, fail, report, postInstall } = urls
  assert.deepEqual(boot.options, [base, space, finish, fail, report, postInstall, `${space}/tree`])
  await assert.rejects(
    imageOf({ vmlinuz: '', initrd: '' }, { kernelOptions: 'x=@FINSH@' }),
    refusal(/name "@FINSH@"; there are @BASE@/),
  )
})

test('a directory with its own boot script is an image, whatever else is in it', async () => {
  assert.equal((await imageOf({ 'host.tmpl': '#!ipxe' })).kind, 'custom')
  assert.equal((await imageOf({ 'host.eta': '#!ipxe', 'notes.txt': '' })).kind, 'custom')
  assert.equal((await imageOf({ ...KIWI, 'host.tmpl': '' })).kind, 'kiwi')
  assert.equal((await imageOf({ 'host.tmpl': '', 'pxeboot.kernel': '' })).kind, 'custom')
  const image = await imageOf({ 'host.tmpl': '#!ipxe' })
  assert.equal(kindOf(image).boot(image, urls), undefined)
})

test('the kind that image.json names is obeyed or refused, never replaced by another', async () => {
  assert.equal((await imageOf({ ...KIWI, 'host.tmpl': '' }, { kind: 'custom' })).kind, 'custom')
  await assert.rejects(imageOf({ vmlinuz: '', initrd: '' }, { kind: 'kiwi' }), refusal(/no kernel pxeboot\.kernel/))
  await assert.rejects(imageOf({ vmlinuz: '', initrd: '' }, { kind: 'custom' }), refusal(/it is no custom image/))
  await assert.rejects(
    imageOf({ vmlinuz: '' }, { kind: 'windows' }),
    refusal(/no kind "windows"; there are kiwi, live/),
  )
  await assert.rejects(imageOf({ vmlinuz: '' }, { kind: 3 }), refusal(/kind in image\.json is not a text/))
})

test('what no kind recognises is refused with what each of them looked for', async () => {
  await assert.rejects(imageOf({ 'readme.txt': '' }), (error: Error) => {
    assert.match(error.message, /kiwi: pxeboot\.kernel/)
    assert.match(error.message, /live: an \*\.iso/)
    assert.match(error.message, /linux: a kernel/)
    assert.match(error.message, /custom: its own boot script host\.eta or host\.tmpl/)
    return true
  })
})

test('a label is one line of text', async () => {
  assert.equal((await imageOf({ vmlinuz: '', initrd: '' }, { label: 'Rescue 3' })).label, 'Rescue 3')
  await assert.rejects(imageOf({ vmlinuz: '', initrd: '' }, { label: 'a\nb' }), refusal(/label/))
})
