import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Firmware } from '../lab/firmware.ts'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { liveIso } from '../lab/live-iso.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

for (const firmware of ['bios', 'uefi'] satisfies Firmware[]) {
  test(`a ${firmware} machine that has its address from a foreign DHCP server is installed`, async () => {
    await using rig = await Rig.build('foreign')
    await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
    await rig.startServer()
    const machine = await rig.machine({ name: 'm1', firmware, macs: ['52:54:00:77:00:30'], serial: 'MS-0030' })
    await machine.powerOn()
    await machine.waitFor('waits for an image', CEILING)
    await rig.editHost('-i', '1', '-s', 'alpha')
    await machine.waitFor(/this disk boots by itself \((BIOS|UEFI)\) alpha/, CEILING)
    assert.equal((await rig.hosts())[0]?.state, 'finished')
  })
}

test('a live ISO is booted, and its machine fetches its root from the image', async () => {
  const { iso } = await liveIso('rescue')
  await using rig = await Rig.build()
  await rig.importImage('rescue', iso, '--kernel-options', 'console=ttyS0,115200')
  await rig.startServer()
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: ['52:54:00:77:00:31'], serial: 'MS-0031' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  await rig.editHost('-i', '1', '-s', 'rescue')
  await machine.waitFor('metalspray: live system up (BIOS) rescue', CEILING)
})
