import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { parse } from 'yaml'
import { CONFIG_KEYS, tryHostConfig } from '../../../src/core/config/read-config.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../src/core/json.ts'
import { networkConfigs, systemConfigs } from '../../support/host-config.ts'
import { runs } from '../../support/runs.ts'

const docs = new URL('../../../docs/', import.meta.url)
const SCHEMA: JsonObject = JSON.parse(readFileSync(new URL('host-config.schema.json', docs), 'utf8'))
const accepts = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(SCHEMA)

/** Whether the reader takes it: it also sees how the parts fit together, which the schema does not. */
const isRead = (config: Json) => tryHostConfig([config]).problems.length === 0

const HASH = `$6$salt$${'x'.repeat(86)}`
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me@example.org, lab'
const PEM = (what: string) => `-----BEGIN ${what}-----\nMIIB\n-----END ${what}-----\n`

/** Every key there is, each with a value. */
const WHOLE = {
  hostname: 'esx01',
  domain: 'example.org',
  timezone: 'America/Argentina/Ushuaia',
  dns: { servers: ['192.0.2.53', '2001:db8::53'], search: ['example.org'] },
  ntp: { servers: ['pool.ntp.org', '192.0.2.1', '::1'] },
  links: [
    { name: 'a', type: 'nic', mac: '52:54:00:AA:00:01', mtu: 9000, vswitch: 'vSwitch0' },
    { name: 'b', mac: '01-52-54-00-aa-00-02' },
    { name: 'c', type: 'nic', device: 'vmnic2' },
    { name: 'd', mac: '525400aa0004' },
    { name: 'e', mac: '5254.00aa.0005' },
    { name: 'team', type: 'bond', members: ['a', 'b'], mode: '802.3ad', mac: null, mtu: 1500, vswitch: 'My switch' },
    {
      name: 'team.20',
      type: 'vlan',
      link: 'team',
      id: 20,
      mac: '52:54:00:aa:00:07',
      vmkMac: 'auto',
      mtu: null,
      vswitch: null,
    },
  ],
  networks: [
    {
      ...{ link: 'team', method: 'static', address: '192.0.2.10/24', gateway: '192.0.2.1', management: true },
      routes: [{ to: '10.0.0.0/8', via: '192.0.2.2' }],
      dns: { servers: '192.0.2.53,192.0.2.54', search: 'example.org' },
      portGroup: 'Management Network',
    },
    { link: 'c' },
    { link: 'd', method: 'slaac' },
    { link: 'team.20', address: '2001:db8::10/64', gateway: 'fe80::1' },
  ],
  portGroups: [{ name: 'VM Network', link: 'team' }],
  root: { passwordHash: HASH, sshKeys: KEY },
  users: [{ name: 'ops', description: 'Ops', admin: true, passwordHash: HASH, sshKeys: [KEY] }],
  ssh: true,
  shell: { enabled: false },
  syslog: { servers: ['udp://192.0.2.9:514', 'ssl://[2001:db8::9]', 'loghost'] },
  certificate: { certificate: PEM('CERTIFICATE'), key: PEM('RSA PRIVATE KEY') },
  licence: '00000-11111-22222-AAAAA-bbbbb',
  datastores: [
    { name: 'datastore1', disks: 'boot' },
    { name: 'fast', disks: ['naa.600508b1001c0042', 'S3Z8NB0K'], wipe: 'superblock' },
    { name: 'big', disks: { serial: 'X', model: 'PM983', minSize: '1.92 TB', device: 'eui.1' }, wipe: null },
    { name: 'one', disks: 'S3Z8NB0L' },
    { name: 'sized', disks: [{ minSize: 480000000000 }] },
  ],
  kernelSettings: { 'vm.swappiness': 10, iovDisableIR: true, x: 'y' },
  advancedSettings: { '/UserVars/SuppressShellWarning': 1 },
  files: [{ path: '/etc/motd', content: 'hello\nworld\n', mode: '644' }],
  commands: { before: ['echo a, b'], after: 'echo c' },
}

