import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkInterface } from '../../../src/commands/doctor/check-interface.ts'
import { checkDnsmasq, checkIpxe } from '../../../src/commands/doctor/check-programs.ts'
import { chooseNetwork } from '../../../src/commands/doctor/network.ts'
import type { ProvisionError } from '../../../src/core/errors.ts'
import { brief, findingOf, type Setting, setting } from './setting.ts'

const NETWORK = { interface: 'eth1', address: '10.77.0.1', netmask: '255.255.255.0' }
const CHOSEN = { network: NETWORK, reason: 'as named' }
const never = new AbortController().signal

function describeInterface(
  { write }: Setting,
  { mtu = 1500, carrier = 1 }: { mtu?: number; carrier?: number } = {},
): void {
  write('sys/class/net/eth1/mtu', `${mtu}\n`)
  write('sys/class/net/eth1/carrier', `${carrier}\n`)
}

function writeConfig({ write }: Setting, address: string, range: string): void {
  const lines = ['interface=eth1', `dhcp-range=${range}`, `dhcp-boot=tag:ipxe,http://${address}:5000/bootstrap.ipxe`]
  write('data/dnsmasq/dnsmasq.conf', `${lines.join('\n')}\n`)
}

test('an interface as it should be is well', async (t) => {
  const here = setting(t)
  describeInterface(here)
  const findings = await checkInterface(here.deps, CHOSEN)
  assert.deepEqual(brief(findings), ['ok interface', 'ok link', 'ok mtu', 'ok range', 'ok base-url'])
})

test('a cable that is out, and packets of odd sizes, are told', async (t) => {
  const here = setting(t)
  describeInterface(here, { mtu: 1400, carrier: 0 })
  const findings = await checkInterface(here.deps, CHOSEN)
  assert.equal(findingOf(findings, 'link').level, 'fail')
  assert.equal(findingOf(findings, 'mtu').level, 'warn')
  assert.equal(findingOf(findings, 'mtu').mend, 'ip link set eth1 mtu 1500')
  describeInterface(here, { mtu: 9000 })
  assert.equal(findingOf(await checkInterface(here.deps, CHOSEN), 'mtu').level, 'note')
})

test('a port of a bridge with smaller packets than the bridge is named', async (t) => {
  const here = setting(t)
  describeInterface(here)
  here.write('sys/class/net/eth1/brif/tap3/x', '')
  here.write('sys/class/net/tap3/mtu', '1280\n')
  const { level, what } = findingOf(await checkInterface(here.deps, CHOSEN), 'mtu')
  assert.deepEqual([level, what], ['warn', 'eth1 has packets of 1500 bytes, and its port tap3 of 1280'])
})

test('a range that does not fit the network is told', async (t) => {
  const at = async (first: string, last: string) => {
    const { deps } = setting(t, { range: [first, last] })
    return findingOf(await checkInterface(deps, CHOSEN), 'range')
  }
  assert.equal((await at('10.77.0.100', '10.77.0.200')).level, 'ok')
  assert.match((await at('10.78.0.100', '10.78.0.200')).what, /is not within the network of eth1/)
  assert.match((await at('10.77.0.1', '10.77.0.200')).what, /holds this server's own address/)
})

test('an address that machines cannot mean is told', async (t) => {
  const at = async (baseUrl: string) => {
    const { deps } = setting(t, { baseUrl })
    const { level, mend } = findingOf(await checkInterface(deps, CHOSEN), 'base-url')
    return [level, mend]
  }
  assert.deepEqual(await at('http://10.77.0.1:5000'), ['ok', undefined])
  assert.equal((await at('http://10.0.0.1'))[0], 'note')
  assert.deepEqual(await at('http://127.0.0.1:5000'), [
    'fail',
    'metalspray serve --base-url http://10.77.0.1:5000, or without it',
  ])
})

test('a dnsmasq that was started before the address changed is told', async (t) => {
  const here = setting(t, { proxy: true })
  writeConfig(here, '10.77.0.9', '10.77.0.100,10.77.0.200,255.255.255.0,1h')
  const { level, what } = findingOf(await checkInterface(here.deps, CHOSEN), 'dnsmasq-config')
  assert.deepEqual([level, what], ['fail', 'dnsmasq sends machines to 10.77.0.9, and eth1 has 10.77.0.1 now'])
  writeConfig(here, '10.77.0.1', '10.77.0.100,10.77.0.200,255.255.255.0,1h')
  assert.equal(findingOf(await checkInterface(here.deps, CHOSEN), 'dnsmasq-config').level, 'warn')
  writeConfig(here, '10.77.0.1', '10.77.0.0,proxy,255.255.255.0')
  assert.equal(findingOf(await checkInterface(here.deps, CHOSEN), 'dnsmasq-config').level, 'ok')
})

test('an interface that is not there is refused with those that are', (t) => {
  const { deps } = setting(t, { interface: 'nosuch7' })
  assert.throws(
    () => chooseNetwork(deps),
    (error: ProvisionError) => /there is no interface nosuch7, only /.test(error.message),
  )
})

test('without a name the interface is the one of dnsmasq, or the only one, or asked for', (t) => {
  const here = setting(t)
  const real = Object.keys(networkInterfaces()).filter((name) => name !== 'lo')
  const read = () => {
    try {
      return chooseNetwork(here.deps).network.interface
    } catch (error) {
      return (error as ProvisionError).message
    }
  }
  assert.match(read(), real.length === 1 ? new RegExp(`^${real[0]}$`) : /which network are the machines on\?/)
  here.write('data/dnsmasq/dnsmasq.conf', 'interface=nosuch8\n')
  assert.match(read(), /there is no interface nosuch8/)
})

test('dnsmasq is missing, too old, or well', async (t) => {
  const here = setting(t)
  const program = (version: string) =>
    here.write('bin/dnsmasq', `#!/bin/sh\necho "Dnsmasq version ${version}  Copyright"\n`)
  const look = async () => {
    const { chmodSync } = await import('node:fs')
    chmodSync(join(here.deps.data, '../bin/dnsmasq'), 0o755)
    return findingOf(await checkDnsmasq({ path: join(here.deps.data, '../bin') }, never), 'dnsmasq')
  }
  program('2.90')
  assert.deepEqual([(await look()).level, (await look()).what], ['ok', 'dnsmasq 2.90 is installed'])
  program('2.79')
  assert.equal((await look()).level, 'warn')
})

test('each kind of firmware needs its iPXE', async (t) => {
  const { write, deps } = setting(t)
  assert.deepEqual(brief(await checkIpxe(deps, [])), ['fail ipxe-bios', 'fail ipxe-x64', 'note ipxe-arm64'])
  const own = join(deps.data, '../ipxe')
  write('ipxe/undionly.kpxe', Buffer.alloc(100, 1))
  assert.deepEqual(brief(await checkIpxe({ ipxe: own }, [])), ['ok ipxe-bios', 'warn ipxe-x64', 'note ipxe-arm64'])
})
