import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type CheckOptions, checkKickstart } from '../../../../src/kinds/esxi/kickstart/check.ts'
import { HASH } from './fixture.ts'

const ROOTPW = `rootpw --iscrypted ${HASH}`
const INSTALL = 'install --firstdisk=local --overwritevmfs'
const NETWORK = 'network --bootproto=static --ip=10.0.0.5 --netmask=255.255.255.0 --gateway=10.0.0.1'

/** A kickstart that is right, with some lines in place of the one with the same first word, or behind all. */
function kickstart(...changed: readonly string[]): string {
  const lines = ['accepteula', INSTALL, ROOTPW, 'reboot']
  for (const line of changed) {
    const at = lines.findIndex((one) => one.split(' ')[0] === line.split(' ')[0])
    if (at < 0) lines.push(line)
    else lines[at] = line
  }
  return `${lines.join('\n')}\n`
}

function found(text: string, options?: CheckOptions): readonly string[] {
  return checkKickstart(text, options).map(({ severity, rule, line }) => `${severity} ${rule} ${line}`)
}

describe('what the installer takes', () => {
  const fine: readonly string[] = [
    kickstart(),
    kickstart('# a comment', '', '  reboot --noeject  '.trim()),
    kickstart(NETWORK),
    kickstart(
      `${NETWORK} --nameserver=1.1.1.1,8.8.8.8 --hostname=esx1.lab.example --vlanid=0 --addvmportgroup=false --device=vmnic0`,
    ),
    kickstart('network --bootproto=dhcp --vlanid=4095 --device=02:00:00:00:00:0A'),
    kickstart("keyboard 'US Default'", 'serialnum --esx=AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', 'paranoid', 'dryrun'),
    kickstart('install --disk=/vmfs/devices/disks/mpx.vmhba1:C0:T0:L0 --novmfsondisk --overwritevmfs --overwritevsan'),
    kickstart('install --firstdisk --preservevmfs --ignoressd --systemDisk=naa.1 --repartitionsystemdisk'),
    kickstart(
      'clearpart --drives=naa.1,naa.2 --overwritevmfs',
      'part datastore2 --ondisk=naa.2',
      'partition d3 --ondrive=naa.3',
    ),
    kickstart('rootpw --iscrypted $1$abcdefgh$0123456789012345678901'),
    kickstart('rootpw --iscrypted abcdefghijklm'),
    ...['VMware1!', 'password123!', 'myp@ssw0rd'].map((password) => kickstart(`rootpw ${password}`)),
    `accepteula\nupgrade --diskBootedFrom --forcemigrate\nreboot\n`,
    `vmaccepteula\ninstallorupgrade --drive=naa.1 --overwritevmfs --overwritevsan\n${ROOTPW}\nreboot`,
    `${kickstart()}%pre\necho a\n%post --interpreter=python --timeout=60 --ignorefailure=true\nimport os\n%firstboot\ntrue\n`,
    kickstart('include http://10.0.0.1/more.cfg'),
  ]
  for (const text of fine) {
    test(`takes ${JSON.stringify(text.split('\n').slice(1, -1).join(' | ')).slice(0, 120)}`, () => {
      assert.deepEqual(checkKickstart(text), [])
    })
  }
})