const WITH_NULLS = Object.fromEntries(CONFIG_KEYS.map((key) => [key, null]))

describe('the schema and the reader both take', () => {
  for (const [name, config] of Object.entries({ 'all there is': WHOLE, nothing: {}, nulls: WITH_NULLS })) {
    test(name, () => {
      assert.deepEqual(tryHostConfig([config]).problems, [])
      assert.ok(accepts(config), JSON.stringify(accepts.errors))
      assert.ok(accepts({ rack: 'b4', config }), 'as a part of metadata too')
    })
  }

  test('whatever is right', () => {
    fc.assert(
      fc.property(networkConfigs, systemConfigs, (networks, system) => {
        const config = { ...networks, ...system }
        assert.ok(isRead(config), tryHostConfig([config]).problems.join('\n'))
        assert.ok(accepts(config), JSON.stringify(accepts.errors))
      }),
    )
  })
})

test('the schema takes all descriptions in the documentation that are of our own form', () => {
  const text = readFileSync(new URL('host-configuration.md', docs), 'utf8')
  const examples = [...text.matchAll(/^```yaml\n(?!#cloud-config\n)([\s\S]*?)^```/gm)].map(([, yaml = '']) =>
    parse(yaml),
  )
  const own = examples.filter(
    (one) => CONFIG_KEYS.some((key) => key in (one.config ?? one)) && !('storage' in one) && !('version' in one),
  )
  assert.ok(own.length > 0)
  for (const one of own) assert.ok(accepts(one), JSON.stringify(accepts.errors))
})

test('the schema knows every key that the reader knows, and no other', () => {
  const compared = compareKeys((inner) => inner, 'config', resolve({ $ref: '#/$defs/config' }))
  // Found by asking the reader at each place. Fewer would mean that it was not asked right.
  for (const path of ['config', 'config.links[0]', 'config.networks[0].routes[0]', 'config.datastores[0].disks[0]'])
    assert.ok(compared.includes(path), `${path} was compared`)
})

/** Compares the keys of an object and of all objects in it. @returns the paths of what was compared */
function compareKeys(around: (inner: Json) => Json, path: string, schema: JsonObject): readonly string[] {
  const types = path === 'config.links[0]' ? ['nic', 'bond', 'vlan'] : [undefined]
  return types.flatMap((type) => {
    const named: JsonObject = type === undefined ? {} : { type }
    const branch = type === undefined ? schema : resolve({ $ref: `#/$defs/${type}` })
    const keys = keysAt(around({ ...named, '?': 1 }), path)
    if (keys === undefined) return []
    const known = Object.keys(isJsonObject(branch['properties']) ? branch['properties'] : {})
    // Made a hash of before anything is read.
    const inReader = path === 'config.root' || path === 'config.users[0]' ? [...keys, 'password'] : keys
    assert.deepEqual(known.toSorted(), inReader.toSorted(), `at ${path} ${type ?? ''}`)
    const below = keys.flatMap((key) => {
      const inner = resolve(propertyOf(branch, key))
      const inside = (value: Json) => around({ ...named, [key]: value })
      const alone = compareKeys(inside, `${path}.${key}`, inner)
      const isList = isJsonObject(inner['items'])
      return isList
        ? compareKeys((value) => inside([value]), `${path}.${key}[0]`, resolve(inner['items'] ?? null))
        : alone
    })
    return [path, ...below]
  })
}

/** The keys that the reader knows at a place; `undefined` when there is no object. */
function keysAt(config: Json, path: string): readonly string[] | undefined {
  const found = tryHostConfig([config]).problems.find((problem) => problem.startsWith(`${path}.? is no setting`))
  return / There are (.*)$/.exec(found ?? '')?.[1]?.split(', ')
}

