import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CONFIG_KEYS, mergeConfigs, readHostConfig, tryHostConfig } from '../../../src/core/config/read-config.ts'
import type { Json } from '../../../src/core/json.ts'
import { runs } from '../../support/runs.ts'

const CARD = { name: 'a', mac: '52:54:00:00:00:01' }
const OTHER = { name: 'b', mac: '52:54:00:00:00:02' }
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me@example.org, lab'
const HASH = `$6$salt$${'x'.repeat(86)}`

test('nothing is a configuration that changes nothing, and every part of it can be set', () => {
  const empty = readHostConfig([])
  assert.deepEqual(Object.keys(empty).toSorted(), [...CONFIG_KEYS].toSorted())
  assert.deepEqual(empty.networks, [])
  assert.equal(empty.hostname, undefined)
})

test('a CA may vouch for who logs in, and of two files at one place the last counts', () => {
  const file = (content: string) => ({ path: '/etc/motd', content })
  const sshKeys = [`cert-authority,principals="ops" ${KEY}`]
  const config = readHostConfig([{ root: { sshKeys }, files: [file('a'), { path: '/b' }, file('c')] }])
  assert.deepEqual(config.root.sshKeys, sshKeys)
  assert.deepEqual(
    config.files.map(({ path, content }) => [path, content]),
    [
      ['/b', ''],
      ['/etc/motd', 'c'],
    ],
  )
})

test('what people write by hand or on a command line is understood', () => {
  const config = readHostConfig([
    {
      dns: { servers: '192.0.2.1, 2001:db8::1', search: 'example.org' },
      ntp: { servers: ['pool.ntp.org'] },
      links: [
        { name: 'v', type: 'vlan', link: 'a', id: 20 },
        { name: 'a', mac: '52-54-00-AA-00-01' },
      ],
      networks: [{ link: 'v', address: '192.0.2.10/24' }, { link: 'a' }],
      root: { sshKeys: KEY, passwordHash: HASH },
      ssh: true,
      datastores: [{ name: 'fast', disks: ['naa.600508b1001c0042', 'S3Z8NB0K', { model: 'PM983', minSize: '960GB' }] }],
      commands: { after: 'echo a, b' },
    },
  ])
  assert.deepEqual(config.dns, { servers: ['192.0.2.1', '2001:db8::1'], search: ['example.org'] })
  assert.deepEqual(
    config.links.map(({ name, type }) => [name, type]),
    [
      ['a', 'nic'],
      ['v', 'vlan'],
    ],
    'a link comes behind what it stands on',
  )
  assert.deepEqual(
    config.networks.map(({ method, management }) => [method, management]),
    [
      ['static', true],
      ['dhcp', false],
    ],
  )
  assert.deepEqual(config.root.sshKeys, [KEY], 'a key may have a comma in it')
  assert.deepEqual(config.commands.after, ['echo a, b'])
  assert.equal(config.ssh.enabled, true)
  const disks = config.datastores[0]?.disks
  assert.ok(disks !== undefined && disks !== 'boot')
  assert.deepEqual(
    disks.map(({ serial, model, minSize, device }) => serial ?? device ?? `${model} ${minSize}`),
    ['naa.600508b1001c0042', 'S3Z8NB0K', 'PM983 960000000000'],
  )
})

describe('the network of the management is', () => {
  const three = [{ link: 'a' }, { link: 'b', address: '192.0.2.1/24', gateway: '192.0.2.254' }, { link: 'b' }]
  const chosen = (networks: readonly Json[]) =>
    readHostConfig([{ links: [CARD, OTHER], networks }]).networks.map(({ management }) => management)

  test('the one that is said to be', () => {
    assert.deepEqual(chosen([...three.slice(0, 2), { link: 'b', management: true }]), [false, false, true])
  })
  test('else the first with a gateway', () => assert.deepEqual(chosen(three), [false, true, false]))
  test('else the first', () => assert.deepEqual(chosen([{ link: 'a' }, { link: 'b' }]), [true, false]))
})

