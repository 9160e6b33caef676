import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { firstBoot } from '../lab/cloud-init/machine.ts'
import { outside } from '../lab/cloud-init/outside.ts'
import { FILES, LOOK, RENDER, STAGES } from '../lab/cloud-init/scripts.ts'
import type { Network } from '../lab/network.ts'
import { Rig } from '../lab/rig.ts'

const [MAC, SECOND] = ['52:54:00:77:00:31', '52:54:00:77:00:32']
const ROOT_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 root@example.org'
const USER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc4 ops@example.org'
const HASH = `$6$salt$${'x'.repeat(86)}`

/** A user's own namespace, in which one user alone exists: cloud-init makes others. */
const NOT_ROOT = /^\s*\d+\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8')) && 'needs root itself'

let rig: Rig
let untouched: Readonly<Record<string, string>>

before(async () => {
  if (NOT_ROOT) return
  rig = await Rig.build()
  const image = join(rig.images, 'debian')
  await mkdir(image, { recursive: true })
  await writeFile(join(image, 'vmlinuz'), 'a kernel that nobody starts here')
  await writeFile(join(image, 'initrd.img'), 'as little')
  const kernelOptions = 'quiet ds=nocloud-net;s=@BOOT@/ network-config=@NETWORK_CONFIG@'
  await writeFile(join(image, 'image.json'), JSON.stringify({ kind: 'linux', kernelOptions }))
  await rig.startServer()
  untouched = await outside()
})
after(async () => {
  if (NOT_ROOT) return
  const now = await outside()
  await rig[Symbol.asyncDispose]()
  assert.deepEqual(now, untouched, 'cloud-init has left something on this machine')
})

interface Installing {
  /** Of the boot's own space. */
  readonly url: string
  readonly cmdline: string
}

/** Describes a host as its operator would, and lets it ask what it boots. */
async function installing(mac: string, description: object): Promise<Installing> {
  const ask = async () => await (await fetch(`${rig.url}/bootstrap?net0=${mac}`)).text()
  await ask()
  const file = join(rig.directory, `${mac}.json`)
  await writeFile(file, JSON.stringify(description))
  await rig.editHost('-i', mac, '--config', file)
  await rig.editHost('-i', mac, '-s', 'debian')
  const script = await ask()
  const cmdline = /^kernel .*? (\S*quiet .*)$/m.exec(script)?.[1]
  const url = /http:\S+\/b\/[0-9a-f]{32}/.exec(script)?.[0]
  assert.ok(cmdline !== undefined && url !== undefined, script)
  return { cmdline, url }
}

/** A computer on the rig's network whose card has that address, and is not set up yet. */
async function computer(last: number, mac: string): Promise<Network> {
  const network = await rig.network.neighbour(last)
  await network.run('ip', ['addr', 'flush', 'dev', 'eth0'])
  await network.run('ip', ['link', 'set', 'eth0', 'down'])
  await network.run('ip', ['link', 'set', 'eth0', 'address', mac])
  await network.run('ip', ['link', 'set', 'lo', 'down'])
  return network
}

function described(last: number) {
  return {
    hostname: 'web01.example.org',
    timezone: 'Europe/Berlin',
    dns: { servers: [rig.network.address], search: ['example.org'] },
    ntp: { servers: ['192.0.2.2'] },
    syslog: { servers: ['tcp://192.0.2.3'] },
    links: [{ name: 'lan0', mac: MAC, mtu: 1400 }],
    networks: [
      {
        ...{ link: 'lan0', address: `${rig.network.host(last)}/24`, gateway: rig.network.address },
        routes: [{ to: '10.200.0.0/16', via: rig.network.host(9) }],
      },
      { link: 'lan0', address: '2001:db8::31/64', gateway: '2001:db8::1' },
    ],
    root: { sshKeys: [ROOT_KEY], passwordHash: HASH },
    users: [{ name: 'ops', description: 'Operations', admin: true, sshKeys: [USER_KEY] }],
    files: [{ path: '/etc/motd.own', content: 'Grüße, $HOME\n', mode: '0640' }],
    kernelSettings: { 'net.ipv4.ip_forward': true },
    commands: { before: ['echo early > /run/lab-before'], after: ['echo "late $(hostname)" > /run/lab-after'] },
  }
}

type Booted = Awaited<ReturnType<typeof firstBoot>>

