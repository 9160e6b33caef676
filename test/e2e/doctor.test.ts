import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DoctorDeps } from '../../src/commands/doctor/deps.ts'
import type { Finding } from '../../src/commands/doctor/finding.ts'
import { runDoctor } from '../../src/commands/doctor/run-doctor.ts'
import { doctorDeps } from '../../src/doctor.ts'
import { plainDhcp, startDnsmasq } from '../lab/dnsmasq.ts'
import { Rig } from '../lab/rig.ts'
import { runProgram } from '../lab/run-program.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
/** Longer than for people: a lab on two slow processors is to answer in it. */
const WAIT_MS = 6000
const ADMIN_PORT = 5001

/** Asks the doctor of a lab as `metalspray doctor` does there, with what a test says otherwise. */
async function examine(rig: Rig, settings: { proxy?: boolean; ipxe?: string } = {}): Promise<Findings> {
  const deps: DoctorDeps = doctorDeps(
    {
      ...{ data: rig.data, images: rig.images, templates: undefined, baseUrl: undefined, port: 5000 },
      ...{
        adminHost: '127.0.0.1',
        adminPort: ADMIN_PORT,
        adminCert: undefined,
        ipxe: settings.ipxe,
        path: process.env['PATH'] ?? '',
      },
      dhcp: { interface: rig.network.bridge, range: undefined, proxy: settings.proxy ?? false },
    },
    WAIT_MS,
  )
  return new Findings(await runDoctor(deps, new AbortController().signal))
}

class Findings {
  readonly all: readonly Finding[]

  constructor(all: readonly Finding[]) {
    this.all = all
  }

  /** The one finding of a kind. */
  of(id: string): Finding {
    const found = this.all.find((finding) => finding.id === id)
    assert.ok(
      found,
      `no finding ${id} in\n${this.all.map(({ level, id: one, what }) => `${level} ${one}: ${what}`).join('\n')}`,
    )
    return found
  }

  /** Asserts that a finding is well. */
  isOk(id: string): void {
    const { level, what } = this.of(id)
    assert.equal(level, 'ok', `${id}: ${what}`)
  }
}

const startServer = (rig: Rig, ...options: string[]) => rig.startServer('--admin-port', String(ADMIN_PORT), ...options)

test('the doctor finds nothing wrong with a healthy chain, and leaves nothing behind', async () => {
  await using rig = await Rig.build()
  await startServer(rig)
  const findings = await examine(rig)
  for (const name of ['bios', 'x64', 'x64-9', 'http-x64', 'ipxe-bios', 'ipxe-x64']) {
    findings.isOk(`dhcp-${name}`)
    findings.isOk(`file-${name}`)
  }
  for (const id of ['dhcp', 'bootstrap', 'bootstrap-answer', 'admin-door', 'port-67', 'port-69', 'port-boot'])
    findings.isOk(id)
  for (const id of ['port-admin', 'database', 'templates', 'dnsmasq', 'dnsmasq-config']) findings.isOk(id)
  assert.match(findings.of('dhcp').what, new RegExp(`^${rig.network.address} \\(this machine\\)`))
  assert.equal(findings.of('dhcp-arm64').level, 'note', 'Debian has no iPXE for arm64')
  assert.deepEqual(
    findings.all.filter(({ level }) => level === 'fail'),
    [],
  )
  const answer = await fetch(`http://127.0.0.1:${ADMIN_PORT}/api/v1/doctor`)
  assert.equal(answer.status, 200)
  const asked = new Findings(((await answer.json()) as { findings: Finding[] }).findings)
  for (const id of ['dhcp', 'file-bios', 'file-http-x64', 'bootstrap', 'port-67']) asked.isOk(id)
  assert.deepEqual(await rig.hosts(), [], 'no host was made')
  assert.ok(!rig.log.some((line) => line.includes('DHCPACK')), 'no address was taken')
})

test('the doctor names a second DHCP server with its card', async () => {
  await using rig = await Rig.build()
  await startServer(rig)
  await using other = await rig.network.neighbour(3)
  await startDnsmasq(other, join(rig.directory, 'other'), plainDhcp(other))
  const card = JSON.parse(await other.run('ip', ['-json', 'link', 'show', 'eth0']))[0].address as string
  const { level, what, mend } = (await examine(rig)).of('dhcp-second-server')
  assert.equal(level, 'fail')
  assert.ok(what.includes(`${other.address} (card ${card})`), what)
  assert.ok(mend?.includes(`take ${other.address} off this network`), mend)
})

