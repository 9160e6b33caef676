import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parseYaml } from '../../src/commands/config/parse-yaml.ts'
import { fromCloudConfig } from '../../src/core/config/from/cloud-config.ts'
import { readHostConfig } from '../../src/core/config/read-config.ts'
import type { Json } from '../../src/core/json.ts'
import { type Boot, installing, type LabServer, labServer, MACHINE } from './lab-server.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3 me'
const CONFIG = {
  hostname: 'web01.example.org',
  dns: { servers: ['192.0.2.53'] },
  links: [{ name: 'a', type: 'nic', mac: '52:54:00:00:00:01' }],
  networks: [{ link: 'a', address: '192.0.2.10/24', gateway: '192.0.2.1' }],
  root: { sshKeys: [KEY], passwordHash: `$6$salt$${'x'.repeat(86)}` },
}

async function describe(server: LabServer, config: Json): Promise<void> {
  await server.store.changeHost(1, 0, (host) => ({ host: { ...host, metadata: { config } }, events: [] }))
}

async function read(server: LabServer, { id }: Boot, name: string): Promise<Json> {
  const { statusCode, body, headers } = await server.get(`/b/${id}/${name}`)
  assert.equal(statusCode, 200, `${name}: ${body}`)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(Number(headers['content-length']), Buffer.byteLength(body))
  return parseYaml(body, name, '1.1')
}

test('a boot has what cloud-init reads, from what is set for its host, its image and all', async (t) => {
  const server = await labServer(t)
  const boot = await installing(server)
  await describe(server, CONFIG)
  await server.store.changeDefaults('demo', () => ({ config: { timezone: 'Europe/Berlin' } }))
  await server.store.changeDefaults(undefined, () => ({ config: { ntp: { servers: ['192.0.2.2'] }, timezone: 'UTC' } }))

  assert.deepEqual(await read(server, boot, 'meta-data'), {
    'instance-id': 'metalspray-1-1',
    'local-hostname': 'web01.example.org',
  })
  const { body } = await server.get(`/b/${boot.id}/user-data`)
  assert.match(body, /^#cloud-config\n/)
  const told = readHostConfig([fromCloudConfig(await read(server, boot, 'user-data')).config])
  assert.equal(told.hostname, 'web01.example.org')
  assert.equal(told.timezone, 'Europe/Berlin')
  assert.deepEqual(told.ntp.servers, ['192.0.2.2'])
  assert.deepEqual(told.root, CONFIG.root)
  assert.deepEqual(await read(server, boot, 'network-config'), {
    version: 2,
    ethernets: {
      a: {
        match: { macaddress: '52:54:00:00:00:01' },
        'set-name': 'a',
        addresses: ['192.0.2.10/24'],
        routes: [{ to: '0.0.0.0/0', via: '192.0.2.1' }],
        nameservers: { addresses: ['192.0.2.53'] },
      },
    },
  })
  assert.equal((await server.get(`/b/${boot.id}/vendor-data`)).statusCode, 200)
})

test('a host whose description does not fit together with what is set for all is held, whatever it is to get', async (t) => {
  const server = await labServer(t)
  const lan = {
    networks: [{ link: 'lan', address: '192.0.2.10/24' }],
    links: [{ name: 'lan', mac: '52:54:00:00:00:01' }],
  }
  await server.store.changeDefaults(undefined, () => ({ config: lan }))
  await installing(server)
  await describe(server, { links: [{ name: 'other', mac: '52:54:00:00:00:02' }] })
  assert.match(
    (await server.boot(MACHINE)).script,
    /demo cannot be installed: config\.networks\[0\]\.link lan is no link/,
  )
  server.later()
  await describe(server, {})
  assert.doesNotMatch((await server.boot(MACHINE)).script, /cannot be installed/)
})

test('a boot has what is on a config drive, and the host in our own form', async (t) => {
  const server = await labServer(t)
  const boot = await installing(server)
  await describe(server, CONFIG)
  assert.equal((await server.get(`/b/${boot.id}/openstack`)).body, 'latest\n')
  const meta = await read(server, boot, 'openstack/latest/meta_data.json')
  assert.deepEqual(meta, {
    uuid: '5d0b0dc2-1111-4222-8333-444455556666',
    hostname: 'web01.example.org',
    name: 'web01.example.org',
    public_keys: { key0: KEY },
  })
  const network = await read(server, boot, 'openstack/latest/network_data.json')
  assert.match(JSON.stringify(network), /"ip_address":"192\.0\.2\.10","netmask":"255\.255\.255\.0"/)
  assert.match((await server.get(`/b/${boot.id}/openstack/latest/user_data`)).body, /^#cloud-config/)
  const own = JSON.stringify(await read(server, boot, 'host.json'))
  assert.match(own, /"hostname":"web01\.example\.org"/)
  assert.match(own, /"serial":"SER-1"/)
})

test('a kernel is told of the networks of its host, before it could ask for them', async (t) => {
  const server = await labServer(t)
  const kernelOptions = 'quiet network-config=@NETWORK_CONFIG@ ds=nocloud-net;s=@BOOT@/'
  await server.put('images/demo/vmlinuz')
  await server.put('images/demo/initrd')
  await server.put('images/demo/image.json', JSON.stringify({ kind: 'linux', kernelOptions }))
  server.later()
  const told = async () => {
    const boot = await installing(server)
    return { boot, value: /quiet network-config=(\S*) ds=nocloud-net;s=/.exec(boot.script)?.[1] }
  }
  assert.equal((await told()).value, '')
  await describe(server, CONFIG)
  const { boot, value = '' } = await told()
  const config = JSON.parse(gunzipSync(Buffer.from(value, 'base64')).toString())
  assert.deepEqual(config, await read(server, boot, 'network-config'))
  await describe(server, { hostnam: 'x' })
  assert.match((await told()).boot.script, /demo cannot be installed: config\.hostnam is no setting/)
})

test('without a description a host has its name, and cloud-init finds its own way to a network', async (t) => {
  const server = await labServer(t)
  const boot = await installing(server)
  assert.deepEqual(await read(server, boot, 'meta-data'), {
    'instance-id': 'metalspray-1-1',
    'local-hostname': 'host-1',
  })
  assert.equal((await server.get(`/b/${boot.id}/network-config`)).statusCode, 404)
})

test('a description that is wrong is a refusal in words, and no other boot has the files', async (t) => {
  const server = await labServer(t)
  const boot = await installing(server)
  await describe(server, { hostnam: 'x' })
  const { statusCode, body } = await server.get(`/b/${boot.id}/user-data`)
  assert.equal(statusCode, 400)
  assert.match(body, /config\.hostnam is no setting: did you mean config\.hostname/)
  for (const name of ['user-data', 'host.json', 'openstack/latest/meta_data.json']) {
    assert.equal((await server.get(`/b/${'0'.repeat(32)}/${name}`)).statusCode, 404)
  }
  assert.equal((await server.get(`/b/${boot.id}/openstack/latest/x.json`)).statusCode, 404)
})
