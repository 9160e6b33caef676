import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Host } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { firmwareOf, uefiHost, writeMedium } from './esxi-medium.ts'
import { host, type Outcome, place } from './program.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`
const ROOT = { metadata: { esxi: { rootPassword: HASH } } }
const SCRIPT = '#!ipxe\necho installs @hostname@ @bootid@\n'

test('a host without a plan waits, and is told why', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { hostname: 'esx1' }))
  const { code, stdout } = await here.metalspray('explain', 'esx1')
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^host 1 \(esx1\) is new\nit was entered by hand .* \(metalspray doctor\)\.\n {2}Known by {2}serial SN1, mac 02:00:00:00:00:01\n/,
  )
  assert.match(stdout, /\nAt its next boot it waits for a plan: it is new, and has no plan\.\n/)
  assert.match(
    stdout,
    /\nFiles of that boot, with --raw:\n {10}size +sha256 +template\n {2}script {2}\d+ B {2,}[0-9a-f]{12} {2}built-in\/boot\/wait\.eta\n\nIts boot script, from built-in\/boot\/wait\.eta:\n {2}#!ipxe\n/,
  )
})

for (const [what, more, expected] of [
  [
    'finished',
    { state: 'finished', localBoot: 'exit' },
    /starts from its disk: it is finished: .* told to leave by exit\.\n/,
  ],
  ['failed', { state: 'failed', reason: 'no disk' }, /is held: no disk: it failed, and waits for a person/],
  ['assigned', { state: 'assigned', plan: parsePlan('wipe,new') }, /installs wipe: its plan is wipe,new\.\n/],
  ['installing', { state: 'installing', plan: parsePlan('wipe') }, /no callback has said yet that wipe is applied\.\n/],
  ['of a missing image', { state: 'assigned', plan: parsePlan('gone') }, /is held: image gone is not on the server: /],
  [
    'assigned too late',
    { state: 'assigned', plan: parsePlan('wipe'), expiresAt: 5 },
    /^host 1 is new\n[\s\S]*waits for a plan/,
  ],
] as const) {
  test(`a host that is ${what} is explained`, async (t) => {
    const here = await place(t)
    await here.write('images/wipe/host.tmpl', SCRIPT)
    await here.addHosts(host(1, more))
    const { code, stdout } = await here.metalspray('explain', '1')
    assert.equal(code, 0)
    assert.match(stdout, expected)
  })
}

test('a host whose firmware starts without iPXE is told from others, and an image that needs iPXE is held', async (t) => {
  const here = await place(t)
  await here.write('images/wipe/host.tmpl', SCRIPT)
  await writeMedium(here, 'esxi8')
  await here.addHosts(uefiHost(1, { ...ROOT, firmwareBoot: 'http', state: 'assigned', plan: parsePlan('esxi8') }))
  const { stdout } = await here.metalspray('explain', '1')
  assert.match(stdout, /\n {2}Boots {5}by its firmware's HTTP boot, .* in \/uefi\/01-02-00-00-00-00-01\/\n/)
  assert.match(stdout, /At its next boot it installs esxi8/)
  assert.match(stdout, /\nIts boot script, were it to come by iPXE, from /)
  const { code, stderr } = await here.editHost('-i', '1', '-s', 'wipe')
  assert.deepEqual(
    [code, stderr.replace(/^.*\n {2}/, '')],
    [1, 'wipe needs iPXE, and the firmware of this host is to start without it (--firmware-boot ipxe)\n'],
  )
  assert.equal((await here.editHost('-i', '1', '-s', 'wipe', '--firmware-boot', 'ipxe')).code, 0)
})

test('explaining changes nothing, not even a plan that is void', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(
    uefiHost(1, { ...ROOT, state: 'assigned', plan: parsePlan('esxi8'), expiresAt: 5, rest: 'failed' }),
  )
  const before = [await here.hosts(), (await here.editHost('--events')).stdout]
  await here.metalspray('explain', '1')
  await here.metalspray('explain', '1', '--image', 'esxi8', '--file', 'ks.cfg')
  assert.deepEqual([await here.hosts(), (await here.editHost('--events')).stdout], before)
})

