import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runStandInAwk } from './esxi/run-busybox.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`
const GOOD = ['vmaccepteula', `rootpw --iscrypted ${HASH}`, 'install --firstdisk=local --overwritevmfs', 'reboot']
const STATIC = 'network --bootproto=static --ip=192.0.2.51 --netmask=255.255.255.0 --gateway=192.0.2.1'

/** Takes a kickstart apart and checks it, as the stand-in's installer does. */
function check(lines: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  try {
    const items = runStandInAwk('kickstart-split.awk', `${lines.join('\n')}\n`, { folder }).lines
    return runStandInAwk('kickstart-check.awk', `${items.join('\n')}\n`).lines
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const errors = (lines: readonly string[]) => check(lines).filter((line) => line.startsWith('error '))

test('the stand-in’s installer takes what is right, and tells what it is to do', () => {
  const said = check([...GOOD, `${STATIC} --hostname=esx01.example.org --nameserver=192.0.2.53`])
  assert.deepEqual(
    said.filter((line) => /^(error|warning)/.test(line)),
    [],
  )
  for (const line of [
    'how=install',
    'firstdisk=local',
    'hostname=esx01.example.org',
    'reboot=yes',
    'bootproto=static',
  ]) {
    assert.ok(said.includes(line), `${line} is not in ${said}`)
  }
})

describe('the stand-in’s installer refuses', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a licence nobody accepted', GOOD.slice(1), /accepteula/],
    ['no root password', [...GOOD.slice(0, 1), ...GOOD.slice(2)], /rootpw is missing/],
    ['two installs', [...GOOD, 'install --firstdisk'], /exactly one of install/],
    ['no disk', [...GOOD.slice(0, 2), 'install --overwritevmfs'], /exactly one of --disk/],
    ['two ways to a disk', [...GOOD.slice(0, 2), 'install --firstdisk --disk=naa.1'], /exactly one of --disk/],
    ['what excludes each other', [...GOOD.slice(0, 2), 'install --disk=x --overwritevmfs --preservevmfs'], /excludes/],
    ['an option that install has not', [...GOOD.slice(0, 2), 'install --firstdisk --fast'], /unknown option --fast/],
    ['SHA-256', [...GOOD, 'rootpw --iscrypted $5$a$b'], /rootpw/],
    ['rounds', [GOOD[0] ?? '', `rootpw --iscrypted $6$rounds=5000$${HASH.slice(3)}`, 'install --firstdisk'], /rootpw/],
    ['two networks', [...GOOD, 'network --bootproto=dhcp', 'network --bootproto=dhcp'], /more than once/],
    ['static without an address', [...GOOD, 'network --bootproto=static'], /without --ip/],
    ['dhcp with one', [...GOOD, 'network --bootproto=dhcp --ip=192.0.2.1'], /dhcp with an address/],
    ['a gateway elsewhere', [...GOOD, STATIC.replace('192.0.2.1', '192.0.3.1')], /gateway/],
    ['a mask with holes', [...GOOD, STATIC.replace('255.255.255.0', '255.0.255.0')], /netmask/],
    ['a hostname that is none', [...GOOD, `${STATIC} --hostname=-x`], /hostname/],
    ['VLAN 4096', [...GOOD, `${STATIC} --vlanid=4096`], /vlanid/],
    ['a quotation mark that is not closed', [...GOOD, 'keyboard "US Default'], /quotation/],
    ['a keyboard that nobody has', [...GOOD, 'keyboard Klingon'], /Klingon/],
    ['257 commands', [...GOOD, ...Array<string>(253).fill('paranoid')], /256/],
    ['an interpreter that it has not', [...GOOD, '%post --interpreter=perl', 'x'], /perl/],
    ['an option that %pre has not', [...GOOD, '%pre --timeout=3', 'x'], /unknown option --timeout/],
  ]
  for (const [name, lines, reason] of cases) {
    test(name, () =>
      assert.ok(
        errors(lines).some((line) => reason.test(line)),
        `${errors(lines)}`,
      ),
    )
  }
})

test('the stand-in’s installer ends a script where a line begins like a section, wherever that is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  try {
    const text = '%post\ncat <<X\n%end\ninclude /tmp/x\n%firstboot --interpreter=busybox\necho 1\n'
    const { lines } = runStandInAwk('kickstart-split.awk', text, { folder })
    assert.deepEqual(
      lines.map((line) => line.split('\u001f')[0]),
      ['post', 'include', 'firstboot'],
    )
    assert.equal(readFileSync(join(folder, '1.script'), 'utf8'), 'cat <<X\n%end\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