/** What is the same whichever way it came. */
function assertSystem({ shown, said }: Booted): void {
  assert.equal(shown('code'), '0', said)
  assert.equal(shown('hostname'), 'web01')
  assert.equal(shown('name'), 'web01')
  assert.equal(shown('keys'), ROOT_KEY)
  assert.equal(shown('root-shadow'), HASH)
  assert.match(shown('user'), /^ops:x:\d+:\d+:Operations:\/home\/ops:\/bin\/sh$/)
  assert.equal(shown('user-keys'), USER_KEY)
  assert.equal(shown('user-mode'), 'ops 600')
  assert.match(shown('sudo'), /^ops ALL=\(ALL\) NOPASSWD:ALL$/m)
  assert.equal(shown('zone'), 'Europe/Berlin')
  assert.match(shown('time'), /^NTP=192\.0\.2\.2$/m)
  assert.match(shown('syslog'), /^\*\.\* @@192\.0\.2\.3/m)
  assert.equal(shown('file'), 'Grüße, $HOME\n640 root')
  assert.equal(shown('forward'), '1')
  assert.equal(shown('early'), 'early')
  assert.equal(shown('late'), 'late web01')
  assert.match(shown('schema'), /^Valid cloud-config: system userdata$/)
  assert.deepEqual(JSON.parse(shown('result')).v1.errors, [])
}

/** What became of `described(last)` on its card. */
function assertNetwork({ shown }: Booted, last: number): void {
  const addresses = shown('addresses')
  assert.ok(addresses.includes(` ${rig.network.host(last)}/24 `), addresses)
  assert.ok(addresses.includes(' 2001:db8::31/64 '), addresses)
  assert.equal(shown('mtu'), '1400')
  assert.match(shown('routes'), new RegExp(`^default via ${rig.network.address} dev lan0`, 'm'))
  assert.match(shown('routes'), new RegExp(`^10\\.200\\.0\\.0/16 via ${rig.network.host(9)} dev lan0`, 'm'))
  assert.match(shown('routes6'), /^default via 2001:db8::1 dev lan0/m)
}

test('cloud-init sets a Linux up from its NoCloud seed, over the network that its kernel was told', {
  skip: NOT_ROOT,
}, async () => {
  const { cmdline } = await installing(MAC, described(31))
  await using network = await computer(31, MAC)
  const boot = await firstBoot({
    ...{ network, cmdline },
    // Without the network that it is told it would not reach the seed: nobody asks for an address here.
    script: `${RENDER('eni')} cloud-init init --local || exit 1; ip link set lo up; ifup -a; ${STAGES} ${LOOK}`,
  })
  assertSystem(boot)
  const { shown } = boot
  assert.match(JSON.parse(shown('result')).v1.datasource, /^DataSourceNoCloudNet .*dsmode=net/)
  assertNetwork(boot, 31)
  // The start of the system has brought the network up before: that is what this one says.
  assert.doesNotMatch(shown('warnings').replaceAll(/^.*interface lan0 already configured$/gm, ''), /\S/)
})

