import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

test('a server that is killed in the middle of an image download goes on where it was when it is started again', async () => {
  await using rig = await Rig.build()
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  await rig.startServer()
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: ['52:54:00:77:00:20'], serial: 'MS-0020' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  await rig.editHost('-i', '1', '-s', 'alpha')
  await machine.waitFor('metalspray-lab: install attempt 1', CEILING)
  await rig.stopServer('SIGKILL')
  await machine.waitFor('metalspray-lab: install download cut (attempt 1)', CEILING)
  assert.equal((await rig.hosts())[0]?.state, 'installing')

  await rig.startServer()
  await machine.waitFor('metalspray-lab: install md5 ok', CEILING)
  await rig.waitForHost(1, 'is finished', ({ state }) => state === 'finished', CEILING)
  await machine.waitFor('this disk boots by itself (BIOS) alpha', CEILING)
})

test('a machine outwaits a server that is away for a minute, says so, and takes up what it is given then', async () => {
  await using rig = await Rig.build()
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  const door = rig.door(5009)
  await rig.startServer('--base-url', door.url)
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: ['52:54:00:77:00:21'], serial: 'MS-0021' })
  await machine.powerOn()
  const since = performance.now()
  for (let round = 1; performance.now() - since < 60_000; round += 1) {
    await machine.waitFor(new RegExp(`No useful answer .* try ${round} of`), CEILING)
  }
  await door.open()
  await machine.waitFor('waits for an image', CEILING)

  // Away again while the machine waits; the operator goes on working meanwhile.
  await door.close()
  await rig.stopServer('SIGKILL')
  await rig.editHost('-i', '1', '-s', 'alpha')
  await rig.startServer('--base-url', door.url)
  await door.open()
  await machine.waitFor('metalspray-lab: install start alpha', CEILING)
})

test('a machine that is powered on before the server finds it when it comes up', async () => {
  await using rig = await Rig.build()
  // Firmware in racks is set up to go through its boot order again and again.
  const extra = ['-boot', 'reboot-timeout=1000']
  const machine = await rig.machine({
    name: 'm1',
    firmware: 'bios',
    macs: ['52:54:00:77:00:22'],
    serial: 'MS-0022',
    extra,
  })
  await machine.powerOn()
  await machine.waitFor('No bootable device', CEILING)
  await rig.startServer()
  await machine.waitFor('waits for an image', CEILING)
})
