import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeKickstart } from '../../../../src/kinds/esxi/kickstart/make.ts'
import { linesOf, parseKickstart } from '../../../../src/kinds/esxi/kickstart/parse.ts'
import { HASH, installRequest, type Wanted } from './fixture.ts'

/** The lines of the command section, without comments. */
async function commands(wanted: Wanted): Promise<readonly string[]> {
  const lines = linesOf(await makeKickstart(installRequest(wanted)))
  const end = lines.findIndex((line) => /^%(?!include)/.test(line))
  return lines.slice(0, end).filter((line) => line !== '' && !line.startsWith('#'))
}

test('a host of which nothing is set but a password installs on its first local disk, by DHCP', async () => {
  assert.deepEqual(await commands({}), [
    'accepteula',
    'install --firstdisk=local --overwritevmfs',
    `rootpw --iscrypted ${HASH}`,
    'network --bootproto=dhcp',
    'reboot',
  ])
})

test('everything that can be set is said in the installer’s words', async () => {
  const esxi = {
    disk: 'firstdisk=PERC H730, local',
    vmfs: 'none',
    overwriteVsan: true,
    ignorePrereqWarnings: true,
    forceUnsupported: true,
    keyboard: 'swiss german',
    serial: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
    network: {
      ip: '10.0.0.5',
      netmask: '255.255.255.0',
      gateway: '10.0.0.1',
      nameserver: ['1.1.1.1', '8.8.8.8'],
      vlan: 12,
      addVmPortgroup: false,
    },
    reboot: false,
    paranoid: true,
  }
  assert.deepEqual(await commands({ esxi, hostname: 'esx1.lab', mac: '02:00:00:00:00:0b' }), [
    'accepteula',
    "install '--firstdisk=PERC H730,local' --novmfsondisk --overwritevmfs --overwritevsan --ignoreprereqwarnings --forceunsupportedinstall",
    `rootpw --iscrypted ${HASH}`,
    'network --bootproto=static --ip=10.0.0.5 --netmask=255.255.255.0 --gateway=10.0.0.1 --nameserver=1.1.1.1,8.8.8.8 --hostname=esx1.lab --device=02:00:00:00:00:0b --vlanid=12 --addvmportgroup=0',
    "keyboard 'Swiss German'",
    'serialnum --esx=AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
    'paranoid',
  ])
})

test('an upgrade says nothing of what it keeps', async () => {
  const esxi = { install: 'upgrade', disk: 'mpx.vmhba0:C0:T0:L0', keyboard: 'German', network: { vlan: 3 } }
  assert.deepEqual(await commands({ esxi, hostname: 'esx1' }), [
    'accepteula',
    'upgrade --disk=mpx.vmhba0:C0:T0:L0',
    'reboot',
  ])
})

test('an install or upgrade keeps datastores unless they are to be overwritten', async () => {
  for (const [vmfs, option] of [
    ['overwrite', ' --overwritevmfs'],
    ['preserve', ''],
  ]) {
    const [, install] = await commands({ esxi: { install: 'installorupgrade', disk: 'firstdisk', vmfs: vmfs ?? '' } })
    assert.equal(install, `installorupgrade --firstdisk${option}`)
  }
})

test('under Secure Boot there is no %firstboot, and no image with scripts for it is accepted', async () => {
  const request = { esxi: { secureBoot: true, rootPassword: HASH } }
  const { scripts } = parseKickstart(await makeKickstart(installRequest(request)))
  assert.deepEqual(
    scripts.map(({ name }) => name),
    ['%pre', '%post'],
  )
  await assert.rejects(makeKickstart(installRequest({ ...request, snippets: { 'firstboot/1-a.sh': 'true' } })), {
    kind: 'conflict',
    message: /^snippet firstboot\/1-a\.sh: ESXi runs none .* Secure Boot/,
  })
})

test('under Secure Boot the server is told what of the description is left undone', async () => {
  const request = {
    esxi: { secureBoot: true, rootPassword: HASH },
    description: [{ ssh: { enabled: true }, hostname: 'a' }],
  }
  const text = await makeKickstart(installRequest(request))
  const [, told = ''] = /\/report\?stage=post&text=([^' ]*)/.exec(text) ?? []
  assert.match(
    decodeURIComponent(told),
    /^under Secure Boot the installer alone makes the host: .* and leaves ssh as they are$/,
  )
  assert.ok(text.indexOf(told) < text.lastIndexOf('/finish'), 'before the boot is over')
  assert.doesNotMatch(
    await makeKickstart(installRequest({ ...request, description: [{ hostname: 'a' }] })),
    /stage=post/,
  )
})

test('scripts of ours stand behind whatever an operator’s template says', async () => {
  const ownTemplate = () => `accepteula\r\ninstall --firstdisk\r\nrootpw --iscrypted ${HASH}\r\n%post\r\necho mine`
  const text = await makeKickstart(installRequest({ ownTemplate }))
  assert.doesNotMatch(text, /\r/)
  const { commands: said, scripts } = parseKickstart(text)
  assert.deepEqual(
    [...said, ...scripts].map(({ name }) => name),
    ['accepteula', 'install', 'rootpw', '%post', '%pre', '%post', '%firstboot'],
  )
})

test('a snippet that the installer would change or could not run is refused, with its place', async () => {
  const refused = (snippets: { readonly [name: string]: string }, message: RegExp) =>
    assert.rejects(makeKickstart(installRequest({ snippets })), { kind: 'conflict', message })
  await refused({ 'pre/1-a.sh': 'true\n# für alle\n' }, /^snippet pre\/1-a\.sh, line 2: /)
  await refused({ 'post/1-a.py': 'a\0b' }, /^snippet post\/1-a\.py, line 1: /)
  for (const name of ['pre/1-a.rb', 'pre/a.sh', 'last/1-a.sh', 'pre/1-a;b.sh']) {
    await refused({ [name]: 'true' }, /has another name than/)
  }
})
