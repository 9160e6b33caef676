import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

const MAC = '52:54:00:77:00:31'
const HASH = `$6$described$${'y'.repeat(86)}`
const OPTIONS = 'rd.kiwi.install.pxe console=ttyS0,115200 quiet panic=30'

/** As a KIWIspray user writes one: it is the shell of the installer that has to read every value right. */
const POST_INSTALL = `#!/bin/sh
echo name @config.hostname@ hash @config.root.passwordHash@
for server in @config.ntp.servers@; do echo server $server; done
wget -q -O - "http://@SERVER_IP@:@SERVER_PORT@/finish?id=@id@&bootid=@bootid@"
`

test('a KIWI image is told by its kernel options where its seed is, and its post-install script what the host is to be', async () => {
  const image = await kiwiImage({ name: 'seeded' })
  await using rig = await Rig.build()
  await rig.importImage('seeded', image.tarball)
  const kernelOptions = `${OPTIONS} ds=nocloud-net;s=@BOOT@/ network-config=@NETWORK_CONFIG@`
  const folder = join(rig.images, 'seeded')
  await writeFile(join(folder, 'image.json'), JSON.stringify({ kind: 'kiwi', kernelOptions }))
  await writeFile(join(folder, 'post_install.tmpl'), POST_INSTALL)
  await rig.startServer()
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: [MAC], serial: 'MS-0031' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)

  const description = join(rig.directory, 'host.json')
  const config = {
    hostname: 'web01.example.org',
    ntp: { servers: ['192.0.2.1', 'ntp.example.org'] },
    links: [{ name: 'lan', mac: MAC }],
    networks: [{ link: 'lan', address: '192.0.2.10/24', gateway: '192.0.2.1' }],
    root: { passwordHash: HASH },
  }
  await writeFile(description, JSON.stringify(config))
  await rig.editHost('-i', '1', '--config', description, '-s', 'seeded')

  const [, address = ''] = await machine.waitFor(
    /install seed nocloud-net;s=(http:\S+) has \{"instance-id":"metalspray-1-\d+","local-hostname":"web01\.example\.org"\}/,
    CEILING,
  )
  assert.match(address, /\/b\/[0-9a-f]{32}\/$/)
  const [, network = ''] = await machine.waitFor(/install network (\{.*\})\r?\n/, CEILING)
  assert.deepEqual(JSON.parse(network).ethernets.lan.addresses, ['192.0.2.10/24'])
  await machine.waitFor(`post-install: name web01.example.org hash ${HASH}`, CEILING)
  await machine.waitFor('post-install: server ntp.example.org', CEILING)
  await rig.waitForHost(1, 'is finished', ({ state }) => state === 'finished', CEILING)
})
