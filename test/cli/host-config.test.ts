import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isJsonObject } from '../../src/core/json.ts'
import { host, type Place, place } from './program.ts'

const NETPLAN = `network:
  version: 2
  ethernets:
    a: {match: {macaddress: "52:54:00:00:00:01"}, addresses: [192.0.2.10/24], dhcp6: yes}
`

async function put(here: Place, files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(here.folder, path, '..'), { recursive: true })
    await writeFile(join(here.folder, path), text)
  }
}

async function configOf(here: Place) {
  const config = (await here.hosts())[0]?.metadata['config']
  return config !== undefined && isJsonObject(config) ? config : {}
}

describe('a host is described by a file or folder in any form', () => {
  const forms: readonly (readonly [string, string, { readonly [path: string]: string }, RegExp])[] = [
    ['own YAML', 'h.yaml', { 'h.yaml': 'hostname: web01\nnetworks: []\n' }, /is read as a description of our own form/],
    ['own YAML below its key', 'h.yaml', { 'h.yaml': 'config:\n  hostname: web01\n' }, /our own form/],
    ['netplan', 'n.yaml', { 'n.yaml': NETPLAN }, /is read as netplan/],
    [
      'network config v1',
      'v1.yaml',
      { 'v1.yaml': 'version: 1\nconfig:\n  - {type: physical, name: a, subnets: [{type: dhcp}]}\n' },
      /network config v1/,
    ],
    ['user data', 'user-data', { 'user-data': '#cloud-config\nhostname: web01\npackages: [vim]\n' }, /cloud-init seed/],
    [
      'a seed',
      'seed',
      {
        'seed/meta-data': 'local-hostname: web01\n',
        'seed/network-config': NETPLAN,
        'seed/user-data': '#!/bin/sh\necho hi\n',
      },
      /is read as a cloud-init seed/,
    ],
    [
      'a config drive',
      'drive',
      {
        'drive/openstack/latest/meta_data.json': '{"uuid": "x", "hostname": "web01", "admin_pass": "Top-S3cret.x"}',
        'drive/openstack/latest/network_data.json': '{"links": [], "networks": []}',
      },
      /is read as an OpenStack config drive/,
    ],
    [
      'network_data.json alone',
      'network_data.json',
      { 'network_data.json': '{"links": [], "networks": []}' },
      /OpenStack/,
    ],
  ]
  for (const [what, path, files, said] of forms) {
    test(what, async (t) => {
      const here = await place(t)
      await here.addHosts(host(1))
      await put(here, files)
      const { code, stderr, stdout } = await here.editHost('-i', '1', '--config', path)
      assert.equal(code, 0, stderr)
      assert.match(stderr, said)
      assert.match(stdout, /config/)
      const config = JSON.stringify(await configOf(here))
      assert.ok(!config.includes('Top-S3cret.x'))
      if (JSON.stringify(files).includes('web01')) assert.match(config, /"hostname":"web01"/)
    })
  }
})

test('keys beside the description are told to be left out', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  await put(here, { 'h.yaml': 'rack: b4\nconfig: {hostname: web01}\n' })
  const { stderr } = await here.editHost('-i', '1', '--config', 'h.yaml')
  assert.match(stderr, /warning: rack is no part of the description, and is left out\n/)
  assert.deepEqual((await here.hosts())[0]?.metadata, { config: { hostname: 'web01' } })
})

test('a clear password is kept and shown by nothing, its hash to nobody', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  await put(here, { 'h.yaml': 'root: {password: Top-S3cret.x}\nusers: [{name: ops, password: weakweak}]\n' })
  const { code, stdout, stderr } = await here.editHost('-i', '1', '--config', 'h.yaml')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /warning: the password of ops is weak/)
  const shown = await here.editHost('-i', '1', '--show-config')
  assert.match(shown.stdout, /config\.root\.passwordHash +\(set\) +this host/)
  const all = [
    stdout,
    stderr,
    shown.stdout,
    JSON.stringify(await here.hosts()),
    (await here.editHost('-lll')).stdout,
  ].join()
  assert.ok(!/Top-S3cret|weakweak/.test(all))
  assert.match(JSON.stringify(await configOf(here)), /"passwordHash":"\$6\$/)
})

