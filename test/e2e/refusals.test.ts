import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

const MAC = '52:54:00:77:00:10'

/** A machine that is known already and switched off, as after its discovery. */
async function knownHost(rig: Rig) {
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: [MAC], serial: 'MS-0010' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  await machine.powerOff()
  return machine
}

test('a machine that fits two hosts shows so, installs nothing, and goes on when the hosts were merged', async () => {
  await using rig = await Rig.build()
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  await rig.startServer()
  // Two cards that booted one after the other, without a serial in common: two hosts, until a machine has both.
  for (const mac of [MAC, '52:54:00:77:00:11']) {
    const answer = await fetch(`${rig.url}/bootstrap?net0=${mac}`)
    assert.equal(answer.status, 200)
  }
  await rig.editHost('-i', '1', '-s', 'alpha')
  const machine = await rig.machine({
    name: 'm1',
    firmware: 'bios',
    macs: [MAC, '52:54:00:77:00:11'],
    serial: 'MS-0011',
  })
  await machine.powerOn()
  await machine.waitFor(/host 1 and host 2/i, CEILING)
  for (const id of [1, 2]) assert.ok((await rig.events(id)).some(({ type }) => type === 'conflict'))
  const [first, second] = await rig.hosts()
  assert.equal(first?.state, 'assigned')
  assert.equal(second?.state, 'new')

  await rig.editHost('-i', '1', '--merge', '2')
  await machine.waitFor('metalspray-lab: install start alpha', CEILING)
  const host = await rig.waitForHost(1, 'has its serial', ({ serial }) => serial === 'MS-0011', CEILING)
  assert.deepEqual([...host.macs].sort(), [MAC, '52:54:00:77:00:11'])
})

test('a protected machine takes no plan, and waits when it is powered on', async () => {
  await using rig = await Rig.build()
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  await rig.startServer()
  const machine = await knownHost(rig)
  await rig.editHost('-i', '1', '--protect')
  await assert.rejects(rig.editHost('-i', '1', '-s', 'alpha'), /protected/)
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  assert.equal((await rig.hosts())[0]?.state, 'new')

  await rig.editHost('-i', '1', '--unprotect')
  await rig.editHost('-i', '1', '-s', 'alpha')
  await machine.waitFor('metalspray-lab: install start alpha', CEILING)
})

test('an assignment whose time is over installs nothing', async () => {
  await using rig = await Rig.build()
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  await rig.startServer()
  const machine = await knownHost(rig)
  await rig.editHost('-i', '1', '-s', 'alpha', '--expires', '1s')
  const until = (await rig.hosts())[0]?.expiresAt ?? Number.NaN
  while (Date.now() <= until) await fetch(`${rig.url}/state?id=1`)
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  const [host] = await rig.hosts()
  assert.equal(host?.state, 'new')
  assert.ok((await rig.events(1)).some(({ type }) => type === 'expired'))
})

test('a machine whose installer fails says why, is held, and gets its image again after a retry', async () => {
  await using rig = await Rig.build()
  await rig.importImage('broken', (await kiwiImage({ name: 'broken', variant: 'fail' })).tarball)
  await rig.startServer()
  const machine = await knownHost(rig)
  await rig.editHost('-i', '1', '-s', 'broken')
  await machine.powerOn()
  await machine.waitFor('metalspray-lab: install fail reported', CEILING)
  const failed = await rig.waitForHost(1, 'has failed', ({ state }) => state === 'failed', CEILING)
  assert.match(failed.reason ?? '', /this image always fails/)

  await machine.reset()
  await machine.waitFor(/held: .*this image always fails/, CEILING)
  await rig.editHost('-i', '1', '--retry')
  await machine.waitFor('metalspray-lab: install start broken', CEILING)
})
