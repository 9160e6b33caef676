import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uefiHost, writeMedium } from './esxi-medium.ts'
import { host, type Place, place } from './program.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`

async function withImages(here: Place): Promise<void> {
  await writeMedium(here, 'esxi8')
  await here.write('images/wipe/host.tmpl', '#!ipxe\nexit\n')
  await here.addHosts(uefiHost(1))
}

test('what is set for all hosts and for an image is shown, without secrets, beside what image.json sets', async (t) => {
  const here = await place(t)
  await withImages(here)
  await here.write('images/esxi8/image.json', '{"esxi": {"keyboard": "German"}}')
  const none = await here.metalspray('defaults', '--image', 'wipe')
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'nothing is set for image wipe\n'])
  const server = await here.metalspray('defaults', '--root-password-hash', HASH, '--set', 'esxi.network.vlan=20')
  assert.equal(server.stdout, 'all hosts: esxi.network.vlan set, esxi.rootPassword set\n')
  const image = await here.metalspray('defaults', '--image', 'esxi8', '--set', 'esxi.disk=local')
  assert.equal(image.stdout, 'image esxi8: esxi.disk set\n')
  assert.equal(
    (await here.metalspray('defaults')).stdout,
    [
      'all hosts',
      '  esxi.network.vlan  20',
      '  esxi.rootPassword  (set)',
      'image esxi8',
      '  esxi.disk  local',
      'image esxi8, by its image.json',
      '  esxi.keyboard  German',
      '',
    ].join('\n'),
  )
  assert.deepEqual(JSON.parse((await here.metalspray('defaults', '--json')).stdout), [
    { image: null, imageJson: false, settings: { esxi: { network: { vlan: 20 }, rootPassword: '(set)' } } },
    { image: 'esxi8', imageJson: false, settings: { esxi: { disk: 'local' } } },
    { image: 'esxi8', imageJson: true, settings: { esxi: { keyboard: 'German' } } },
  ])
})

test('a host gets them, the strongest first', async (t) => {
  const here = await place(t)
  await withImages(here)
  const kickstart = async () => (await here.metalspray('explain', '1', '--image', 'esxi8', '--file', 'ks.cfg')).stdout
  await here.metalspray('defaults', '--root-password-hash', HASH, '--set', 'esxi.disk=usb')
  assert.match(await kickstart(), /^install --firstdisk=usb /m)
  await here.metalspray('defaults', '--image', 'esxi8', '--set', 'esxi.disk=remote')
  assert.match(await kickstart(), /^install --firstdisk=remote /m)
  await here.editHost('-i', '1', '--set', 'esxi.disk=firstdisk=DELL,local')
  assert.match(await kickstart(), /^install --firstdisk=DELL,local /m)
  await here.editHost('-i', '1', '--unset', 'esxi.disk')
  await here.metalspray('defaults', '--image', 'esxi8', '--unset', 'esxi')
  assert.match(await kickstart(), /^install --firstdisk=usb /m)
})

test('what is set already, or not set, changes nothing', async (t) => {
  const here = await place(t)
  await withImages(here)
  await here.metalspray('defaults', '--set', 'esxi.disk=local')
  const again = await here.metalspray('defaults', '--set', 'esxi.disk=local', '--unset', 'esxi.vmfs')
  assert.deepEqual([again.code, again.stdout], [0, 'all hosts: nothing to change\n'])
})

test('what stands in more than one place is looked at together only for a host', async (t) => {
  const here = await place(t)
  await withImages(here)
  const shared = ['--set', 'esxi.network.netmask=255.255.255.0', '--set', 'esxi.network.gateway=10.0.0.1']
  assert.equal((await here.metalspray('defaults', '--root-password-hash', HASH, ...shared)).code, 0)
  const refused = await here.editHost('-i', '1', '-s', 'esxi8')
  assert.match(refused.stderr, /^ {2}esxi\.network\.netmask needs an ip, or bootproto dhcp/m)
  assert.equal((await here.editHost('-i', '1', '--set', 'esxi.network.ip=10.0.0.5', '-s', 'esxi8')).code, 0)
})

