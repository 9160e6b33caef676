import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { NICS } from './cases/case.ts'
import { STORAGE_HOST } from './cases/storage.ts'
import { USERLAND } from './simulate.ts'

/** Each line on a host as its installer left it, after the lines before it in its group: what it is refused with, or nothing. */
const CALL = `import json, shlex, sys
sys.path.insert(0, sys.argv[1])
import machine, tools
nics, changes, groups = json.load(sys.stdin)
told = []
for group in groups:
    state = machine.installed(json.loads(json.dumps(nics)), json.loads(json.dumps(changes)))
    answers = []
    for line in group:
        try:
            tools.call(state, shlex.split(line))
            answers.append('')
        except machine.Refused as refused:
            answers.append(str(refused))
    told.append(answers)
print(json.dumps(told))`

const SWITCH = 'esxcli network vswitch standard'
const IP = 'esxcli network ip'

/** What ESXi refuses, behind what it takes. */
const REFUSED: readonly (readonly [what: string, said: RegExp, ...lines: readonly string[]])[] = [
  ['a switch twice', /already exists/, `${SWITCH} add --vswitch-name=vSwitch0`],
  ['to remove a switch in use', /busy|in use/i, `${SWITCH} remove --vswitch-name=vSwitch0`],
  ['an unknown uplink', /./, `${SWITCH} uplink add --uplink-name=vmnic9 --vswitch-name=vSwitch0`],
  [
    'an uplink of another switch',
    /./,
    `${SWITCH} add --vswitch-name=v1`,
    `${SWITCH} uplink add --uplink-name=vmnic0 --vswitch-name=v1`,
  ],
  [
    'a port group twice, on another switch too',
    /already exists/,
    `${SWITCH} add --vswitch-name=v1`,
    `${SWITCH} portgroup add --portgroup-name=a --vswitch-name=v1`,
    `${SWITCH} portgroup add --portgroup-name=a --vswitch-name=vSwitch0`,
  ],
  ['a VLAN that cannot be', /VLAN/, `${SWITCH} portgroup set --portgroup-name='VM Network' --vlan-id=4096`],
  ['an option that there is not', /Invalid option/, `${SWITCH} add --vswitch-name=v1 --colour=red`],
  ['a command that there is not', /Unknown command/, 'esxcli network vswitch dvs add'],
  ['an interface twice', /already exists/, `${IP} interface add --interface-name=vmk0 --portgroup-name=x`],
  [
    'two interfaces on a port group',
    /already exists/,
    `${SWITCH} portgroup add --portgroup-name=a --vswitch-name=vSwitch0`,
    `${IP} interface add --interface-name=vmk1 --portgroup-name=a`,
    `${IP} interface add --interface-name=vmk2 --portgroup-name=a`,
  ],
  [
    'an address twice',
    /MAC address/,
    `${SWITCH} portgroup add --portgroup-name=a --vswitch-name=vSwitch0`,
    `${IP} interface add --interface-name=vmk1 --portgroup-name=a --mac-address=52:54:00:00:00:00`,
  ],
  [
    'longer packets than its switch takes',
    /MTU/,
    `${SWITCH} portgroup add --portgroup-name=a --vswitch-name=vSwitch0`,
    `${IP} interface add --interface-name=vmk1 --portgroup-name=a --mtu=9000`,
  ],
  ['a gateway out of reach', /unreachable/, `${IP} route ipv4 add --gateway=203.0.113.1 --network=default`],
  [
    'a static address without its netmask',
    /required/,
    `${IP} interface ipv4 set --interface-name=vmk0 --type=static --ipv4=10.0.0.9`,
  ],
  ['a name server twice', /already exists/, ...Array(2).fill(`${IP} dns server add --server=192.0.2.1`)],
  [
    'a new table on the disk of the system',
    /Read-only/,
    `partedUtil mklabel /vmfs/devices/disks/${STORAGE_HOST.disks[0]?.['name']} gpt`,
  ],
  [
    'a file system where there is no partition',
    /./,
    'vmkfstools -C vmfs6 -S x /vmfs/devices/disks/naa.600508b1001c0042:1',
  ],
]

test('the simulated ESXi refuses what ESXi refuses, and takes what comes before it', () => {
  const groups = REFUSED.map(([, , ...lines]) => lines)
  const input = JSON.stringify([NICS, STORAGE_HOST, groups])
  const output = execFileSync('python3', ['-B', '-c', CALL, USERLAND], { input, encoding: 'utf8' })
  const answers: readonly (readonly string[])[] = JSON.parse(output)
  for (const [at, [what, said, ...lines]] of REFUSED.entries()) {
    const told = answers[at] ?? assert.fail('no answers')
    assert.deepEqual(
      told.slice(0, -1),
      lines.slice(0, -1).map(() => ''),
      what,
    )
    assert.match(told.at(-1) ?? '', said, what)
  }
})
