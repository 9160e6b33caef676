import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { automatic, fixed, MANAGED, mac, nic } from './cases/case.ts'
import { PROGRAM, words } from './simulate.ts'
import { simulatedHost } from './simulated-host.ts'

interface Ran {
  readonly status: number
  readonly output: string
}

/** A simulated host with the configuration program as the metadata module has it, and a server. */
async function esxi(t: TestContext, config: object) {
  const host = simulatedHost(t)
  const { root } = host
  const told: string[] = []
  const server = createServer((request, response) => {
    told.push(request.url ?? '')
    response.end('ok\n')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  cpSync(PROGRAM, join(root, 'metalspray/configure'), { recursive: true })
  const input = { ...config, boot_mac: mac(0), server: { report: `${url}/b/x/report`, health: `${url}/health` } }
  writeFileSync(join(root, 'metalspray/host-config.json'), JSON.stringify(input))
  const env = { ...host.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
  const configure = (...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const command = [join(root, 'metalspray/configure'), ...args, '--root', root]
      execFile('python3', command, { env }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr })
      })
    })
  return { ...host, told, configure }
}

test('runs as ESXi runs it: its own programs, its own files, the server by HTTP', async (t) => {
  const key = 'ssh-ed25519 AAAAC3Nz ops'
  const host = await esxi(t, {
    hostname: 'esx1.example.com',
    links: [nic('eno1', 0), nic('eno2', 1, { mtu: 9000 })],
    networks: [fixed('eno1', '10.0.0.9/24', { ...MANAGED, gateway: '10.0.0.1' }), automatic('eno2', 'dhcp')],
    users: [{ name: 'ops', admin: true, passwordHash: '$6$a$b', sshKeys: [key] }],
    kernelSettings: { iovDisableIR: true },
  })
  const before = host.state()

  const planned = await host.configure('--dry-run')
  assert.equal(planned.status, 0, planned.output)
  assert.match(planned.output, /^# network: management$/m)
  assert.match(planned.output, /^esxcli system account add --id=ops .*--password=\*\*\*/m)
  assert.deepEqual(host.state().groups, before.groups)
  assert.equal(host.told.length, 0)

  const applied = await host.configure('apply')
  assert.equal(applied.status, 0, applied.output)
  const after = host.state()
  assert.deepEqual(
    after.vmks.map(({ name, group, mtu, ipv4 }) => [name, group, mtu, ipv4.type]),
    [
      ['vmk0', 'Management Network', 1500, 'STATIC'],
      ['vmk1', 'eno2', 9000, 'DHCP'],
    ],
  )
  assert.equal(after.host, 'esx1')
  assert.equal(after.firewall.enabled, true)
  assert.equal(after.backups, 1)
  assert.match(host.read('/etc/shadow'), /^ops:\$6\$a\$b:/m)
  assert.equal(host.read('/etc/ssh/keys-ops/authorized_keys'), `${key}\n`)
  assert.equal(statSync(join(host.root, 'etc/ssh/keys-ops/authorized_keys')).mode & 0o7777, 0o1600)
  assert.match(host.read('/tmp/reboot-metalspray'), /next start/)
  const log = host.read('/var/log/metalspray.log')
  assert.match(log, /Z esxcli network ip interface add --interface-name=vmk1/)
  assert.ok(!log.includes('$6$'))
  const reports = host.told.filter((url) => url.startsWith('/b/x/report?stage=configure&errno=0&text='))
  assert.deepEqual(words(reports), [
    'host name: done',
    'logins: done',
    'kernel settings: done',
    'network: is changed now',
    'network: done',
    'done',
  ])

  host.told.splice(0)
  const again = await host.configure('apply')
  assert.equal(again.status, 0, again.output)
  assert.equal(host.told.length, 0)
  assert.equal(host.state().backups, 1)
})

test('says in words what is wrong', async (t) => {
  const host = await esxi(t, {
    links: [nic('eno9', 9)],
    networks: [automatic('eno9', 'dhcp', MANAGED)],
  })
  const planned = await host.configure('plan')
  assert.equal(planned.status, 1)
  assert.match(planned.output, /^configure: eno9: no card with the address 52:54:00:00:00:09/)
  writeFileSync(join(host.root, 'metalspray/host-config.json'), '{')
  const broken = await host.configure('apply')
  assert.equal(broken.status, 2)
  assert.match(broken.output, /host-config\.json: /)
})
