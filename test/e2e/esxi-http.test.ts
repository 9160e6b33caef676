import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../lab/wait.ts'
import { CEILING } from './ceiling.ts'
import { ESXI, esxiMachine, esxiRack, serialOf, setEsxi } from './esxi-rack.ts'

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
