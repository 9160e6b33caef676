import { test } from 'node:test'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

test('a uefi machine that is told to leave by exit reaches its disk through its firmware, and strands in no menu', async () => {
  await using rig = await Rig.build()
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  await rig.startServer()
  const machine = await rig.machine({ name: 'm1', firmware: 'uefi', macs: ['52:54:00:77:00:40'], serial: 'MS-0040' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  await rig.editHost('-i', '1', '-s', 'alpha', '--local-boot', 'exit')
  await machine.waitFor('metalspray-lab: reboot alpha', CEILING)
  await machine.waitFor('is finished and starts from its disk', CEILING)
  // OVMF goes through its other network entries first, and runs iPXE a second time on the way.
  await machine.waitFor('this disk boots by itself (UEFI) alpha', CEILING)
})