test('the files of a boot are made as the host would get them, but for the boot id and the secrets', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(uefiHost(1, { ...ROOT, hostname: 'esx1' }))
  const file = async (name: string, ...more: string[]) => {
    const args = ['explain', '1', '--image', 'esxi8', '--base-url', 'http://10.0.0.1:5000', '--file', name, ...more]
    const { code, stdout, stderr } = await here.metalspray(...args)
    assert.deepEqual([code, stderr], [0, ''])
    return stdout
  }
  const boot = `http://10.0.0.1:5000/b/${'0'.repeat(32)}`
  assert.match(await file('boot.cfg'), new RegExp(`^prefix=${boot}/tree\\n`, 'm'))
  assert.match(await file('script'), new RegExp(`^#!ipxe\\n[\\s\\S]*${boot}/01-`))
  assert.match(await file('post-install'), /^#!/)
  const kickstart = await file('ks.cfg')
  assert.match(kickstart, /^rootpw --iscrypted \$6\$not\.shown\$\.{86}$/m)
  assert.doesNotMatch(kickstart, /aaaa/)
  assert.match(await file('ks.cfg', '--show-secrets'), /^rootpw --iscrypted \$6\$saltsalt\$a{86}$/m)
})

test('a file that is no text is given as it is, without the secrets in it', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(uefiHost(1, ROOT))
  const args = ['explain', '1', '--image', 'esxi8', '--file', 'hostmeta.tgz']
  const textOf = ({ bytes }: Outcome) => gunzipSync(bytes).toString('latin1')
  const text = textOf(await here.spawn(args))
  assert.match(text, /ks\.cfg[\s\S]*not\.shown/)
  assert.doesNotMatch(text, /aaaa/)
  assert.match(textOf(await here.metalspray(...args, '--show-secrets')), /saltsalt\$aaaa/)
})

test('of each setting it is said for whom it is set, without secrets', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.write('images/esxi8/image.json', '{"esxi": {"keyboard": "German", "vmfs": "none"}}')
  await here.addHosts(uefiHost(1))
  await here.metalspray(
    'defaults',
    '--root-password-hash',
    HASH,
    '--set',
    'esxi.disk=usb',
    '--set',
    'esxi.vmfs=preserve',
  )
  await here.metalspray('defaults', '--image', 'esxi8', '--set', 'esxi.network.vlan=20', '--set', 'esxi.disk=remote')
  await here.editHost('-i', '1', '--set', 'esxi.network.hostname=esx7', '--set', 'esxi.keyboard=null')
  const { stdout } = await here.metalspray('explain', '1', '--image', 'esxi8')
  const told = [
    'What is set for it, and for whom:',
    '  esxi.disk              remote  image esxi8',
    '  esxi.keyboard          null    this host',
    '  esxi.network.hostname  esx7    this host',
    '  esxi.network.vlan      20      image esxi8',
    '  esxi.rootPassword      (set)   all hosts',
    '  esxi.vmfs              none    image.json of esxi8',
    '',
  ]
  assert.ok(stdout.includes(`\n${told.join('\n')}\n`), stdout)
  const { settings } = JSON.parse((await here.metalspray('explain', '1', '--image', 'esxi8', '--json')).stdout)
  assert.deepEqual(settings[0], { path: 'esxi.disk', value: 'remote', from: 'image' })
  assert.deepEqual(settings.at(-1), { path: 'esxi.vmfs', value: 'none', from: 'image.json' })
})

test('a limit of installs is taken from where the server takes it, or as it was told', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  const running: Partial<Host> = { ...ROOT, state: 'installing', plan: parsePlan('esxi8'), seenAt: Date.now() }
  await here.addHosts(uefiHost(1, { ...ROOT, state: 'assigned', plan: parsePlan('esxi8') }), uefiHost(2, running))
  const next = async (env: Record<string, string>, ...args: string[]) => {
    const { stdout } = await here.run(['explain', '1', '--json', ...args], { env })
    return JSON.parse(stdout).next.kind
  }
  assert.equal(await next({}), 'install')
  assert.equal(await next({}, '--max-installs', '1'), 'queue')
  assert.equal(await next({ METALSPRAY_MAX_INSTALLS: '1' }), 'queue')
  await here.metalspray('defaults', '--set', 'esxi.maxInstalls=1')
  assert.equal(await next({}), 'queue')
})