test('the doctor finds a chain beside another DHCP server in order', async () => {
  await using rig = await Rig.build('foreign')
  await startServer(rig)
  const findings = await examine(rig, { proxy: true })
  for (const name of ['bios', 'x64', 'ipxe-bios', 'ipxe-x64']) {
    findings.isOk(`dhcp-${name}`)
    findings.isOk(`file-${name}`)
  }
  assert.match(
    findings.of('dhcp').what,
    new RegExp(`${rig.network.host(2)} \\(card .*${rig.network.address} tells what to start`),
  )
  assert.equal(findings.of('dhcp-http-x64').level, 'note', 'dnsmasq does not answer HTTP boot in this mode')
  assert.deepEqual(
    findings.all.filter(({ level }) => level === 'fail'),
    [],
  )
})

test('the doctor says that nobody answers', async () => {
  await using rig = await Rig.build()
  const findings = await examine(rig)
  assert.equal(findings.of('dhcp-no-answer').level, 'fail')
  assert.match(findings.of('dhcp-no-answer').mend ?? '', /metalspray serve --interface br/)
  assert.equal(findings.of('bootstrap').level, 'fail')
  findings.isOk('port-67')
})

test('the doctor says that machines get addresses, and from nobody what to start', async () => {
  await using rig = await Rig.build('foreign')
  const findings = await examine(rig)
  findings.isOk('dhcp')
  assert.equal(findings.of('dhcp-bios').level, 'fail')
  assert.match(findings.of('dhcp-bios').mend ?? '', /--proxy/)
})

test('the doctor tells a program for another machine by its contents', async () => {
  await using rig = await Rig.build()
  await startServer(rig)
  // The names stay, as when somebody copies the wrong file.
  await copyFile('/usr/lib/ipxe/undionly.kpxe', join(rig.data, 'ipxe', 'snponly-x64.efi'))
  await copyFile('/usr/lib/ipxe/snponly.efi', join(rig.data, 'ipxe', 'undionly.kpxe'))
  const findings = await examine(rig)
  for (const name of ['x64', 'http-x64', 'bios']) assert.equal(findings.of(`file-${name}`).level, 'fail', name)
  assert.match(findings.of('file-bios').what, /is an EFI program for x64, which BIOS firmware cannot start/)
  assert.match(findings.of('file-x64').what, /is no EFI program, which UEFI x64 firmware cannot start/)
})

test('the doctor names the program that has port 67', async () => {
  await using rig = await Rig.build()
  const taken = createSocket('udp4')
  try {
    taken.bind(67)
    await once(taken, 'listening')
    const { level, what } = (await examine(rig)).of('port-67')
    assert.equal(level, 'fail')
    assert.match(what, new RegExp(`UDP port 67 is held by .*\\(process ${process.pid}\\)`))
  } finally {
    await new Promise<void>((done) => taken.close(() => done()))
  }
})

test('the doctor finds port 68 taken by a DHCP client, says so, and tries all else', async () => {
  await using rig = await Rig.build()
  await startServer(rig)
  const client = createSocket('udp4')
  try {
    client.bind(68)
    await once(client, 'listening')
    const findings = await examine(rig)
    assert.equal(findings.of('dhcp').level, 'warn')
    assert.match(findings.of('dhcp').what, /DHCP was not asked, .* is taken/)
    findings.isOk('file-bios')
  } finally {
    await new Promise<void>((done) => client.close(() => done()))
  }
})

test('the doctor of a user who may not ask DHCP says so, and tries all else', async () => {
  await using rig = await Rig.build()
  await startServer(rig)
  const folders = ['--data', rig.data, '--images', rig.images]
  // Root without the right to open ports below 1024 stands for any other user, who may not read this checkout.
  const output = await runProgram('setpriv', [
    ...['--bounding-set=-net_bind_service', '--inh-caps=-net_bind_service', process.execPath, MAIN],
    ...['doctor', '--interface', rig.network.bridge, '--admin-port', String(ADMIN_PORT), '--json', ...folders],
  ])
  const findings = new Findings(JSON.parse(output))
  assert.equal(findings.of('dhcp').level, 'warn')
  assert.match(findings.of('dhcp').what, /who answers machines is not known: UDP port 68, .* is for root alone/)
  assert.equal(findings.of('dhcp').mend, `sudo metalspray doctor --interface ${rig.network.bridge}`)
  for (const name of ['bios', 'x64', 'http-x64', 'ipxe-x64']) findings.isOk(`file-${name}`)
  findings.isOk('bootstrap-answer')
})