test('cloud-init writes bonds and VLANs for ifupdown and for netplan, which makes systemd’s files of them', {
  skip: NOT_ROOT,
}, async () => {
  const links = [
    { name: 'left', mac: SECOND },
    { name: 'right', mac: '52:54:00:77:00:33' },
    { name: 'team', type: 'bond', members: ['left', 'right'], mode: 'active-backup', mtu: 9000 },
    { name: 'storage', type: 'vlan', link: 'team', id: 40 },
  ]
  const networks = [
    { link: 'team', address: '10.0.0.21/24', gateway: '10.0.0.1', dns: { servers: ['10.0.0.53'] } },
    { link: 'storage', address: '10.0.40.21/24' },
    { link: 'storage', address: '2001:db8:40::21/64', gateway: '2001:db8:40::1' },
  ]
  const { cmdline } = await installing(SECOND, { links, networks })
  await using network = await computer(32, SECOND)
  const other = ['address', '52:54:00:77:00:33', 'type', 'veth', 'peer', 'name', 'cable1']
  await network.run('ip', ['link', 'add', 'eth1', ...other])
  const shown = async (renderer: string) => {
    const script = `${RENDER(renderer)} cloud-init init --local || exit 1; ${FILES}`
    const boot = await firstBoot({ network, cmdline, script })
    assert.equal(boot.shown('code'), '0', boot.said)
    assert.equal(boot.shown('warnings'), '')
    // Called as they are called in the description, whatever they were before.
    assert.match(boot.shown('cards'), /^left@/m)
    assert.match(boot.shown('cards'), /^right@/m)
    return boot.shown('files')
  }

  const eni = await shown('eni')
  assert.match(eni, /^iface left inet manual\n +bond-master team$/m)
  assert.match(eni, /^iface right inet manual\n +bond-master team$/m)
  assert.match(eni, /^iface team inet static\n +address 10\.0\.0\.21\/24$/m)
  assert.match(eni, / bond-mode active-backup\n +bond-primary left\n +bond-slaves none\n(?:.*\n)? +mtu 9000\n/)
  assert.match(eni, / route add default gw 10\.0\.0\.1 /)
  assert.match(eni, / address 10\.0\.40\.21\/24\n +vlan-raw-device team\n +vlan_id 40$/m)
  assert.match(eni, / address 2001:db8:40::21\/64\n +gateway 2001:db8:40::1$/m)

  const systemd = await shown('netplan')
  const lines = [
    ...['left.link:PermanentMACAddress=52:54:00:77:00:32', 'left.link:Name=left', 'left.network:Bond=team'],
    ...['team.netdev:Kind=bond', 'team.netdev:Mode=active-backup', 'team.network:Address=10.0.0.21/24'],
    ...['team.network:Gateway=10.0.0.1', 'team.network:DNS=10.0.0.53', 'team.network:VLAN=storage'],
    ...['storage.netdev:Kind=vlan', 'storage.netdev:Id=40', 'storage.network:Address=10.0.40.21/24'],
    ...['storage.network:Address=2001:db8:40::21/64', 'storage.network:Gateway=2001:db8:40::1'],
  ]
  const has = systemd.split('\n')
  for (const line of lines) assert.ok(has.includes(`10-netplan-${line}`), `no ${line} in\n${systemd}`)
})

/** The files of a config drive, as the boot has them. */
async function configDrive(url: string): Promise<{ readonly [file: string]: string }> {
  const names = ['meta_data.json', 'network_data.json', 'user_data', 'vendor_data.json'].map(
    (n) => `openstack/latest/${n}`,
  )
  const read = async (name: string) => [name, await (await fetch(`${url}/${name}`)).text()] as const
  return Object.fromEntries(await Promise.all(names.map(read)))
}

test('cloud-init sets a Linux up from a config drive with the files of a boot', { skip: NOT_ROOT }, async () => {
  const { url } = await installing(MAC, described(33))
  await using network = await computer(33, MAC)
  const drive = Object.entries(await configDrive(url)).map(([name, text]) => [`config_drive/${name}`, text])
  const boot = await firstBoot({
    ...{ network, cmdline: 'quiet', seed: Object.fromEntries(drive) },
    script: `ip link set eth0 name lan0; ${RENDER('eni', 'ConfigDrive')} cloud-init init --local || exit 1; ip link set lo up; ifup -a; ${STAGES} ${LOOK}`,
  })
  assertSystem(boot)
  assertNetwork(boot, 33)
})

test('cloud-init sets a Linux up from a boot as from OpenStack’s metadata service', { skip: NOT_ROOT }, async () => {
  const { url } = await installing(MAC, described(34))
  await using network = await computer(34, MAC)
  // As DHCP would have left it.
  await network.run('ip', ['link', 'set', 'eth0', 'name', 'lan0'])
  await network.run('ip', ['addr', 'add', `${rig.network.host(134)}/24`, 'dev', 'lan0'])
  await network.run('ip', ['link', 'set', 'lan0', 'up'])
  await network.run('ip', ['link', 'set', 'lo', 'up'])
  const boot = await firstBoot({
    ...{ network, cmdline: 'quiet' },
    script: `${RENDER('eni', 'OpenStack')} printf 'datasource: {OpenStack: {metadata_urls: ["${url}"], max_wait: 20, timeout: 5, retries: 1}}\\n' > /etc/cloud/cloud.cfg.d/92-lab.cfg
      ${STAGES} ${LOOK}`,
  })
  assertSystem(boot)
  assertNetwork(boot, 34)
  assert.match(JSON.parse(boot.shown('result')).v1.datasource, /^DataSourceOpenStack /)
})
