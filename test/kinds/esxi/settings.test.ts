import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json, JsonObject } from '../../../src/core/json.ts'
import { ESXI_KEYS, readEsxiSettings } from '../../../src/kinds/esxi/settings.ts'
import { HASH } from './kickstart/fixture.ts'

const STATIC = { ip: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1' }

test('of what nobody set, everything is decided', () => {
  assert.deepEqual(readEsxiSettings([]), {
    install: 'install',
    disk: { by: 'first', filters: ['local'] },
    vmfs: 'overwrite',
    overwriteVsan: false,
    rootPassword: undefined,
    network: {
      bootproto: 'dhcp',
      ip: undefined,
      netmask: undefined,
      gateway: undefined,
      nameserver: [],
      vlan: undefined,
      device: undefined,
      hostname: undefined,
      addVmPortgroup: undefined,
    },
    keyboard: undefined,
    serial: undefined,
    systemMediaSize: undefined,
    kernelOptions: '',
    secureBoot: false,
    ignorePrereqWarnings: false,
    forceUnsupported: false,
    maxInstalls: undefined,
    norts: false,
    reboot: true,
    paranoid: false,
  })
})

describe('layers', () => {
  test('the strongest that has a key wins, and the network is put together key by key', () => {
    const host = { network: { ip: '10.0.0.5' }, vmfs: 'preserve' }
    const image = { vmfs: 'none', disk: { minGb: 100 }, network: { vlan: 7, gateway: '10.0.0.9' } }
    const server = { disk: 'firstdisk', network: { netmask: '255.255.255.0', gateway: '10.0.0.1', vlan: 3 } }
    const read = readEsxiSettings([host, {}, image, server])
    assert.equal(read.vmfs, 'preserve')
    assert.deepEqual(read.disk, { by: 'match', match: { minGb: 100 } })
    const { bootproto, ip, netmask, gateway, vlan } = read.network
    assert.deepEqual([bootproto, ip, netmask, gateway, vlan], ['static', '10.0.0.5', '255.255.255.0', '10.0.0.9', 7])
  })

  test('null frees from what a weaker layer says', () => {
    const weaker = { keyboard: 'German', network: { ...STATIC, vlan: 7 } }
    assert.equal(readEsxiSettings([{ keyboard: null }, weaker]).keyboard, undefined)
    assert.equal(readEsxiSettings([{ network: { vlan: null } }, weaker]).network.vlan, undefined)
    assert.equal(readEsxiSettings([{ network: null }, weaker]).network.bootproto, 'dhcp')
  })

  test('with dhcp on purpose, what a network shares is left alone', () => {
    const shared = { network: { netmask: '255.255.255.0', gateway: '10.0.0.1', nameserver: '10.0.0.2' } }
    assert.equal(readEsxiSettings([{ network: { bootproto: 'dhcp' } }, shared]).network.bootproto, 'dhcp')
  })
})

describe('what is accepted', () => {
  const cases: readonly (readonly [JsonObject, string, unknown])[] = [
    [{ disk: 'firstdisk' }, 'disk', { by: 'first', filters: [] }],
    [{ disk: 'firstdisk=local, PERC H730' }, 'disk', { by: 'first', filters: ['local', 'PERC H730'] }],
    [{ disk: 'mpx.vmhba0:C0:T0:L0' }, 'disk', { by: 'name', name: 'mpx.vmhba0:C0:T0:L0' }],
    [{ disk: '/vmfs/devices/disks/naa.1' }, 'disk', { by: 'name', name: '/vmfs/devices/disks/naa.1' }],
    [
      { disk: { model: ' PERC ', maxGb: 500, ssd: true, pick: 'smallest' } },
      'disk',
      { by: 'match', match: { model: 'PERC', maxGb: 500, ssd: true, pick: 'smallest' } },
    ],
    [{ disk: { pick: 'largest' } }, 'disk', { by: 'match', match: { pick: 'largest' } }],
    [{ keyboard: 'us default' }, 'keyboard', 'US Default'],
    [{ rootPassword: HASH }, 'rootPassword', HASH],
    [{ kernelOptions: ' a=1 "b c" ' }, 'kernelOptions', 'a=1 "b c"'],
  ]
  for (const [set, key, expected] of cases) {
    test(JSON.stringify(set), () => {
      assert.deepEqual((readEsxiSettings([set]) as unknown as { readonly [key: string]: unknown })[key], expected)
    })
  }

  test('a MAC address in any writing', () => {
    for (const device of ['02-00-00-00-00-0a', '02:00:00:00:00:0a']) {
      assert.equal(readEsxiSettings([{ network: { device } }]).network.device, '02:00:00:00:00:0a')
    }
  })
})

describe('what is refused, with its key', () => {
  const cases: readonly (readonly [Json, RegExp])[] = [
    [{ install: 'Install' }, /^esxi\.install is "Install"; it must be install or upgrade or installorupgrade$/],
    [{ disk: 'sda' }, /^esxi\.disk is "sda"; it must be firstdisk, .* \(naa\. eui\. /],
    [{ disk: 'firstdisk=' }, /^esxi\.disk is ""; it must not be empty/],
    [{ disk: {} }, /^esxi\.disk says nothing of the disk/],
    [{ disk: { pick: 'only' } }, /^esxi\.disk says nothing of the disk/],
    [{ disk: { minGB: 5 } }, /^esxi\.disk disk\.minGB is no setting: did you mean disk\.minGb\?/],
    [{ disk: { minGb: 500, maxGb: 100 } }, /^esxi\.disk minGb 500 is more than maxGb 100/],
    [{ disk: 'naa.1\ninstall' }, /^esxi\.disk is .*one line of printable ASCII/],
    [
      { rootPasword: 'x' },
      /^esxi\.rootPasword is no setting: did you mean esxi\.rootPassword\? There are install, disk, /,
    ],
    [{ colour: 'x' }, /^esxi\.colour is no setting: There are install/],
    [{ reboot: 'yes' }, /^esxi\.reboot is "yes"; it must be true or false/],
    [{ maxInstalls: 0 }, /^esxi\.maxInstalls is 0; it must be a whole number from 1/],
    [{ keyboard: 'de' }, /^esxi\.keyboard is "de"; it must be one of Belgian, /],
    [{ serial: '123' }, /^esxi\.serial is "123"; it must be five groups/],
    [{ systemMediaSize: 'tiny' }, /^esxi\.systemMediaSize is "tiny"/],
    [{ kernelOptions: 'a="b' }, /^esxi\.kernelOptions is .* quotes closed/],
    [{ network: 'dhcp' }, /^esxi\.network is "dhcp"; it must be an object/],
    [
      { network: { ...STATIC, netmask: '255.0.255.0' } },
      /^esxi\.network\.netmask is "255\.0\.255\.0", which is no netmask/,
    ],
    [{ network: { ...STATIC, gateway: '10.1.0.1' } }, /^esxi\.network\.gateway 10\.1\.0\.1 is outside of the network/],
    [{ network: { ...STATIC, ip: '10.0.0.255' } }, /^esxi\.network\.ip 10\.0\.0\.255 is the broadcast address/],
    [{ network: { ip: '10.0.0.5', gateway: '10.0.0.1' } }, /^esxi\.network\.netmask is missing/],
    [{ network: { gateway: '10.0.0.1' } }, /^esxi\.network\.gateway needs an ip, or bootproto dhcp/],
    [{ network: { ...STATIC, bootproto: 'dhcp' } }, /^esxi\.network\.ip goes with bootproto static/],
    [{ network: { vlan: 4096 } }, /^esxi\.network\.vlan is 4096; it must be a whole number from 0 to 4095/],
    [{ network: { device: 'eth0' } }, /^esxi\.network\.device is "eth0", which is neither vmnicN nor a MAC address/],
    [{ network: { ip: '10.0.0.300' } }, /^esxi\.network\.ip is "10\.0\.0\.300", which is no IPv4 address/],
    [{ network: { hostname: 'a_b' } }, /^esxi\.network\.hostname is "a_b"/],
    [{ network: { ip: '10.0.0.5', dns: '1.1.1.1' } }, /^esxi\.network\.dns is no setting: .*There are bootproto, ip/],
    [{ install: 'upgrade', forceUnsupported: true }, /^esxi\.forceUnsupported goes with esxi\.install install only/],
    [{ install: 'upgrade', overwriteVsan: true }, /^esxi\.overwriteVsan does not go with esxi\.install upgrade/],
    [{ install: 'installorupgrade', vmfs: 'none' }, /^esxi\.vmfs none does not go with/],
  ]
  for (const [set, message] of cases) {
    test(JSON.stringify(set), () => {
      assert.throws(() => readEsxiSettings([set as JsonObject]), { name: 'ProvisionError', kind: 'invalid', message })
    })
  }

  test('all that is wrong at once', () => {
    const set = { vmfs: 'x', network: { vlan: -1, ip: 'y' } }
    assert.throws(() => readEsxiSettings([set]), {
      message: /^esxi\.vmfs .*; esxi\.network\.vlan .*; esxi\.network\.ip /,
    })
  })

  test('a password that is no hash, without repeating it', () => {
    for (const rootPassword of ['geheim!1', '$6$rounds=5000$geheim!1', '$1$geheim!1$', 5]) {
      assert.throws(
        () => readEsxiSettings([{ rootPassword }]),
        (error: Error) => /^esxi\.rootPassword is no SHA-512/.test(error.message) && !error.message.includes('geheim'),
      )
    }
  })

  test('any value whatever, in words', () => {
    for (const key of ESXI_KEYS) {
      for (const value of [[], [[]], {}, { a: 1 }, 1.5, -1, '', 'ü', '\n', false] as const) {
        try {
          readEsxiSettings([{ [key]: value }])
        } catch (error) {
          assert.match((error as Error).message, new RegExp(`^esxi\\.${key}`))
          assert.equal((error as Error).name, 'ProvisionError')
        }
      }
    }
  })
})