test('a clear password in metadata is a hash when it is kept, and one on a command line is warned of', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2))
  await put(here, { 'h.yaml': 'config: {root: {password: weakweak}}\n' })
  const both = await here.editHost('-i', '1', '-i', '2', '-m', '@h.yaml')
  assert.equal(both.code, 0, both.stderr)
  assert.equal(both.stderr.match(/warning: the password of root is weak/g)?.length, 1)
  const typed = await here.editHost('-i', '2', '--set', 'config.root.password=Top-S3cret.x')
  assert.match(typed.stderr, /^warning: others can read a password on a command line/)
  const set = await here.metalspray('defaults', '--set', 'config.root.password=weakweak')
  assert.match(set.stderr, /others can read[\s\S]*warning: the password of root is weak/)
  assert.match((await here.metalspray('defaults')).stdout, /config\.root\.passwordHash +\(set\)/)
  const hosts = await here.hosts()
  assert.ok(
    hosts.every(({ metadata }) => JSON.stringify(metadata).startsWith('{"config":{"root":{"passwordHash":"$6$')),
  )
  const events = await here.editHost('--events')
  assert.ok(!/weakweak|Top-S3cret/.test(JSON.stringify([both, typed, set, hosts, events])))
})

describe('vendor data are read as what the user may say otherwise', () => {
  const vendor = '#cloud-config\nntp: {servers: [192.0.2.1]}\ntimezone: UTC\npackages: [vim]\n'
  const sources: { readonly [name: string]: { readonly [path: string]: string } } = {
    'of a seed': { 'd/user-data': '#cloud-config\ntimezone: Europe/Berlin\n', 'd/vendor-data': vendor },
    'of a config drive, below cloud-init': {
      'd/openstack/latest/meta_data.json': '{"uuid": "x"}',
      'd/openstack/latest/user_data': '#cloud-config\ntimezone: Europe/Berlin\n',
      'd/openstack/latest/vendor_data.json': JSON.stringify({ 'cloud-init': vendor, rack: 'b4' }),
    },
  }
  for (const [what, files] of Object.entries(sources)) {
    test(what, async (t) => {
      const here = await place(t)
      await here.addHosts(host(1))
      await put(here, files)
      const { code, stderr } = await here.editHost('-i', '1', '--config', 'd')
      assert.equal(code, 0, stderr)
      assert.match(stderr, /^warning: \S*vendor\S*\.packages means nothing here, and is left out$/m)
      assert.equal(/vendor_data\.json\.rack means nothing/.test(stderr), what.includes('drive'))
      assert.deepEqual(await configOf(here), { ntp: { servers: ['192.0.2.1'] }, timezone: 'Europe/Berlin' })
    })
  }
})

test('what a host is to be is shown with who says so', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  await here.metalspray('defaults', '--set', 'config.ntp.servers=192.0.2.1', '--set', 'config.timezone=UTC')
  await here.editHost('-i', '1', '--set', 'config.hostname=web01', '--set', 'config.timezone=Europe/Berlin')
  const { stdout } = await here.editHost('-i', '1', '--show-config')
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
  assert.deepEqual(rows.slice(1, 4), [
    ['config.hostname', 'web01', 'this host'],
    ['config.ntp.servers', '192.0.2.1', 'all hosts'],
    ['config.timezone', 'Europe/Berlin', 'this host'],
  ])
  const json = JSON.parse((await here.editHost('-i', '1', '--show-config', '--json')).stdout)
  assert.deepEqual(json.settings[1], { path: 'config.ntp.servers', value: '192.0.2.1', from: 'all hosts' })
})

describe('what is wrong is refused in words, and changes nothing', () => {
  const wrong: readonly (readonly [string, { readonly [path: string]: string }, RegExp])[] = [
    ['nothing.yaml', {}, /^error: "nothing\.yaml" does not exist/],
    ['x.yaml', { 'x.yaml': 'a: [' }, /x\.yaml is no YAML: .* at line 1/],
    ['x.yaml', { 'x.yaml': 'color: red' }, /x\.yaml is in no form that is known/],
    ['x.yaml', { 'x.yaml': 'hostname: a_b' }, /config\.hostname is "a_b"; it must be a host name/],
    ['x.yaml', { 'x.yaml': 'root: {password: short}' }, /the password of root has 5 characters/],
    ['x.yaml', { 'x.yaml': 'network: {version: 2, bridges: {br0: {}}}' }, /bridges cannot be made/],
    ['d', { 'd/a': 'x', 'd/b': 'y' }, /holds no description of a host that is known/],
  ]
  for (const [path, files, message] of wrong) {
    test(`${path}: ${JSON.stringify(files)}`, async (t) => {
      const here = await place(t)
      await here.addHosts(host(1))
      await put(here, files)
      const { code, stderr } = await here.editHost('-i', '1', '--config', path)
      assert.equal(code, 1, stderr)
      assert.match(stderr, message)
      assert.deepEqual((await here.hosts())[0]?.metadata, {})
    })
  }
})