describe('layers', () => {
  test('are put together key by key, lists as a whole, and null unsets', () => {
    const merged = mergeConfigs([
      { dns: { servers: ['192.0.2.1'] }, hostname: null, users: [] },
      { dns: { servers: ['192.0.2.2'], search: ['example.org'] }, hostname: 'x', users: [{ name: 'y' }], ssh: true },
    ])
    const expected = { dns: { servers: ['192.0.2.1'], search: ['example.org'] }, hostname: null, users: [], ssh: true }
    assert.deepEqual(merged, expected)
    assert.equal(readHostConfig([merged]).hostname, undefined)
  })

  test('that are no objects are told', () => {
    assert.deepEqual(tryHostConfig(['x', {}]).problems, ['config must be an object'])
  })
})

const WRONG: readonly (readonly [Json, RegExp])[] = [
  [{ hostnam: 'x' }, /^config\.hostnam is no setting: did you mean config\.hostname\?/],
  [{ hostname: 'a_b' }, /^config\.hostname is "a_b"; it must be a host name/],
  [{ dns: { servers: ['192.0.2.1', 'x'] } }, /^config\.dns\.servers\[1\] is "x"; it must be an IPv4 or IPv6 address$/],
  [{ dns: ['192.0.2.1'] }, /^config\.dns must be an object$/],
  [{ links: [{ name: 'a' }] }, /^config\.links\[0\] must be an object with type nic or bond or vlan$/],
  [{ links: [{ name: 'a', type: 'nic' }] }, /^config\.links\[0\] needs a mac or a device/],
  [{ links: [{ ...CARD, speed: 1 }] }, /^config\.links\[0\]\.speed is no setting/],
  [{ links: [{ name: 'a', mac: '01:00:5e:00:00:01' }] }, /\.mac .* not of a group$/],
  [{ links: [CARD, { ...OTHER, name: 'a' }] }, /^config\.links\[1\]\.name a is the name of another link too$/],
  [{ links: [CARD, { ...CARD, name: 'b' }] }, /^config\.links\[1\]\.mac 52:54:00:00:00:01 is that of a too$/],
  [{ links: [{ type: 'vlan', name: 'v', link: 'a' }] }, /^config\.links\[0\] needs id$/],
  [{ links: [{ type: 'vlan', name: 'v', link: 'a', id: 7 }] }, /^config\.links\[0\]\.link a is no link$/],
  [
    { links: [CARD, { type: 'vlan', name: 'v', link: 'a', id: 4095 }] },
    /\.id is 4095; it must be a whole number from 1/,
  ],
  [{ links: [{ type: 'bond', name: 'z' }] }, /^config\.links\[0\] needs members/],
  [{ links: [CARD, { type: 'bond', name: 'z', members: ['a', 'c'] }] }, /\.members\[1\] c is no link$/],
  [{ links: [CARD, { type: 'bond', name: 'z', members: ['a', 'a'] }] }, /\.members\[1\] a is a card of it already$/],
  [
    { links: [CARD, { type: 'bond', name: 'z', members: 'a', mode: 'lacp' }] },
    /\.mode is "lacp"; it must be balance-rr or/,
  ],
  [
    { links: [CARD, { type: 'bond', name: 'z', members: 'a' }], networks: [{ link: 'a' }] },
    /^config\.networks\[0\]\.link a is a card of z$/,
  ],
  [{ networks: [{ method: 'dhcp' }] }, /^config\.networks\[0\] needs link$/],
  [{ networks: [{ link: 'a' }] }, /^config\.networks\[0\]\.link a is no link$/],
  [
    { links: [CARD], networks: [{ link: 'a', method: 'static' }] },
    /\.address is missing, which a static network needs$/,
  ],
  [
    { links: [CARD], networks: [{ link: 'a', address: '192.0.2.0/24' }] },
    /the address of a host, not that of the network/,
  ],
  [
    { links: [CARD], networks: [{ link: 'a', address: '192.0.2.255/24' }] },
    /the address of a host, not that of the network/,
  ],
  [{ links: [CARD], networks: [{ link: 'a', address: '192.0.2.1' }] }, /an address with its prefix/],
  [
    { links: [CARD], networks: [{ link: 'a', address: '192.0.2.1/24', gateway: '192.0.3.1' }] },
    /\.gateway 192\.0\.3\.1 is outside of 192\.0\.2\.1\/24$/,
  ],
  [
    { links: [CARD], networks: [{ link: 'a', address: '192.0.2.1/24', gateway: '2001:db8::1' }] },
    /\.gateway 2001:db8::1 is not of the same kind/,
  ],
  [
    { links: [CARD], networks: [{ link: 'a', routes: [{ to: '0.0.0.0/0', via: '192.0.2.1' }] }] },
    /\.routes\[0\]\.to .* must not lead everywhere/,
  ],
  [
    { links: [CARD], networks: [{ link: 'a', routes: [{ to: '10.0.0.1/8', via: '192.0.2.1' }] }] },
    /nothing behind its prefix of 8$/,
  ],
  [{ links: [CARD], networks: [{ link: 'a', routes: [{ to: '10.0.0.0/8' }] }] }, /\.routes\[0\] needs via$/],
  [
    {
      links: [CARD],
      networks: [
        { link: 'a', address: '192.0.2.1/24' },
        { link: 'a', address: '192.0.2.1/25' },
      ],
    },
    /^config\.networks\[1\]\.address 192\.0\.2\.1\/25 is that of networks\[0\] too$/,
  ],
  [
    {
      links: [CARD],
      networks: [
        { link: 'a', management: true },
        { link: 'a', management: true },
      ],
    },
    /^config\.networks have 2 with management/,
  ],
  [{ portGroups: [{ name: 'VMs', link: 'a' }] }, /^config\.portGroups\[0\]\.link a is no link$/],
  [{ root: { sshKeys: ['rsa x'] } }, /^config\.root\.sshKeys\[0\] .* must be a public key/],
  [{ users: [{ name: 'root' }] }, /^config\.users\[0\] is root, who has a place of his own/],
  [{ users: [{ admin: true }] }, /^config\.users\[0\] needs a name$/],
  [{ datastores: [{ name: 'x' }] }, /^config\.datastores\[0\] needs disks/],
  [{ datastores: [{ name: 'x', disks: 'boot', wipe: 'zero' }] }, /wipe does not go with that$/],
  [{ datastores: [{ name: 'x', disks: [{}] }] }, /\.disks\[0\] needs a serial, model, minSize or device$/],
  // One that is looked for by nothing would be any disk.
  [
    { datastores: [{ name: 'x', disks: [{ serial: null }] }] },
    /\.disks\[0\] needs a serial, model, minSize or device$/,
  ],
  [{ datastores: [{ name: 'x', disks: [{ serial: '' }] }] }, /\.serial is ""; it must be a text that is not empty$/],
  [{ links: [{ name: 'a', type: 'nic', mac: null }] }, /^config\.links\[0\] needs a mac or a device/],
  [{ users: [{ name: null, admin: true }] }, /^config\.users\[0\] needs a name$/],
  [{ portGroups: [{ name: 'VMs', link: null }] }, /^config\.portGroups\[0\] needs link$/],
  [{ files: [{ path: '/a/../b' }] }, /\.path .* without \.\. in it$/],
  [{ certificate: {} }, /^config\.certificate needs a certificate and its key$/],
  [{ kernelSettings: { 'a b': 1 } }, /^config\.kernelSettings\.a b is no name of a setting$/],
]

