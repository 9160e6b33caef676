import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DnsmasqSettings, dnsmasqConfig } from '../../src/dnsmasq/config.ts'
import { temporaryDirectory } from './temporary.ts'

const network = { interface: 'lab0', address: '10.77.0.1', netmask: '255.255.255.0' }

function settings(t: TestContext, changes: Partial<DnsmasqSettings> = {}): DnsmasqSettings {
  const directory = temporaryDirectory(t)
  return {
    network,
    range: { first: '10.77.0.100', last: '10.77.0.200' },
    bootPort: 5000,
    tftpRoot: directory,
    leaseFile: join(directory, 'leases'),
    ownLoaders: directory,
    files: { bios: 'b', x64: 'x', arm64: 'a' },
    user: undefined,
    ...changes,
  }
}

/** What the real program says of a configuration. */
function check(t: TestContext, config: string): void {
  const file = join(temporaryDirectory(t), 'dnsmasq.conf')
  writeFileSync(file, config)
  const { status, stderr, error } = spawnSync('dnsmasq', ['--test', `--conf-file=${file}`], { encoding: 'utf8' })
  assert.equal(error, undefined)
  assert.equal(status, 0, stderr)
}

test('dnsmasq accepts the configuration of the only DHCP server', (t) => {
  check(t, dnsmasqConfig(settings(t)))
})

test('dnsmasq accepts the configuration beside another DHCP server', (t) => {
  check(t, dnsmasqConfig(settings(t, { range: undefined })))
})

test('dnsmasq accepts the configuration without some of the iPXE programs, and it says which', (t) => {
  for (const range of [undefined, { first: '10.77.0.100', last: '10.77.0.200' }]) {
    const config = dnsmasqConfig(settings(t, { range, files: { x64: 'x' } }))
    check(t, config)
    assert.match(config, /^# arm64: no iPXE found here \(snponly-arm64\.efi\)$/m)
    assert.match(config, /^# bios: no iPXE found here/m)
    assert.doesNotMatch(config, /^[^#].*(?:undionly|snponly-arm64)/m)
  }
})

test('every kind of firmware gets its iPXE, and iPXE gets the script', (t) => {
  const config = dnsmasqConfig(settings(t))
  for (const line of [
    'dhcp-boot=tag:first-bios,undionly.kpxe,,10.77.0.1',
    'dhcp-boot=tag:first-x64,snponly-x64.efi,,10.77.0.1',
    'dhcp-boot=tag:first-arm64,snponly-arm64.efi,,10.77.0.1',
    'dhcp-boot=tag:first-httpx64,http://10.77.0.1:5000/ipxe/snponly-x64.efi',
    'dhcp-boot=tag:first-httparm64,http://10.77.0.1:5000/ipxe/snponly-arm64.efi',
    'dhcp-option-force=tag:httpc,60,HTTPClient',
    'dhcp-boot=tag:ipxe,http://10.77.0.1:5000/bootstrap.ipxe',
    'dhcp-range=10.77.0.100,10.77.0.200,255.255.255.0,1h',
  ]) {
    assert.ok(config.split('\n').includes(line), line)
  }
})

test('in proxy mode no address is given out', (t) => {
  const config = dnsmasqConfig(settings(t, { range: undefined }))
  assert.match(config, /^dhcp-range=10\.77\.0\.0,proxy,255\.255\.255\.0$/m)
  assert.doesNotMatch(config, /authoritative|leasefile/)
  assert.match(config, /^pxe-service=tag:ipxe,x86PC,"metalspray",http:\/\/10\.77\.0\.1:5000\/bootstrap\.ipxe$/m)
})

test('a path that would mean something to dnsmasq is refused', (t) => {
  for (const tftpRoot of ['/srv/a\nuser=root', '/srv/a "b"', '/srv/a #b', ' /srv']) {
    assert.throws(() => dnsmasqConfig(settings(t, { tftpRoot })), /dnsmasq cannot be told of the path/)
  }
})

test('dnsmasq accepts a path with blanks', (t) => {
  check(t, dnsmasqConfig(settings(t, { leaseFile: '/srv/my data/leases' })))
})
