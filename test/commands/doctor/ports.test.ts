import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkPorts } from '../../../src/commands/doctor/check-ports.ts'
import { openPorts } from '../../../src/commands/doctor/port-holders.ts'
import { findingOf, type Setting, setting } from './setting.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const ADDRESS = '10.77.0.1'

/** A /proc in which programs have ports open: `udp`, address and port as the kernel prints them, state. */
interface Program {
  readonly pid: number
  readonly name: string
  readonly command: string
  readonly table: 'udp' | 'udp6' | 'tcp'
  readonly at: string
  readonly state?: string
}

function describeSystem(here: Setting, programs: readonly Program[], hidden: readonly number[] = []): void {
  for (const table of ['udp', 'udp6', 'tcp', 'tcp6'] as const) {
    const lines = programs
      .filter((program) => program.table === table)
      .map(
        ({ at, pid, state = '07' }, index) =>
          `${index}: ${at} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 0 0 ${pid}000 2 0 0\n`,
      )
    here.write(`proc/net/${table}`, HEAD + lines.join(''))
  }
  for (const { pid, name, command } of programs) {
    here.write(`proc/${pid}/comm`, `${name}\n`)
    here.write(`proc/${pid}/cmdline`, `${command.replaceAll(' ', '\0')}\0`)
    const link = join(here.deps.proc, String(pid), 'fd', '3')
    if (hidden.includes(pid)) continue
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(`socket:[${pid}000]`, link)
  }
}

const DHCPD: Program = { pid: 7, name: 'dhcpd', command: 'dhcpd -4 eth1', table: 'udp', at: '00000000:0043' }

function dnsmasqOf({ deps }: Setting): Program {
  const command = `dnsmasq --keep-in-foreground --conf-file=${join(deps.data, 'dnsmasq/dnsmasq.conf')}`
  return { ...DHCPD, pid: 8, name: 'dnsmasq', command }
}

async function look(t: TestContext, programs: (here: Setting) => readonly Program[], hidden: readonly number[] = []) {
  const here = setting(t)
  describeSystem(here, programs(here), hidden)
  return checkPorts(here.deps, ADDRESS)
}

test('the kernel’s list is read: addresses, listening ports, and who has them', (t) => {
  const here = setting(t)
  const server = { pid: 9, name: 'node', command: 'node main.ts serve', table: 'tcp', at: '01004D0A:1388' } as const
  describeSystem(here, [
    { ...server, state: '0A' },
    { ...server, pid: 10, state: '01' },
    { ...DHCPD, table: 'udp6', at: `${'0'.repeat(32)}:0043` },
  ])
  assert.deepEqual(openPorts(here.deps.proc, 'tcp', 5000), [
    { address: ADDRESS, holder: { pid: 9, name: 'node', command: 'node main.ts serve' } },
  ])
  assert.equal(openPorts(here.deps.proc, 'udp', 67)[0]?.address, '::')
})

test('ports of nobody are free, and those of metalspray are as they should be', async (t) => {
  const none = await look(t, () => [])
  assert.ok(none.every(({ level }) => level === 'ok'))
  const serving = {
    pid: 9,
    name: 'node',
    command: 'node /opt/metalspray/src/cli/main.ts serve',
    table: 'tcp',
    at: '00000000:1388',
    state: '0A',
  } as const
  const ours = await look(t, (here) => [dnsmasqOf(here), serving])
  assert.match(findingOf(ours, 'port-67').what, /held by dnsmasq \(process 8\), as it should be/)
  assert.match(findingOf(ours, 'port-boot').what, /held by node \(process 9\)/)
})

test('a foreign program on a port is named, with what ends it', async (t) => {
  const { level, what, mend } = findingOf(await look(t, () => [DHCPD]), 'port-67')
  assert.deepEqual([level, what], ['fail', 'UDP port 67 is held by dhcpd (process 7)'])
  assert.match(mend ?? '', /ss -ulpn 'sport = :67'.*kill 7/)
})

test('a foreign program beside dnsmasq is a warning, one on another address none', async (t) => {
  assert.equal(findingOf(await look(t, (here) => [dnsmasqOf(here), DHCPD]), 'port-67').level, 'warn')
  const elsewhere = await look(t, () => [{ ...DHCPD, at: '0100007F:0043' }])
  assert.match(findingOf(elsewhere, 'port-67').what, /dhcpd \(process 7\) has it on another address/)
  assert.equal(findingOf(elsewhere, 'port-67').level, 'ok')
})

test('another dnsmasq may be for another network', async (t) => {
  const other = await look(t, () => [
    { ...DHCPD, name: 'dnsmasq', command: 'dnsmasq --conf-file=/var/lib/libvirt/default.conf' },
  ])
  assert.equal(findingOf(other, 'port-67').level, 'note')
})

test('who has a port is not made up where the system does not tell', async (t) => {
  const { level, what, mend } = findingOf(await look(t, () => [DHCPD], [DHCPD.pid]), 'port-67')
  assert.deepEqual([level, mend], ['note', "sudo ss -ulpn 'sport = :67'"])
  assert.match(what, /this user is not told by whom/)
})

test('a proxy DHCP server needs port 4011 too', async (t) => {
  const here = setting(t, { proxy: true })
  describeSystem(here, [{ ...DHCPD, at: '00000000:0FAB' }])
  assert.equal(findingOf(await checkPorts(here.deps, ADDRESS), 'port-4011').level, 'fail')
})