function propertyOf(schema: JsonObject, key: string): Json {
  const { properties } = schema
  return isJsonObject(properties) ? (properties[key] ?? {}) : {}
}

function resolve(schema: Json): JsonObject {
  assert.ok(isJsonObject(schema))
  const { $ref, ...own } = schema
  if (typeof $ref !== 'string') return schema
  const { $defs } = SCHEMA
  const found = isJsonObject($defs) ? $defs[$ref.replace('#/$defs/', '')] : undefined
  assert.ok(isJsonObject(found), $ref)
  return { ...found, ...own }
}

const CARD = { name: 'a', mac: '52:54:00:00:00:01' }

const WRONG: readonly Json[] = [
  ...['text', [], 7],
  { hostnam: 'x' },
  { hostname: 'a_b' },
  { hostname: 'a'.repeat(64) },
  { timezone: 'Berlin, Europe' },
  { dns: ['192.0.2.1'] },
  { dns: { server: '192.0.2.1' } },
  { dns: { servers: ['ns.example.org'] } },
  { dns: { servers: ['192.0.2.256'] } },
  { ntp: 'pool.ntp.org' },
  { networks: ' ' },
  { ntp: { servers: ['a b'] } },
  { syslog: { servers: ['http://192.0.2.1'] } },
  { links: [{ name: 'a' }] },
  { links: [{ name: 'a', type: 'nic' }] },
  { links: [{ name: 'a', mac: null }] },
  { links: [{ name: 'a', type: 'nic', mac: null, device: null }] },
  { links: [{ name: 'a', device: 'vmnic0' }] },
  { links: [{ name: null, mac: CARD.mac }] },
  { links: [{ mac: CARD.mac }] },
  { links: [{ ...CARD, name: 'a b' }] },
  { links: [{ ...CARD, type: 'bridge' }] },
  { links: [{ ...CARD, speed: 1 }] },
  { links: [{ ...CARD, mtu: 10 }] },
  { links: [{ ...CARD, mtu: '9000' }] },
  { links: [{ ...CARD, mtu: 1500.5 }] },
  { links: [{ name: 'a', mac: '01:00:5e:00:00:01' }] },
  { links: [{ name: 'a', mac: '52:54:00:00:01' }] },
  { links: [CARD, { type: 'vlan', name: 'v', link: 'a' }] },
  { links: [CARD, { type: 'vlan', name: 'v', link: 'a', id: null }] },
  { links: [CARD, { type: 'vlan', name: 'v', link: 'a', id: 4095 }] },
  { links: [CARD, { type: 'vlan', name: 'v', id: 1 }] },
  { links: [CARD, { type: 'vlan', name: 'v', link: 'a', id: 1, vmkMac: 'own' }] },
  { links: [{ ...CARD, vmkMac: 'auto' }] },
  { links: [CARD, { type: 'bond', name: 'z' }] },
  { links: [CARD, { type: 'bond', name: 'z', members: [] }] },
  { links: [CARD, { type: 'bond', name: 'z', members: ['a'], mode: 'lacp' }] },
  { links: [CARD, { type: 'bond', name: 'z', members: ['a'], device: 'vmnic0' }] },
  { links: [CARD], networks: [{ method: 'dhcp' }] },
  { links: [CARD], networks: [{ link: 'a', method: 'auto' }] },
  { links: [CARD], networks: [{ link: 'a', method: 'static' }] },
  { links: [CARD], networks: [{ link: 'a', method: 'dhcp', address: '192.0.2.1/24' }] },
  { links: [CARD], networks: [{ link: 'a', address: '192.0.2.1' }] },
  { links: [CARD], networks: [{ link: 'a', address: '192.0.2.1/24', gateway: 'router' }] },
  { links: [CARD], networks: [{ link: 'a', routes: [{ to: '10.0.0.0/8' }] }] },
  { links: [CARD], networks: [{ link: 'a', routes: [{ to: '10.0.0.0/8', via: null }] }] },
  { links: [CARD], networks: [{ link: 'a', management: 'yes' }] },
  { links: [CARD], portGroups: [{ name: 'VMs' }] },
  { links: [CARD], portGroups: [{ name: null, link: 'a' }] },
  { links: [CARD], portGroups: [{ name: ' VMs', link: 'a' }] },
  { root: { sshKeys: ['rsa x'] } },
  { root: { passwordHash: 'secret' } },
  { root: { name: 'root' } },
  { users: [{ name: 'root' }] },
  { users: [{ name: 'Ops' }] },
  { users: [{ name: null, admin: true }] },
  { users: [{ admin: true }] },
  { ssh: 'on' },
  { ssh: { enable: true } },
  { certificate: {} },
  { certificate: { certificate: PEM('CERTIFICATE'), key: null } },
  { certificate: { certificate: 'x', key: 'y' } },
  { licence: '12345' },
  { datastores: [{ name: 'x' }] },
  { datastores: [{ name: 'x', disks: null }] },
  { datastores: [{ name: 'x', disks: [] }] },
  { datastores: [{ disks: 'boot' }] },
  { datastores: [{ name: 'x', disks: 'boot', wipe: 'zero' }] },
  { datastores: [{ name: 'x', disks: ['A'], wipe: 'all' }] },
  { datastores: [{ name: 'x', disks: [{}] }] },
  { datastores: [{ name: 'x', disks: [''] }] },
  { datastores: [{ name: 'x', disks: [{ minSize: 'large' }] }] },
  { datastores: [{ name: 'x', disks: [{ size: '1TB' }] }] },
  { kernelSettings: { 'a b': 1 } },
  { kernelSettings: { a: [1] } },
  { advancedSettings: 'x' },
  { files: [{ path: '/a/../b' }] },
  { files: [{ path: 'a' }] },
  { files: [{ path: null, content: 'x' }] },
  { files: [{ path: '/a', mode: '0999' }] },
  { files: [{ path: '/a', mode: 644 }] },
  { commands: ['reboot'] },
  { commands: { after: [7] } },
]

