import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { parseYaml } from '../../../../src/commands/config/parse-yaml.ts'
import { fromCloudConfig } from '../../../../src/core/config/from/cloud-config.ts'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me'
const HASH = `$6$salt$${'x'.repeat(86)}`

test('names, users, keys, NTP, files and commands are taken over', () => {
  const { config, warnings } = fromCloudConfig(
    parse(`
hostname: esx01
fqdn: esx01.example.org
timezone: Europe/Berlin
ssh_authorized_keys: ['${KEY}']
users:
  - default
  - name: ops
    gecos: Operators
    sudo: ALL=(ALL) NOPASSWD:ALL
    passwd: '${HASH}'
    ssh_authorized_keys: '${KEY}'
  - name: root
    ssh_authorized_keys: ['${KEY} too']
ntp: {enabled: true, servers: [192.0.2.1], pools: [pool.ntp.org]}
write_files:
  - {path: /etc/motd, content: hello, permissions: '0600', owner: 'root:root'}
  - {path: /etc/b, content: aGVsbG8g4oKs, encoding: b64}
bootcmd: [echo first]
runcmd:
  - echo a, b
  - [echo, "it's", 7]
`),
  )
  assert.deepEqual(warnings, [])
  const host = readHostConfig([config])
  assert.equal(host.hostname, 'esx01.example.org')
  assert.deepEqual(host.ntp.servers, ['192.0.2.1', 'pool.ntp.org'])
  assert.deepEqual(host.root.sshKeys, [`${KEY} too`, KEY])
  assert.deepEqual(host.users, [
    { name: 'ops', description: 'Operators', admin: true, passwordHash: HASH, sshKeys: [KEY] },
  ])
  assert.deepEqual(host.files, [
    { path: '/etc/motd', content: 'hello', mode: '0600' },
    { path: '/etc/b', content: 'hello €', mode: '0644' },
  ])
  assert.deepEqual(host.commands, { before: ['echo first'], after: ['echo a, b', `echo 'it'\\''s' 7`] })
})

describe('passwords', () => {
  const of = (chpasswd: string, more = '') => fromCloudConfig(parse(`chpasswd: ${chpasswd}\n${more}`))

  test('are taken as lines, as a list and as objects; those in clear text are told apart from hashes', () => {
    assert.deepEqual(of(`{list: "root:secret\\nops:${HASH}\\n"}`, 'users: [ops]').config, {
      root: { password: 'secret' },
      users: [{ name: 'ops', passwordHash: HASH }],
    })
    assert.deepEqual(of(`{list: ['root:a:b']}`).config, { root: { password: 'a:b' } })
    assert.deepEqual(of(`{users: [{name: root, password: x, type: text}]}`).config, { root: { password: 'x' } })
    assert.deepEqual(of(`{users: [{name: root, password: '${HASH}'}]}`).config, { root: { passwordHash: HASH } })
  })

  test('of nobody are told, random ones refused', () => {
    assert.match(of(`{list: ['who:x']}`).warnings.join(), /names who, who is none of the users/)
    assert.throws(() => of(`{list: ['root:RANDOM']}`), /random password, which nobody would be told/)
    assert.throws(() => of(`{users: [{name: root, type: RANDOM}]}`), /RANDOM/)
    assert.throws(() => of(`{list: ['root']}`), /must have lines like NAME:PASSWORD/)
  })
})

test('what is put behind the end of a file is a command, and permissions may be a number', () => {
  const files = '[{path: /a, content: "it\'s\\n", append: true}, {path: /b, content: !!binary aGk=, permissions: 0600}]'
  const { config, warnings } = fromCloudConfig(parseYaml(`{write_files: ${files}, runcmd: [ls]}`, 'x', '1.1'))
  assert.deepEqual(warnings, [])
  const { files: written, commands } = readHostConfig([config])
  assert.deepEqual(written, [{ path: '/b', content: 'hi', mode: '0600' }])
  assert.equal(commands.after.length, 2)
  const [command = ''] = commands.after
  assert.equal(spawnSync('sh', ['-c', command.replace('>>/a', '')], { encoding: 'utf8' }).stdout, "it's\n")
})

test('what is not possible is named', () => {
  const { warnings } = fromCloudConfig(
    parse(
      `{packages: [vim], password: secret, users: [{name: a, groups: wheel}], write_files: [{path: /a, owner: a}, {path: /b, encoding: gz}]}`,
    ),
  )
  assert.deepEqual(warnings.toSorted(), [
    'user-data.packages means nothing here, and is left out',
    'user-data.password means nothing here, and is left out',
    'user-data.users[0].groups means nothing here, and is left out',
    "user-data.write_files[0].owner a is not possible: /a is root's",
    'user-data.write_files[1].encoding gz is none of text/plain, base64: /b is left out',
  ])
  assert.throws(
    () => fromCloudConfig(parse('{write_files: [{path: /a, content: "@", encoding: b64}]}')),
    /is no text in base64/,
  )
  assert.throws(() => fromCloudConfig(parse('{runcmd: [{a: 1}]}')), /runcmd\[0\] must be a command/)
  assert.throws(() => fromCloudConfig('x'), /user-data must be an object/)
})
