import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kindOf } from '../../../src/kinds/kinds.ts'
import { imageOf, mediumOf, without } from './media.ts'
import { RELEASES, releaseNamed } from './releases.ts'

const refusal = (message: RegExp) => ({ name: 'ProvisionError', kind: 'invalid', message })

describe('a medium of each release is recognised', () => {
  const labels = [
    'VMware ESXi 6.5 or older',
    'VMware ESXi 6.7',
    'VMware ESXi 7.0.0 build 15843807',
    'VMware ESXi 7.0.3 build 20328353',
    'VMware ESXi 8.0.2 build 22380479',
    'VMware ESXi 8.0.3 build 24280767',
    'VMware ESXi 9.1.1 build 25714478',
  ]
  for (const [index, release] of RELEASES.entries()) {
    test(release.name, async () => {
      const image = await imageOf(mediumOf(release))
      assert.equal(image.kind, 'esxi')
      assert.equal(image.label, labels[index])
      assert.deepEqual(image.parts, {
        kernel: [release.kernel],
        modules: release.modules,
        bootCfg: ['efi/boot/boot.cfg'],
        mboot: ['efi/boot/bootx64.efi'],
        mbootBios: ['mboot.c32'],
        crypto: ['efi/boot/crypto64.efi'],
      })
      assert.equal(kindOf(image).name, 'esxi')
    })
  }
})

test('of two boot.cfg the one for UEFI counts; either is enough', async () => {
  const medium = mediumOf()
  assert.deepEqual((await imageOf(without(medium, 'efi/boot/boot.cfg'))).parts['bootCfg'], ['boot.cfg'])
  assert.deepEqual((await imageOf(without(medium, 'boot.cfg'))).parts['bootCfg'], ['efi/boot/boot.cfg'])
  const differing = { ...medium, 'boot.cfg': 'kernel=/gone.b00\nmodules=/gone.v00\n' }
  assert.deepEqual((await imageOf(differing)).parts['bootCfg'], ['efi/boot/boot.cfg'])
})

test('all that boot.cfg names and that is not there is told at once', async () => {
  await assert.rejects(
    imageOf(without(mediumOf(), 's.v00', 'b.b00', 'tools.t00')),
    refusal(/^its efi\/boot\/boot\.cfg names 3 files that are not there: b\.b00, s\.v00, tools\.t00$/),
  )
  await assert.rejects(imageOf(without(mediumOf(), 'vim.v00')), refusal(/names a file that is not there: vim\.v00$/))
  const cfg = `${mediumOf()['efi/boot/boot.cfg']}acpitables=/Ssdt.aml\n`
  await assert.rejects(imageOf({ ...mediumOf(), 'efi/boot/boot.cfg': cfg }), refusal(/not there: ssdt\.aml$/))
})

test('an image without a loader, a kernel or modules is refused; one loader is enough', async () => {
  const medium = mediumOf()
  await assert.rejects(imageOf(without(medium, 'mboot.c32', 'efi/boot/bootx64.efi')), refusal(/no loader: none of efi/))
  assert.equal((await imageOf(without(medium, 'mboot.c32'))).parts['mbootBios'], undefined)
  const arm = { ...without(medium, 'mboot.c32', 'efi/boot/bootx64.efi'), 'efi/boot/bootaa64.efi': '' }
  assert.deepEqual((await imageOf(arm)).parts['mbootArm'], ['efi/boot/bootaa64.efi'])
  const cfg = (text: string) => imageOf({ ...medium, 'efi/boot/boot.cfg': text })
  await assert.rejects(cfg('kernel =b.b00\nmodules=/s.v00\n'), refusal(/names no kernel/))
  await assert.rejects(cfg('kernel=http://h/b.b00\nmodules=/s.v00\n'), refusal(/names no kernel of its own/))
  await assert.rejects(cfg('kernel=b.b00\n'), refusal(/names no modules/))
  await assert.rejects(cfg('kernel=b.b00\ntimeout=abc\n'), refusal(/line 2 of boot\.cfg/))
})

test('a copy by hand with the names of the medium is told to be imported', async () => {
  const upper = Object.fromEntries(Object.entries(mediumOf()).map(([name, text]) => [name.toUpperCase(), text]))
  await assert.rejects(imageOf(upper), refusal(/names are upper case \(BOOT\.CFG\); import the ISO or the directory/))
})

