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

/** A host with two cards as one, a VLAN on them, and something of all that is no network. */
export function describedHost(rig: Rig, hostname: string, macs: readonly string[], address: string): JsonObject {
  const [left = '', right = ''] = macs
  return {
    hostname,
    dns: { servers: [rig.network.address], search: ['example.org'] },
    ntp: { servers: [rig.network.address] },
    links: [
      { name: 'left', mac: left },
      { name: 'right', mac: right },
      { name: 'team', type: 'bond', members: ['right', 'left'], mode: 'active-backup', mtu: 9000 },
      { name: 'storage', type: 'vlan', link: 'team', id: 40 },
    ],
    networks: [
      { link: 'team', address: `${address}/24`, gateway: rig.network.address },
      { link: 'storage', address: '10.0.40.21/24', routes: [{ to: '10.41.0.0/16', via: '10.0.40.1' }] },
    ],
    portGroups: [{ name: 'VM 7', link: 'team' }],
    root: { sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 ops@example.org'] },
    users: [{ name: 'ops', admin: true }],
    ssh: { enabled: true },
    advancedSettings: { '/UserVars/SuppressShellWarning': 1 },
    files: [{ path: '/etc/motd', content: 'Zürich\n' }],
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
  expectSystem({ ...wanted, syslog: undefined }, state)
  assert.equal(state.firewall.enabled, true)
  const second = await machine.waitFor(/esxi-stand-in: second run ended with (\d+), (\d+) new lines/, CEILING)
  assert.deepEqual([...second].slice(1), ['0', '0'])
  assert.deepEqual(await shown('second'), state)
}
