import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fill } from '../images/folder.ts'
import { mediumOf } from '../kinds/esxi/media.ts'
import { failingLoader } from '../lab/esxi/failing-loader.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

const MAC = '52:54:00:77:00:40'
const ROOT_PASSWORD = `$6$saltsalt$${'a'.repeat(86)}`

/** A rack with an image whose files have the right names, and a machine to which it is assigned. */
async function rackWithEsxi(rig: Rig, loader: string | Uint8Array = 'no program'): Promise<void> {
  const settings = JSON.stringify({ esxi: { rootPassword: ROOT_PASSWORD } })
  await fill(join(rig.images, 'esxi8'), { ...mediumOf(), 'efi/boot/bootx64.efi': loader, 'image.json': settings })
  await rig.startServer()
  const found = await fetch(`${rig.url}/bootstrap?net0=${MAC}`)
  assert.equal(found.status, 200)
  await rig.editHost('-i', '1', '-s', 'esxi8')
}

const reports = async (rig: Rig) =>
  (await rig.events(1)).filter(({ type }) => type === 'report').map(({ text }) => text)

test('on BIOS an iPXE without COMBOOT says that it cannot start ESXi, instead of hanging at its loader', async () => {
  await using rig = await Rig.build()
  await rackWithEsxi(rig)
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: [MAC] })
  await machine.powerOn()
  await machine.waitFor('This iPXE cannot start ESXi: on BIOS that needs an iPXE built with COMBOOT', CEILING)
  await machine.waitFor('Asking again in 60 s', CEILING)
  assert.match((await reports(rig)).join('\n'), /stage no-comboot, errno 0x2e/)
})

test('on UEFI a loader that does not start is reported with its error, tried again, and then the server is asked', async () => {
  await using rig = await Rig.build()
  await rackWithEsxi(rig)
  const machine = await rig.machine({ name: 'm1', firmware: 'uefi', macs: [MAC] })
  await machine.powerOn()
  await machine.waitFor(/ESXi did not start: mboot failed \(error 0x[0-9a-f]+\), try 1 of 3/, CEILING)
  await machine.waitFor('Asking the server again what to do', CEILING)
  assert.match((await reports(rig)).join('\n'), /stage mboot, errno 0x[0-9a-f]+, try 1/)
  await machine.waitFor('Installing esxi8 on host 1', CEILING)
})

test('a loader that gives up comes back to iPXE, which reports its error', async () => {
  await using rig = await Rig.build()
  await rackWithEsxi(rig, failingLoader())
  const machine = await rig.machine({ name: 'm1', firmware: 'uefi', macs: [MAC] })
  await machine.powerOn()
  // The number that the real loader was seen to leave, when a module was not there.
  await machine.waitFor('ESXi did not start: esxi failed (error 0x7f04828e), try 1 of 3', CEILING)
  await machine.waitFor('try 2 of 3', CEILING)
  assert.match((await reports(rig)).join('\n'), /stage esxi, errno 0x7f04828e, try 1/)
})