test('other directories are not taken for ESXi, whatever they have as boot.cfg', async () => {
  assert.equal((await imageOf({ vmlinuz: '', initrd: '', 'boot.cfg': 'kernel=vmlinuz' })).kind, 'linux')
  await assert.rejects(imageOf({ 'boot.cfg': '' }, { kind: 'esxi' }), refusal(/names no kernel/))
  await assert.rejects(imageOf({ vmlinuz: '' }, { kind: 'esxi' }), refusal(/no efi\/boot\/boot\.cfg/))
})

test('names of a boot.cfg may be upper case, and a module of somebody else may be an address', async () => {
  const text = 'kernel=/B.B00\nmodules=/S.V00 --- K.B00 --- http://other/x.tgz\n'
  const image = await imageOf({ ...mediumOf(), 'efi/boot/boot.cfg': text })
  assert.deepEqual(image.parts['modules'], ['s.v00', 'k.b00'])
})

test("an image's own scripts are found in the order in which they run, and refused when nothing could run them", async () => {
  const scripts = { 'firstboot/10-x.py': '', 'post/20-b.sh': '', 'post/10-a.sh': '', 'pre/10-x.sh': '' }
  const image = await imageOf({ ...mediumOf(), ...scripts })
  assert.deepEqual(image.parts['snippets'], ['pre/10-x.sh', 'post/10-a.sh', 'post/20-b.sh', 'firstboot/10-x.py'])
  await assert.rejects(imageOf({ ...mediumOf(), 'pre/10-x.rb': '' }), refusal(/cannot run pre\/10-x\.rb/))
})

test('image.json may name the image and set its installs', async () => {
  const image = await imageOf(mediumOf(), { label: 'ours', kernelOptions: 'noIOMMU', esxi: { secureBoot: true } })
  assert.deepEqual([image.label, image.kernelOptions, image.settings], ['ours', 'noIOMMU', { secureBoot: true }])
  await assert.rejects(imageOf(mediumOf(), { esxi: 'no' }), refusal(/esxi in image\.json is not an object/))
})

test('what boot.cfg does not tell of a release is found elsewhere on the medium', async () => {
  const old = mediumOf(releaseNamed('6.7U1'))
  const label = async (files: { readonly [name: string]: string }, source: { name?: string; label?: string } = {}) =>
    (await imageOf({ ...old, ...files }, { source })).label
  const profile = '<imageprofile><name>ESXi-6.7.0U3-14320388-standard</name><creator>VMware, Inc.</creator>'
  assert.equal(await label({ 'vmware-esx-base-osl.txt': 'ESXi 6.7U3d GA\r\nlicences' }), 'VMware ESXi 6.7 U3d')
  assert.equal(await label({ 'upgrade/profile.xml': profile }), 'VMware ESXi 6.7.0 build 14320388')
  const iso = 'VMware-VMvisor-Installer-6.7.0.update03-14320388.x86_64'
  assert.equal(await label({}, { name: `${iso}.iso` }), 'VMware ESXi 6.7.0 build 14320388')
  assert.equal(
    await label({}, { name: `${iso}-DellEMC_Customized-A00.iso` }),
    'VMware ESXi 6.7.0 build 14320388 (Dell)',
  )
  assert.equal(await label({}, { label: 'ESXI-6.7.0-14320388-STANDARD' }), 'VMware ESXi 6.7.0 build 14320388')
  const hpe = '<imageprofile><name>HPE-Custom-AddOn</name><creator>Hewlett Packard Enterprise</creator>'
  assert.equal(
    (await imageOf({ ...mediumOf(), 'upgrade/profile.xml': hpe })).label,
    'VMware ESXi 8.0.3 build 24280767 (HPE)',
  )
})

test('the names of media tell their release', async () => {
  const cases = [
    ['VMware-VMvisor-Installer-7.0U3g-20328353.x86_64.iso', 'VMware ESXi 7.0 U3g build 20328353'],
    ['VMware-VMvisor-Installer-9.1.1.0.25714478.x86_64.iso', 'VMware ESXi 9.1.1.0 build 25714478'],
    ['VMware-VMvisor-Installer-9.0.0-24314719.x86_64.iso', 'VMware ESXi 9.0.0 build 24314719'],
    ['something.iso', 'VMware ESXi'],
  ] as const
  const bare = {
    'b.b00': '',
    's.v00': '',
    'mboot.c32': '',
    'boot.cfg': 'kernel=/b.b00\nmodules=/s.v00\n',
  }
  for (const [name, label] of cases) assert.equal((await imageOf(bare, { source: { name } })).label, label)
  const volume = { source: { label: 'ESXI-8.0U3E-24677879-STANDARD' } }
  assert.equal((await imageOf(bare, volume)).label, 'VMware ESXi 8.0 U3E build 24677879')
})