describe('it says by path what is wrong', () => {
  for (const [config, expected] of WRONG) {
    test(JSON.stringify(config), () => {
      const { problems } = tryHostConfig([config])
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', expected)
      assert.throws(() => readHostConfig([config]), { name: 'ProvisionError', message: expected })
    })
  }
})

test('no password and no key is ever repeated in a message', () => {
  const secret = 'hunter2hunter2'
  const { problems } = tryHostConfig([
    {
      root: { passwordHash: secret },
      users: [{ name: 'x', passwordHash: secret }],
      certificate: { certificate: secret, key: secret },
    },
  ])
  assert.equal(problems.length, 4)
  assert.ok(!problems.join().includes(secret))
})

test('anything at all is read or refused in words', () => {
  const keys = [...CONFIG_KEYS, 'name', 'mac', 'type', 'link', 'id', 'members', 'address', 'servers', 'disks'] as const
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>('nic', 'bond', 'vlan', 'a', '192.0.2.1/24', 'boot', null, true, 7, '', '52:54:00:00:00:01'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 }),
    ),
  }))
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 3 }), (layers) => {
      const { problems } = tryHostConfig(layers)
      for (const problem of problems) assert.match(problem, /^config\b/)
    }),
    { numRuns: runs(2000) },
  )
})
