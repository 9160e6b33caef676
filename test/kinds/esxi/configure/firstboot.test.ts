import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { makeKickstart, tryKickstart } from '../../../../src/kinds/esxi/kickstart/make.ts'
import { parseKickstart } from '../../../../src/kinds/esxi/kickstart/parse.ts'
import { makeModule } from '../../../../src/kinds/esxi/module/module.ts'
import { BOOTID } from '../../../render/fixture.ts'
import { CAN_RUN, esxiShell, find, listen } from '../kickstart/esxi-shell.ts'
import { installRequest } from '../kickstart/fixture.ts'
import { mac } from './cases/case.ts'
import { simulatedHost } from './simulated-host.ts'

const CONFIG = {
  hostname: 'esx1',
  links: [
    { type: 'nic', name: 'eno1', mac: mac(0) },
    { type: 'nic', name: 'eno2', mac: mac(1) },
    { type: 'bond', name: 'bond0', members: ['eno1', 'eno2'], mode: 'active-backup' },
    { type: 'vlan', name: 'bond0.30', link: 'bond0', id: 30 },
  ],
  networks: [
    { link: 'bond0', method: 'static', address: '10.0.0.9/24', gateway: '10.0.0.1', management: true },
    { link: 'bond0.30', method: 'static', address: '10.30.0.9/24' },
  ],
  kernelSettings: { iovDisableIR: true },
  files: [{ path: '/etc/motd', content: 'Zürich\n' }],
}

const skip = CAN_RUN && find('tar') !== undefined ? false : 'needs busybox, python3 and tar'

describe('from the metadata module into the installed system', { skip }, () => {
  test('the first boot makes the host what its description says', async (t) => {
    const server = await listen(t)
    const request = installRequest({ base: server.base, description: [CONFIG], mac: mac(0) })
    const host = simulatedHost(t)
    const { root } = host
    mkdirSync(join(root, 'bootbank'))
    writeFileSync(join(root, 'module.tgz'), await makeModule(request))
    execFileSync('tar', ['-xzf', join(root, 'module.tgz'), '-C', root])

    const shell = esxiShell(t)
    for (const name of ['esxcli', 'vim-cmd', 'chkconfig', 'partedUtil', 'vmkfstools']) {
      const set = Object.entries(host.env).map(([key, value]) => `export ${key}=${value}\n`)
      shell.program(name, `#!/bin/sh\n${set.join('')}exec ${join(root, 'bin', name)} "$@"\n`)
    }
    for (const name of ['tar', 'gzip', 'rm']) shell.program(name, `#!/bin/sh\nexec ${find(name)} "$@"\n`)
    shell.program('auto-backup.sh', '#!/bin/sh\n')
    // The installer's and the host's own places are below one folder here, and so are the host's files for the program.
    writeFileSync(join(root, 'sbin/auto-backup.sh'), '#!/bin/sh\n')
    const { scripts } = parseKickstart(await makeKickstart(request))
    const run = (name: string) => {
      const body = scripts.find((script) => script.name === name)?.body ?? assert.fail(`no ${name}`)
      const moved = body
        .replaceAll('/vmfs/volumes/BOOTBANK1/', `${root}/bootbank/`)
        .replaceAll(' /bootbank/', ` ${root}/bootbank/`)
        .replaceAll('-C / ', `-C ${root} `)
        .replaceAll('/tmp/reboot-metalspray', `${root}/tmp/reboot-metalspray`)
        .replaceAll('configure apply', `configure apply --root ${root}`)
      assert.notEqual(moved, body)
      return shell.run(moved)
    }

    const kept = await run('%post')
    assert.equal(kept.status, 0, kept.output)
    assert.ok(existsSync(join(root, 'bootbank/metalspr.tgz')))
    execFileSync('rm', ['-r', join(root, 'metalspray')])

    const booted = await run('%firstboot')
    assert.equal(booted.status, 0, booted.output)
    const { switches, groups, vmks, kernel } = host.state()
    assert.deepEqual(
      switches.map(({ name, active, balancing }) => [name, active, balancing]),
      [['vSwitch0', ['vmnic0', 'vmnic1'], 'explicit']],
    )
    assert.equal(groups.find(({ name }) => name === 'bond0.30')?.vlan, 30)
    assert.deepEqual(
      vmks.map(({ name, ipv4 }) => [name, ipv4.address]),
      [
        ['vmk0', '10.0.0.9'],
        ['vmk1', '10.30.0.9'],
      ],
    )
    assert.equal(kernel['iovDisableIR']?.value, 'TRUE')
    assert.equal(host.read('/etc/motd'), 'Zürich\n')
    assert.ok(!existsSync(join(root, 'bootbank/metalspr.tgz')), 'no secret is left')
    assert.equal(shell.read('metalspray'), undefined)
    const boot = `GET /b/${BOOTID}`
    assert.ok(
      server.asked.includes(`${boot}/report?stage=configure&errno=0&text=network%3A+done`),
      server.asked.join('\n'),
    )
    assert.ok(server.asked.includes('GET /healthz'))
    assert.equal(server.asked.at(-1), `${boot}/stage/configured`)
    assert.ok(host.state().restarted.includes('host'), 'what was set for the kernel counts from the next start on')
  })

  test('an install goes on without a boot bank, and the server knows', async (t) => {
    const server = await listen(t)
    const shell = esxiShell(t)
    const { scripts } = parseKickstart(
      await makeKickstart(installRequest({ base: server.base, description: [CONFIG] })),
    )
    const body = scripts.find(({ name }) => name === '%post')?.body ?? assert.fail('no %post')
    assert.equal((await shell.run(body)).status, 0)
    assert.match(server.asked[0] ?? '', /\/report\?stage=post&text=configuration\+ended\+with\+status\+/)
  })

  test('a host that nobody described has nothing of it', async () => {
    const request = installRequest()
    assert.doesNotMatch(await makeKickstart(request), /configure\.sh|metalspr\.tgz/)
    assert.doesNotMatch(execFileSync('tar', ['-tz'], { input: await makeModule(request) }).toString(), /configure/)
  })

  test('under Secure Boot it is said what is not done', async () => {
    const request = installRequest({ esxi: { secureBoot: true }, description: [CONFIG] })
    const { text, warnings } = await tryKickstart(request)
    assert.doesNotMatch(text, /configure\.sh|metalspr\.tgz/)
    const said = warnings.find((warning) => warning.includes('Secure Boot the installer alone makes the host'))
    assert.match(said ?? '', /leaves links, networks, kernelSettings, files as they are/)
  })
})
