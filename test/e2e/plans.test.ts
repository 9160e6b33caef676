import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

test('a plan of two images is applied in order, and the machine starts from what the second one wrote', async () => {
  const [first, second] = [await kiwiImage({ name: 'alpha' }), await kiwiImage({ name: 'beta', longNames: true })]
  await using rig = await Rig.build()
  await rig.importImage('alpha', first.tarball)
  await rig.importImage('beta', second.tarball)
  await rig.startServer()
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: ['52:54:00:77:00:02'], serial: 'MS-0002' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  await rig.editHost('-i', 'MS-0002', '-s', 'alpha,beta')

  await machine.waitFor('metalspray-lab: install start alpha', CEILING)
  await machine.waitFor('metalspray-lab: reboot alpha', CEILING)
  const between = await rig.waitForHost(1, 'waits for beta', ({ plan }) => plan.images[0] === 'beta', CEILING)
  assert.notEqual(between.state, 'finished')
  await machine.waitFor('metalspray-lab: install start beta', CEILING)
  await machine.waitFor('this disk boots by itself (BIOS) beta', CEILING)

  const [host] = await rig.hosts()
  assert.equal(host?.state, 'finished')
  assert.deepEqual(host?.plan.images, [])
})

test('a discovery image tells of its machine, then waits for a plan and takes it up', async () => {
  const [discover, alpha] = [
    await kiwiImage({ name: 'discover', variant: 'discover' }),
    await kiwiImage({ name: 'alpha' }),
  ]
  await using rig = await Rig.build()
  await rig.importImage('discover', discover.tarball)
  await rig.importImage('alpha', alpha.tarball)
  await rig.startServer('--discover')
  const macs = ['52:54:00:77:00:03', '52:54:00:77:00:04']
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs, serial: 'MS-0003' })
  await machine.powerOn()
  await machine.waitFor('metalspray-lab: discover finish sent', CEILING)
  const known = await rig.waitForHost(1, 'is new', ({ state }) => state === 'new', CEILING)
  assert.deepEqual([...known.macs].sort(), macs)
  assert.deepEqual((known.metadata['dmi'] as { serial?: string } | undefined)?.serial, 'MS-0003')

  await rig.editHost('-i', '1', '-s', 'alpha')
  await machine.waitFor('metalspray-lab: discover state alpha', CEILING)
  await machine.waitFor('this disk boots by itself (BIOS) alpha', CEILING)
})
