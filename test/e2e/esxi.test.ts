import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeBlankDisk } from '../lab/disk-image.ts'
import type { Machine } from '../lab/machine.ts'
import type { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'
import { describe, describedHost, expectDescribed } from './esxi-described.ts'
import { ESXI, esxiMachine, esxiRack, imageFile, serialOf, setEsxi } from './esxi-rack.ts'

const DISK_SERIAL = '600508b1001c0042'
const DATA_SERIAL = 'S45NNA0M'

/** A machine with a second card, and two more disks, whose names ESXi takes from their serials; firmware knows two of the three. */
async function machineWithMoreOfAll(rig: Rig, number: number, macs: readonly string[]): Promise<Machine> {
  const drives: string[] = []
  for (const [name, place] of [
    ['second', `serial=${DISK_SERIAL},bootindex=9`],
    ['third', `serial=${DATA_SERIAL}`],
  ]) {
    const disk = join(rig.directory, `${name}.disk`)
    await makeBlankDisk(disk, 64)
    drives.push(
      '-drive',
      `file=${disk},format=raw,if=none,id=${name}`,
      '-device',
      `virtio-blk-pci,drive=${name},${place}`,
    )
  }
  return await esxiMachine(rig, number, { macs, extra: drives })
}

test('two uefi hosts install ESXi from its ISO at once, each by its own kickstart, start from their disks, and are what they are described to be', async () => {
  await using rig = await esxiRack()
  const macs = ['52:54:00:77:01:52', '52:54:00:77:02:52']
  const [first, second] = await Promise.all([esxiMachine(rig, 51), machineWithMoreOfAll(rig, 52, macs)])
  await assert.rejects(rig.editHost('-i', serialOf(51), '-s', ESXI), /password/)
  const config = describedHost(rig, {
    ...{ hostname: 'esx02.example.org', macs, address: rig.network.host(77) },
    dataSerial: DATA_SERIAL,
  })
  await setEsxi(rig, 51, 'esx01')
  await setEsxi(rig, 52, 'esx02.example.org', { disk: `naa.${DISK_SERIAL}` })
  await describe(rig, serialOf(52), config)
  for (const number of [51, 52]) await rig.editHost('-i', serialOf(number), '-s', ESXI)

  await first.waitFor('esxi-stand-in: weasel install on /dev/vda, name localhost', CEILING)
  await second.waitFor('esxi-stand-in: weasel install on /dev/vdb, name esx02.example.org', CEILING)
  const names = [
    [first, 'esx01'],
    [second, 'esx02.example.org'],
  ] as const
  for (const [machine, name] of names) {
    await machine.waitFor('esxi-stand-in: post ended with 0', CEILING)
    await machine.waitFor(/this disk boots by itself \(UEFI\)/, CEILING)
    // By DHCP the installer takes no name: this one comes with the first start.
    await machine.waitFor(`esxi-stand-in: firstboot: this host is ${name}`, CEILING)
  }
  await expectDescribed(second, config)
  for (const host of await rig.hosts()) {
    assert.equal(host.state, 'finished')
    const told = (await rig.events(host.id)).map(({ type, text }) => `${type} ${text}`).join('\n')
    for (const word of [/^booted/m, /started/, /^finished/m, /configured/]) assert.match(told, word)
    assert.match(told, /^progress modules: 111 files, /m)
    assert.doesNotMatch(told, /fetch-failed/)
  }
})

test('a module that is gone is named on the console and by one event, and once it is back the host installs by itself', async () => {
  await using rig = await esxiRack()
  const machine = await esxiMachine(rig, 53)
  await setEsxi(rig, 53, 'esx03')
  await machine.powerOff()
  await rig.editHost('-i', serialOf(53), '-s', ESXI)
  const [early, late] = ['uc_amd.b00', 'imgpayld.tgz'].map((name) => imageFile(rig, name)) as [string, string]

  // Gone before the machine starts: the server knows, and keeps it from its loader.
  await rename(early, `${early}.away`)
  await machine.powerOn()
  await machine.waitFor(/This machine is held: image esxi8 cannot be used: .*uc_amd\.b00/, CEILING)
  assert.doesNotMatch(machine.console.text, /esxi-stand-in/)
  await rename(`${early}.away`, early)

  // Gone while the loader is at work: there is nobody to ask any more.
  await machine.waitFor('esxi-stand-in: mboot boot.cfg', CEILING)
  await rename(late, `${late}.away`)
  await machine.waitFor(/esxi-stand-in: mboot Fatal error: 15 \(Not found\): \S*imgpayld.tgz/, CEILING)
  await rename(`${late}.away`, late)
  const told = (await rig.events(1)).filter(({ type }) => type === 'fetch-failed')
  assert.deepEqual(
    told.map(({ text }) => text),
    ['"imgpayld.tgz" could not be fetched: there is no file "imgpayld.tgz"'],
  )

  // After errtimeout the loader gives the machine back.
  await machine.waitFor('esxi-stand-in: weasel written', CEILING)
  await rig.waitForHost(1, 'is finished', ({ state }) => state === 'finished', CEILING)
})

test('hosts with Secure Boot install without a module, one at a time when the server is told so', async () => {
  await using rig = await esxiRack('--max-installs', '1')
  const machines = await Promise.all([54, 55].map((number) => esxiMachine(rig, number)))
  // What the firmware of these machines does not have, the stand-in does when it is told.
  const settings = { secureBoot: 'true', kernelOptions: 'labSecureBoot=1' }
  for (const number of [54, 55]) await setEsxi(rig, number, `esx${number}`, settings)
  await rig.editHost('-i', serialOf(55), '--set', 'config.ssh=true')
  await rig.editHost('-i', serialOf(54), '-s', ESXI)
  await machines[0]?.waitFor('esxi-stand-in: mboot boot.cfg', CEILING)
  await rig.editHost('-i', serialOf(55), '-s', ESXI)
  await machines[1]?.waitFor('Place 1 of 1 in the queue', CEILING)
  await machines[1]?.waitFor("It is this machine's turn", CEILING)
  assert.equal((await rig.hosts()).find(({ serial }) => serial === serialOf(54))?.state, 'finished')
  for (const machine of machines) {
    await machine.waitFor('esxi-stand-in: kernel Secure Boot yes, modules beyond the image: none', CEILING)
    await machine.waitFor('esxi-stand-in: weasel written', CEILING)
    // What would never be run is not sent either.
    assert.doesNotMatch(machine.console.text, /skipping execution of %firstboot/)
  }
  for (const id of [1, 2]) await rig.waitForHost(id, 'is finished', ({ state }) => state === 'finished', CEILING)
  const described = (await rig.hosts()).find(({ serial }) => serial === serialOf(55))
  const told = (await rig.events(described?.id ?? 0)).map(({ text }) => text).join('\n')
  assert.match(told, /stage post, under Secure Boot the installer alone makes the host: .* leaves ssh as they are/)
})
