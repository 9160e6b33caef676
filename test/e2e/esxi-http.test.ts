import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Rig } from '../lab/rig.ts'
import { eventually } from '../lab/wait.ts'
import { CEILING } from './ceiling.ts'
import { ESXI, esxiMachine, esxiRack, serialOf, setEsxi } from './esxi-rack.ts'

const HTTP_CLIENT = ['-V', 'HTTPClient:Arch:00016:UNDI:003001', '-x', '0x5d:0010', '-O', 'bootfile']

test('dnsmasq tells firmware what the host is set to, and follows when that is changed while it runs', async () => {
  await using rig = await Rig.build()
  await rig.startServer()
  await using firmware = await rig.network.neighbour(3)
  await firmware.run('ip', ['link', 'set', 'eth0', 'address', '52:54:00:77:01:0a'])
  const script = join(rig.directory, 'lease.sh')
  await writeFile(script, '#!/bin/sh\n[ "$1" != bound ] || echo "boot $boot_file$bootfile"\n', { mode: 0o755 })
  const udhcpc = ['udhcpc', '-i', 'eth0', '-s', script, '-f', '-n', '-q', '-t', '5', '-T', '1', ...HTTP_CLIENT]
  const isTold = (address: string) => {
    const ask = async () => (await firmware.run('/bin/busybox', udhcpc)).includes(`boot ${address}\n`) || undefined
    return eventually(`firmware is told ${address}`, ask, CEILING)
  }

  const ipxe = `${rig.url}/ipxe/snponly-x64.efi`
  await isTold(ipxe)
  assert.equal((await fetch(`${rig.url}/bootstrap?net0=52:54:00:77:01:0a`)).status, 200)
  await rig.editHost('-i', '1', '--firmware-boot', 'http')
  await isTold(`${rig.url}/uefi/01-52-54-00-77-01-0a/mboot.efi`)
  await rig.editHost('-i', '1', '--firmware-boot', 'ipxe')
  await isTold(ipxe)
})

test("a host's firmware starts ESXi's loader over HTTP without iPXE, and goes to the disk when nothing is left to install", async () => {
  await using rig = await esxiRack()
  const machine = await esxiMachine(rig, 61, { firmware: 'uefi-http' })
  await machine.powerOff()
  await setEsxi(rig, 61, 'esx61', { secureBoot: 'true', kernelOptions: 'labSecureBoot=1' })
  await rig.editHost('-i', serialOf(61), '--firmware-boot', 'http', '-s', ESXI)
  // dnsmasq runs all the time, and says which files it has read.
  const isTold = async () => rig.log.find((line) => /read .*dnsmasq\/options\/metalspray/.test(line))
  await eventually('dnsmasq knows of it', isTold, CEILING)

  const card = '01-52-54-00-77-01-61'
  await machine.powerOn()
  await machine.waitFor(`URI: ${rig.url}/uefi/${card}/mboot.efi`, CEILING)
  await machine.waitFor(`esxi-stand-in: mboot boot.cfg ${rig.url}/uefi/${card}/${card}/boot.cfg`, CEILING)
  await machine.waitFor('esxi-stand-in: kernel Secure Boot yes, modules beyond the image: none', CEILING)
  await machine.waitFor('esxi-stand-in: weasel written', CEILING)
  await rig.waitForHost(1, 'is finished', ({ state }) => state === 'finished', CEILING)
  await machine.waitFor('Client Error: 404 Not Found', CEILING)
  await machine.waitFor(/this disk boots by itself \(UEFI\)/, CEILING)

  const told = (await rig.events(1)).map(({ type, text }) => `${type} ${text}`)
  assert.ok(told.includes(`booted installs ${ESXI}`))
  assert.equal(told.at(-1), 'booted starts from its disk')
  assert.deepEqual(
    told.filter((line) => /^(?:fetch-failed|refused|report)/.test(line)),
    [],
  )
})