describe('what the installer refuses, or warns of', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [`${INSTALL}\n${ROOTPW}\nreboot`, ['error accepteula 0']],
    [kickstart('accepteula now'), ['error options 1']],
    [`accepteula\n${ROOTPW}\nreboot`, ['error install 0']],
    [kickstart('upgrade --firstdisk'), ['error install 5']],
    [kickstart('install --overwritevmfs'), ['error disk 2']],
    [kickstart('install --firstdisk --disk=naa.1 --overwritevmfs'), ['error disk 2']],
    [kickstart('install --disk=/dev/sda --overwritevmfs'), ['warning disk 2']],
    [kickstart('install --disk= --overwritevmfs'), ['error options 2', 'warning disk 2']],
    [kickstart('install --disk --overwritevmfs'), ['error options 2']],
    [kickstart('install --disk = naa.1 --overwritevmfs'), ['error options 2', 'error options 2']],
    [kickstart('install --firstdisk --preservevmfs --overwritevmfs'), ['error vmfs 2']],
    [kickstart('install --firstdisk --preservevmfs --novmfsondisk'), ['error vmfs 2']],
    [kickstart('install --firstdisk'), ['warning vmfs 2']],
    [kickstart('install --firstdisk --novmfsondisk'), ['warning vmfs 2']],
    [kickstart('install --disk=naa.1 --overwritevmfs --ignoressd'), ['error ignoressd 2']],
    [kickstart(`${INSTALL} --fast`), ['error options 2']],
    [kickstart(`${INSTALL} --overwritevmfs`), ['error options 2']],
    [kickstart(`${INSTALL} --overwritevsan=yes`), ['error options 2']],
    [`accepteula\ninstallorupgrade --firstdisk --novmfsondisk\n${ROOTPW}\nreboot`, ['error options 2']],
    [`accepteula\ninstallorupgrade --firstdisk\n${ROOTPW}\nclearpart --alldrives\nreboot`, ['error upgrade 4']],
    ...['network --bootproto=dhcp', "keyboard 'German'", 'clearpart --alldrives', 'part a --onfirstdisk', ROOTPW].map(
      (line) => [`accepteula\nupgrade --firstdisk\nreboot\n${line}`, ['error upgrade 4']] as const,
    ),
    [`accepteula\n${INSTALL}\nreboot`, ['error rootpw 0']],
    [kickstart('rootpw --iscrypted $5$saltsalt$0123456789012345678901234567890123456789012'), ['error rootpw 3']],
    [kickstart(`rootpw --iscrypted ${HASH.replace('$6$', '$6$rounds=5000$')}`), ['error rootpw 3']],
    [kickstart('rootpw --iscrypted secret'), ['error rootpw 3']],
    [kickstart('rootpw sh0r!T'), ['error rootpw 3']],
    [kickstart('rootpw Password1'), ['error rootpw 3']],
    [kickstart(`rootpw ${'aB3!'.repeat(11)}`), ['error rootpw 3']],
    [kickstart('rootpw myp@ss w0rd'), ['error options 3']],
    [kickstart('rootpw'), ['error options 3']],
    [`${kickstart()}${ROOTPW}\n`, ['warning twice 5']],
    [kickstart('network'), ['warning network-guess 5']],
    [kickstart('network --bootproto=bootp'), ['error network-bootproto 5']],
    [kickstart('network --bootproto=static'), ['error network-static 5']],
    [kickstart('network --bootproto=static --ip=10.0.0.5'), ['warning network-guess 5', 'warning network-guess 5']],
    [kickstart('network --bootproto=dhcp --ip=10.0.0.5'), ['error network-dhcp 5']],
    [
      kickstart('network --bootproto=dhcp --gateway=10.0.0.5 --hostname=a'),
      ['error network-dhcp 5', 'warning network-dhcp 5'],
    ],
    [kickstart(NETWORK.replace('10.0.0.1', '10.0.1.1')), ['error network-gateway 5']],
    [kickstart(NETWORK.replace('10.0.0.1', '10.0.0.0')), ['error network-gateway 5']],
    [kickstart(NETWORK.replace('10.0.0.1', '10.0.0.255')), ['error network-gateway 5']],
    [kickstart(NETWORK.replace('10.0.0.5', '10.0.0.255')), ['error network-ip 5']],
    [kickstart(NETWORK.replace('255.255.255.0', '255.0.255.0')), ['error network-netmask 5']],
    [kickstart(NETWORK.replace('10.0.0.5', '10.0.0.500')), ['error network-ip 5']],
    [kickstart(`${NETWORK} --vlanid=4096`), ['error network-vlanid 5']],
    [kickstart(`${NETWORK} --vlanid=-1`), ['error network-vlanid 5']],
    [kickstart(`${NETWORK} --hostname=esx_1`), ['error network-hostname 5']],
    [kickstart(`${NETWORK} --hostname=esx-`), ['error network-hostname 5']],
    [kickstart(`${NETWORK} --hostname=${'a'.repeat(64)}`), ['error network-hostname 5']],
    [kickstart(`${NETWORK} --hostname=${'abcdefghi.'.repeat(26)}a`), ['error network-hostname 5']],
    [kickstart(`${NETWORK} --hostname=1esx`), ['warning hostname-digit 5']],
    [kickstart(`${NETWORK} --device=eth0`), ['error network-device 5']],
    [kickstart(`${NETWORK} --device=02-00-00-00-00-0a`), ['error network-device 5']],
    [kickstart(`${NETWORK} --nameserver=1.1.1.1,dns`), ['error network-nameserver 5']],
    [`${kickstart('network --bootproto=dhcp')}network --bootproto=dhcp`, ['error network-once 6']],
    [kickstart('keyboard US Default'), ['error options 5']],
    [kickstart('keyboard de'), ['error keyboard 5']],
    [kickstart('serialnum --esx=AAAAA-BBBBB'), ['error serialnum 5']],
    [kickstart('serialnum'), ['error serialnum 5']],
    [kickstart('clearpart'), ['error clearpart 5']],
    [kickstart('clearpart --alldrives --firstdisk'), ['error clearpart 5']],
    [kickstart('part datastore2'), ['error part 5']],
    [kickstart('install --disk=naa.1 --overwritevmfs', 'part a --ondisk=naa.1'), ['error part 5']],
    [kickstart('part a --ondisk=naa.1', 'partition b --ondisk=naa.1'), ['error part 6']],
    [`accepteula\n${INSTALL}\n${ROOTPW}\n`, ['warning reboot 0']],
    [kickstart("keyboard 'German"), ['error quotes 5']],
    [kickstart('esxcli system version get'), ['warning unknown 5']],
    [kickstart('paranoid', 'esxcli system version get'), ['error unknown 6']],
    [kickstart('timezone UTC'), ['warning ignored 5']],
    [kickstart('%include'), ['error options 5']],
    [kickstart('%include gopher://x/y'), ['error include 5']],
    [kickstart('%include http://x/y/'), ['error include 5']],
    [`${kickstart()}  %post\n`, ['error section 5']],
    [`${kickstart()}%post\ntrue\n%end\n`, ['error end 7']],
    [`${kickstart()}%pre\nincludes = 3\nx = 1\n`, ['error section 6', 'warning unknown 7']],
    [`${kickstart()}%post --interpreter=bash\n`, ['error script 5']],
    [`${kickstart()}%pre --timeout=5\n`, ['error options 5']],
    [`${kickstart()}%post --timeout=long --ignorefailure=maybe\n`, ['error script 5', 'error script 5']],
    [`${kickstart()}%packages\nfoo\n`, ['warning ignored 5']],
    [kickstart().replaceAll('\n', '\r\n'), ['warning crlf 0']],
    [kickstart('# für'), ['warning ascii 5']],
    [kickstart('paranoid', '# für'), ['error ascii 6']],
    [`${kickstart()}${'dryrun\n'.repeat(253)}`, ['error many 0']],
  ]
  for (const [text, expected] of cases) {
    const what = JSON.stringify(text.split('\n').slice(0, 7).join(' | ')).slice(0, 150)
    test(`${expected.join(', ')} in ${what}`, () => assert.deepEqual(found(text), expected))
  }

  test('no message repeats a password', () => {
    for (const line of ['rootpw geheimes', 'rootpw --iscrypted geheimes', 'rootpw --iscrypted $6$rounds=9$geheimes']) {
      const [problem] = checkKickstart(kickstart(line))
      assert.doesNotMatch(problem?.text ?? assert.fail('nothing is wrong with it'), /geheimes/)
    }
  })

  test('%firstboot is an error under Secure Boot alone', () => {
    const text = `${kickstart()}%firstboot\ntrue\n`
    assert.deepEqual(found(text), [])
    assert.deepEqual(found(text, { secureBoot: true }), ['error secure-boot 5'])
  })

  test('what is included counts when it is known, and is not missed when it is not', () => {
    const text = `accepteula\n%include /tmp/disk.cfg\n${ROOTPW}\nreboot\n`
    const files = (install: string) => ({ files: new Map([['/tmp/disk.cfg', install]]) })
    assert.deepEqual(found(text), [])
    assert.deepEqual(found(text, files(INSTALL)), [])
    assert.deepEqual(found(text, files('install --overwritevmfs')), ['error disk 2'])
    assert.deepEqual(found(text, files('# nothing')), ['error install 0'])
  })
})