test('what the installer would refuse is told, and that the host is held for it', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8', 'mboot.c32')
  await here.addHosts(
    host(1, { ...ROOT, firmware: firmwareOf('pcbios', 'i386'), state: 'assigned', plan: parsePlan('esxi8') }),
  )
  const { stdout } = await here.metalspray('explain', '1')
  assert.match(stdout, /At its next boot it is held: its plan is esxi8, which cannot go on\.\n/)
  assert.match(stdout, /would refuse:\n {2}the image has no loader for BIOS, which this host starts by\n/)
  const told = JSON.parse((await here.metalspray('explain', '1', '--json')).stdout)
  assert.deepEqual(told.problems, ['the image has no loader for BIOS, which this host starts by'])
  assert.deepEqual(told.next, {
    kind: 'hold',
    image: null,
    reason: 'esxi8 cannot be installed: the image has no loader for BIOS, which this host starts by',
    why: 'its plan is esxi8, which cannot go on',
  })
  assert.match(told.script, /^#!ipxe\n/)
  assert.equal(told.host.metadata.esxi.rootPassword, '(set)')
})

test('a template with a mistake is told with its place', async (t) => {
  const here = await place(t)
  await here.write('images/own/host.eta', '#!ipxe\necho <%= it.host.nonsense %>\n')
  await here.addHosts(host(1))
  const { code, stdout } = await here.metalspray('explain', '1', '--image', 'own')
  assert.equal(code, 0)
  assert.match(stdout, /Its boot script cannot be made: images\/own\/host\.eta:2: it\.host\.nonsense is undefined\n/)
})

test('each file is told with its size, its sum and whose templates it is made of', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  const commands = ['install', 'rootpw', 'network', 'reboot'].map((name) => `<%= it.commands.${name} %>\n`)
  await here.write('images/esxi8/ks.cfg.eta', ['accepteula\n', ...commands].join(''))
  await here.write('templates/boot/post_install.eta', '#!/bin/sh\n: of the operator\n')
  await here.addHosts(uefiHost(1, ROOT))
  const asked = ['explain', '1', '--image', 'esxi8']
  const { made, files, limits } = JSON.parse((await here.metalspray(...asked, '--json')).stdout)
  assert.deepEqual(
    made.flatMap(({ problem }: { problem: string | null }) => problem ?? []),
    [],
  )
  assert.deepEqual(
    made.map(({ name }: { name: string }) => name),
    files,
  )
  const ownersOf: Record<string, readonly string[]> = {}
  for (const { name, size, sha256, templates } of made) {
    const { bytes } = await here.metalspray(...asked, '--raw', name)
    assert.deepEqual([size, sha256], [bytes.length, createHash('sha256').update(bytes).digest('hex')], name)
    ownersOf[name] = templates.map((one: { from: string; name: string }) => `${one.from} ${one.name}`)
  }
  assert.equal(ownersOf['script']?.[0], 'built-in built-in/kinds/esxi.eta')
  assert.deepEqual(ownersOf['post-install'], ['operator templates/boot/post_install.eta'])
  assert.deepEqual(ownersOf['ks.cfg'], ['image images/esxi8/ks.cfg.eta'])
  assert.deepEqual(ownersOf['boot.cfg'], [])
  const { stdout } = await here.metalspray(...asked)
  assert.match(stdout, /\n {2}ks\.cfg +\d+ B +[0-9a-f]{12} {2}images\/esxi8\/ks\.cfg\.eta \(the image's own\)\n/)
  assert.match(stdout, /\nHow near it is to its limits:\n {2}kernel command line .* of 4095 bytes\n/)
  const shown = limits.map((one: { what: string; most: number }) => [one.what.replace(/, .*| \(.*/, ''), one.most])
  assert.deepEqual(shown, [
    ['kernel command line of boot.cfg', 4095],
    ['modules of boot.cfg', 480],
    ['longest module of boot.cfg', 255],
    ['title of boot.cfg', 127],
    ['timeout of boot.cfg', 127],
    ['commands of ks.cfg', 256],
    ['begins of this install within 60 min', 5],
  ])
})

test('a file that cannot be made says why in its place', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(uefiHost(1, {}))
  const { stdout } = await here.metalspray('explain', '1', '--image', 'esxi8')
  assert.match(stdout, /\n {2}ks\.cfg +without a root password no ESXi can be installed/)
})

test('what a host would get otherwise than another one is shown line by line', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(
    uefiHost(1, { ...ROOT, hostname: 'esx1' }),
    uefiHost(2, { metadata: { esxi: { rootPassword: HASH, keyboard: 'German' } } }),
  )
  const asked = ['explain', '2', '--image', 'esxi8', '--diff']
  const { code, stdout } = await here.metalspray(...asked, 'esx1')
  assert.equal(code, 0)
  assert.match(stdout, /^host 2 against host 1 \(esx1\)\n\nSettings that differ:\n {17}host 1 \(esx1\) {2}host 2\n/)
  assert.match(stdout, /\n {2}esxi\.keyboard {2}not set {8}German\n/)
  assert.match(stdout, /\n--- ks\.cfg of host 1 \(esx1\)\n\+\+\+ ks\.cfg of host 2\n@@ /)
  assert.match(stdout, /\n\+keyboard German\n/)
  const { there, settings, same } = JSON.parse((await here.metalspray(...asked, '1', '--json')).stdout)
  assert.deepEqual([there, settings[0].here], ['host 1 (esx1)', { value: 'German', from: 'host' }])
  assert.ok(same.includes('vendor-data'))
  const none = await here.metalspray(...asked, 'last')
  assert.deepEqual([none.code, none.stderr], [1, 'error: host 2 has fetched nothing yet to be installed\n'])
})

