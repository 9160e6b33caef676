import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readHostConfig } from '../../src/core/config/read-config.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { expectNetwork } from '../kinds/esxi/configure/expect-network.ts'
import { expectSystem } from '../kinds/esxi/configure/expect-system.ts'
import type { State } from '../kinds/esxi/configure/simulate.ts'
import type { Machine } from '../lab/machine.ts'
import type { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

const HASH = `$6$described$${'y'.repeat(86)}`
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 ops@example.org'
const PEM = (what: string) => `-----BEGIN ${what}-----\nMIIBszCCAVmgAwIBAgIU\n-----END ${what}-----\n`

/** What a described host is made of. */
export interface Parts {
  readonly hostname: string
  readonly macs: readonly string[]
  readonly address: string
  /** The serial of a disk that is not the system's. */
  readonly dataSerial: string
}

/** A host with two cards as one, a VLAN on them, IPv4 and IPv6, and something of all that is no network. */
export function describedHost(rig: Rig, { hostname, macs, address, dataSerial }: Parts): JsonObject {
  const [left = '', right = ''] = macs
  return {
    hostname,
    dns: { servers: [rig.network.address, '2001:db8:77::53'], search: ['example.org'] },
    ntp: { servers: [rig.network.address] },
    links: [
      { name: 'left', mac: left },
      { name: 'right', mac: right },
      { name: 'team', type: 'bond', members: ['right', 'left'], mode: 'active-backup', mtu: 9000 },
      { name: 'storage', type: 'vlan', link: 'team', id: 40 },
    ],
    networks: [
      { link: 'team', address: `${address}/24`, gateway: rig.network.address },
      {
        ...{ link: 'team', address: '2001:db8:77::77/64', gateway: '2001:db8:77::1' },
        routes: [{ to: '2001:db8:78::/48', via: '2001:db8:77::2' }],
      },
      { link: 'storage', method: 'slaac' },
      { link: 'storage', address: '10.0.40.21/24', routes: [{ to: '10.41.0.0/16', via: '10.0.40.1' }] },
    ],
    portGroups: [{ name: 'VM 7', link: 'team' }],
    root: { passwordHash: HASH, sshKeys: [KEY] },
    users: [
      { name: 'ops', admin: true },
      { name: 'ada', description: 'Ada', passwordHash: HASH, sshKeys: [KEY] },
    ],
    ssh: { enabled: true },
    shell: { enabled: false },
    syslog: { servers: [`udp://${rig.network.address}:514`, 'ssl://logs.example.org:1514'] },
    licence: '00000-11111-22222-33333-44444',
    certificate: { certificate: PEM('CERTIFICATE'), key: PEM('PRIVATE KEY') },
    datastores: [
      { name: 'esx02-local', disks: 'boot' },
      { name: 'fast', disks: [{ serial: dataSerial }], wipe: 'superblock' },
    ],
    advancedSettings: { '/UserVars/SuppressShellWarning': 1 },
    kernelSettings: { iovDisableIR: true },
    files: [{ path: '/etc/motd', content: 'Zürich\n', mode: '0640' }],
    commands: {
      before: ['echo before >/etc/order && chmod 1644 /etc/order'],
      after: ['echo after >>/etc/order'],
    },
  }
}

/** Describes a host as an operator does. */
export async function describe(rig: Rig, serial: string, config: JsonObject): Promise<void> {
  const file = join(rig.directory, `${serial}.json`)
  await writeFile(file, JSON.stringify(config))
  await rig.editHost('-i', serial, '--config', file)
}

/** Holds what the installed system shows after its first boot to the description, and its second run to doing nothing. */
export async function expectDescribed(machine: Machine, config: JsonObject): Promise<void> {
  const shown = async (run: string): Promise<State> => {
    const [, text = ''] = await machine.waitFor(new RegExp(`esxi-stand-in: state ${run} (\\{.*\\}) end\n`), CEILING)
    return JSON.parse(text)
  }
  const bank = await machine.waitFor(/esxi-stand-in: firstboot: left on the boot bank:(.*)\n/, CEILING)
  assert.equal(bank[1]?.trim(), '', 'no secret is left')
  const state = await shown('first')
  // As it comes in the module: checked, in JSON, without what nobody said.
  const wanted = JSON.parse(JSON.stringify(readHostConfig([config])))
  const nics = machine.spec.macs.map((mac, number) => ({ name: `vmnic${number}`, mac }))
  expectNetwork(wanted, nics, state)
  // Commands are run by this machine itself: what they did is there to see.
  expectSystem({ ...wanted, commands: undefined }, state)
  assert.ok(state.restarted.includes('host'), 'settings of the kernel count from the next start on')
  assert.equal(state.files['/etc/order']?.text, 'before\nafter\n')
  assert.equal(state.firewall.enabled, true)
  const second = await machine.waitFor(/esxi-stand-in: second run ended with (\d+), (\d+) new lines/, CEILING)
  assert.deepEqual([...second].slice(1), ['0', '0'])
  assert.deepEqual(await shown('second'), state)
}