for (const [what, args, message] of [
  ['a mistyped key', ['--set', 'esxi.dsk=local'], /^error: esxi\.dsk is no setting: did you mean esxi\.disk\?/],
  ['a mistyped key of the network', ['--set', 'esxi.network.gatway=10.0.0.1'], /did you mean esxi\.network\.gateway\?/],
  ['a key without its kind', ['--set', 'disk=local'], /^error: disk is a setting of esxi: it is called esxi\.disk\n/],
  ['a key that is none', ['--set', 'rack=b4'], /^error: "rack" holds no settings; there are esxi, config/],
  ['no object', ['--set', 'esxi=local'], /^error: esxi holds the settings of an install, and is no object/],
  ['a wrong disk', ['--set', 'esxi.disk=sda'], /^error: esxi\.disk is "sda"; it must be firstdisk, /],
  [
    'a wrong licence',
    ['--set', 'esxi.serial=1-2-3'],
    /^error: esxi\.serial is "1-2-3"; it must be five groups of five/,
  ],
  [
    'an unknown image',
    ['--image', 'esxi9', '--set', 'esxi.disk=local'],
    /^error: there is no image esxi9; there are esxi8/,
  ],
  [
    'an image without settings',
    ['--image', 'wipe', '--set', 'esxi.disk=local'],
    /^error: images of kind custom have no/,
  ],
  [
    'several',
    ['--set', 'esxi.vmfs=x', '--set', 'esxi.network.vlan=9999'],
    /^error: 2 settings are wrong\n {2}esxi\.vmfs is "x"; .*\n {2}esxi\.network\.vlan is 9999; .*\n$/,
  ],
] as const) {
  test(`for all hosts or an image, ${what} is refused and nothing is set`, async (t) => {
    const here = await place(t)
    await withImages(here)
    const { code, stderr } = await here.metalspray('defaults', '--set', 'esxi.vmfs=none', ...args)
    if (what !== 'several') assert.match(stderr, message)
    const alone = await here.metalspray('defaults', ...args)
    assert.match(alone.stderr, message)
    assert.deepEqual([code === 0, alone.code], [false, 1])
    assert.equal((await here.metalspray('defaults')).stdout, '')
  })
}

test('a host takes no setting that there is not, and what was wrong before does not keep it from others', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { esxi: { old: 1 } } }))
  const wrong = await here.editHost('-i', '1', '-n', 'esx1', '--set', 'esxi.dsk=local', '--set', 'rack=b4')
  assert.match(wrong.stderr, /^error: esxi\.dsk is no setting: did you mean esxi\.disk\?/)
  assert.deepEqual([wrong.code, (await here.hosts())[0]?.hostname], [1, undefined])
  assert.equal((await here.editHost('-i', '1', '--set', 'esxi.disk=local', '--set', 'rack=b4')).code, 0)
  const otherCase = await here.editHost('-i', '1', '--set', 'ESXi.disk=local')
  assert.equal(otherCase.stderr, 'error: ESXi sets nothing for installs: it is called esxi\n')
  const metadata = await here.editHost('-i', '1', '-m', '{"esxi": {"disk": 5}}')
  assert.match(metadata.stderr, /^error: esxi\.disk must be a text|^error: esxi\.disk is 5; it must be a text/)
})

test('what was set for an image that is gone is shown, and can only be taken away', async (t) => {
  const here = await place(t)
  await withImages(here)
  await here.metalspray('defaults', '--image', 'esxi8', '--set', 'esxi.disk=local')
  await here.metalspray('images', 'rm', 'esxi8')
  assert.match((await here.metalspray('defaults')).stdout, /^image esxi8/)
  assert.equal((await here.metalspray('defaults', '--image', 'esxi8', '--set', 'esxi.vmfs=none')).code, 1)
  const gone = await here.metalspray('defaults', '--image', 'esxi8', '--unset', 'esxi')
  assert.deepEqual([gone.code, gone.stdout], [0, 'image esxi8: esxi taken away\n'])
  assert.equal((await here.metalspray('defaults', '--image', 'esxi8', '--unset', 'esxi')).code, 1)
})