for (const [what, args, code, message] of [
  ['an unknown host', ['9'], 1, /^error: no host is known as "9"/],
  ['an unknown image', ['1', '--image', 'none'], 1, /^error: there is no image none/],
  ['a name that is no image', ['1', '--image', '../a'], 2, /^error: --image \.\.\/a cannot name an image/],
  [
    'an unknown file',
    ['1', '--file', 'boot.cfg'],
    1,
    /^error: no file boot\.cfg is made for host 1; there are script\n/,
  ],
  ['a file as JSON', ['1', '--file', 'script', '--json'], 2, /--raw prints the file alone/],
  ['secrets without a file', ['1', '--show-secrets'], 2, /--show-secrets goes with --raw/],
  ['a file and a difference', ['1', '--raw', 'script', '--diff', '1'], 2, /leave --raw out/],
  ['nobody', [], 2, /name a host, or a machine by --mac, --serial and --uuid/],
  ['a host and a machine', ['1', '--serial', 'X'], 2, /not both/],
  ['one file under two names', ['1', '--raw', 'script', '--file', 'script'], 2, /give one/],
  ['a card that is none', ['--mac', 'zz'], 2, /"zz" is not a MAC address/],
  ['placeholders alone', ['--serial', 'None', '--mac', '00:00:00:00:00:00'], 1, /"None" tells no machine from another/],
] as const) {
  test(`explaining ${what} is refused`, async (t) => {
    const here = await place(t)
    await here.addHosts(host(1))
    const told = await here.metalspray('explain', ...args)
    assert.equal(told.code, code)
    assert.match(told.stderr, message)
  })
}

test('a database that is not there is not made', async (t) => {
  const here = await place(t)
  await writeFile(join(here.folder, 'note'), '')
  assert.equal((await here.metalspray('explain', '1')).code, 1)
  assert.deepEqual(await here.files(), ['note'])
})

test('what would go on otherwise than it is meant is told, for people and for programs', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  const template = `accepteula\n<%= it.commands.install %>\n<%= it.commands.rootpw %>\nrebot\n`
  await here.write('images/esxi8/ks.cfg.eta', template)
  await here.addHosts(uefiHost(1, { ...ROOT, state: 'assigned', plan: parsePlan('esxi8') }))
  const { stdout } = await here.metalspray('explain', '1')
  assert.match(stdout, /\nAt its next boot it installs esxi8/)
  assert.match(
    stdout,
    /\nIt would go on, but:\n {2}kickstart \(reboot\): .*\n {2}kickstart, line 4 \(unknown\): rebot is no command/,
  )
  const { warnings, problems } = JSON.parse((await here.metalspray('explain', '1', '--json')).stdout)
  assert.deepEqual([warnings.length, problems], [2, []])
})

test('a file that is not made for a host is not offered', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  const metadata = { esxi: { rootPassword: HASH, secureBoot: true } }
  await here.addHosts(uefiHost(1, { metadata, state: 'assigned', plan: parsePlan('esxi8') }))
  const { files } = JSON.parse((await here.metalspray('explain', '1', '--json')).stdout)
  assert.deepEqual(files.slice(0, 5), ['script', 'boot.cfg', 'ks.cfg', 'post-install', 'host.json'])
})