describe('the schema and the reader both refuse', () => {
  for (const config of WRONG) {
    test(JSON.stringify(config).slice(0, 120), () => {
      assert.equal(accepts(config), false, 'the schema')
      assert.equal(isRead(config), false, 'the reader')
    })
  }
})

/** Every place in a description, as the keys to it. */
function placesIn(value: Json): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]]
  return [[], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((place) => [key, ...place]))]
}

function replaced(value: Json, [key, ...rest]: readonly string[], by: Json): Json {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((inner, at) => (String(at) === key ? replaced(inner, rest, by) : inner))
  return isJsonObject(value) ? { ...value, [key]: replaced(value[key] ?? null, rest, by) } : value
}

test('the schema refuses nothing that the reader takes', () => {
  const places = placesIn(WHOLE)
  const odd = fc.oneof(
    fc.constantFrom<Json>(
      null,
      true,
      false,
      0,
      1,
      1500,
      -1,
      1.5,
      'a',
      'x y',
      'boot',
      'nic',
      'bond',
      '192.0.2.7',
      '::1',
    ),
    fc.constantFrom<Json>(
      '192.0.2.7/24',
      '52:54:00:00:00:09',
      'S3Z8',
      [],
      {},
      ['a'],
      [null],
      [{}],
      { x: 1 },
      KEY,
      HASH,
    ),
    fc.jsonValue({ maxDepth: 1 }).filter((value) => value !== '') as fc.Arbitrary<Json>,
  )
  fc.assert(
    fc.property(fc.constantFrom(...places), odd, (place, by) => {
      const config = replaced(WHOLE, place, by)
      if (isRead(config)) assert.ok(accepts(config), JSON.stringify(accepts.errors))
    }),
    { numRuns: runs(2000) },
  )
})