test('what a Linux installer is not told is warned of, and what its image can do nothing with', async (t) => {
  const here = await place(t)
  const image = { kind: 'linux', kernelOptions: 'inst.ks=@BOOT@/ks.cfg' }
  for (const file of ['vmlinuz', 'initrd.img']) await here.write(`images/rhel/${file}`, 'x')
  await here.write('images/rhel/image.json', JSON.stringify(image))
  const cards = ['02:00:00:00:00:01', '02:00:00:00:00:02'].map((mac, at) => ({ name: `card${at}`, mac }))
  const config = {
    links: [...cards, { name: 'team', type: 'bond', members: ['card0', 'card1'], mode: 'balance-alb' }],
    networks: [{ link: 'team', address: '192.0.2.10/24', routes: [{ to: '10.0.0.0/8', via: '192.0.2.2' }] }],
    licence: '00000-11111-22222-33333-44444',
  }
  await here.addHosts(host(1, { state: 'assigned', plan: parsePlan('rhel'), metadata: { config } }))
  const { stdout, stderr } = await here.metalspray('explain', '1', '--json')
  assert.deepEqual(
    JSON.parse(stdout).warnings,
    [
      'config.licence: of ESXi alone',
      'ks.cfg leaves the bond team, whose cards need a device each as the installer makes it',
      'ks.cfg leaves the route to 10.0.0.0/8 as the installer makes it',
      'nobody can log in: neither root nor a user has a password or an SSH key (config.root, config.users)',
    ],
    stderr,
  )
  await here.editHost('-i', '1', '--set', 'config.root.sshKeys=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me')
  assert.match(
    (await here.metalspray('explain', '1')).stdout,
    /root's password is locked: config\.root\.passwordHash is not set/,
  )
  await here.write('images/rhel/image.json', JSON.stringify({ ...image, kernelOptions: '' }))
  assert.deepEqual(JSON.parse((await here.metalspray('explain', '1', '--json')).stdout).warnings, [
    'config.licence: of ESXi alone',
  ])
})

test('a description that does not fit together keeps a host of any image from its install, and says why', async (t) => {
  const here = await place(t)
  await here.write('images/wipe/host.tmpl', SCRIPT)
  for (const file of ['vmlinuz', 'initrd.img']) await here.write(`images/debian/${file}`, 'x')
  const network = {
    networks: [{ link: 'lan', address: '192.0.2.10/24' }],
    links: [{ name: 'lan', device: 'eno1', type: 'nic' }],
  }
  await here.addHosts(host(1, { metadata: { config: { links: [{ name: 'other', type: 'nic', device: 'eno1' }] } } }))
  await here.metalspray('defaults', '--set', `config=${JSON.stringify(network)}`)
  for (const image of ['wipe', 'debian']) {
    const { code, stderr } = await here.editHost('-i', '1', '-s', image)
    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(`${image} cannot be installed on host 1:\n {2}config\\.networks\\[0\\]\\.link lan is no link`),
    )
  }
})

test('what image.json says of hosts counts below what is set for the image, and above all hosts', async (t) => {
  const here = await place(t)
  for (const file of ['vmlinuz', 'initrd.img']) await here.write(`images/debian/${file}`, 'x')
  const config = {
    timezone: 'UTC',
    domain: 'example.org',
    ntp: { servers: ['192.0.2.1'] },
    root: { passwordHash: HASH },
  }
  await here.write('images/debian/image.json', JSON.stringify({ config }))
  await here.addHosts(host(1, { hostname: 'web01' }))
  await here.metalspray('defaults', '--set', 'config.domain=example.net', '--set', 'config.dns.search=example.net')
  await here.metalspray('defaults', '--image', 'debian', '--set', 'config.timezone=Europe/Berlin')
  assert.equal((await here.editHost('-i', '1', '-s', 'debian')).code, 0)
  const { stdout } = await here.editHost('-i', '1', '--show-config')
  assert.deepEqual(
    stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim().split(/ {2,}/)),
    [
      ['config.dns.search', 'example.net', 'all hosts'],
      ['config.domain', 'example.org', 'image.json of debian'],
      ['config.ntp.servers', '["192.0.2.1"]', 'image.json of debian'],
      ['config.root.passwordHash', '(set)', 'image.json of debian'],
      ['config.timezone', 'Europe/Berlin', 'image debian'],
    ],
  )
  const shown = JSON.parse((await here.metalspray('explain', '1', '--file', 'host.json')).stdout)
  assert.deepEqual([shown.config.domain, shown.config.ntp], ['example.org', { servers: ['192.0.2.1'] }])
  const listed = (await here.metalspray('defaults')).stdout
  assert.match(listed, /image debian, by its image\.json\n {2}config\.domain +example\.org\n/)
  assert.ok(!listed.includes(HASH))
  await here.write('images/debian/image.json', '{"config": "web01"}')
  assert.match((await here.metalspray('images')).stdout, /config in image\.json is not an object/)
})
