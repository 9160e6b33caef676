import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Firmware } from '../lab/firmware.ts'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

for (const firmware of ['bios', 'uefi', 'uefi-http'] satisfies Firmware[]) {
  test(`a ${firmware} machine nobody knows is discovered, installed, and starts from its own disk`, async () => {
    const image = await kiwiImage({ name: 'alpha' })
    await using rig = await Rig.build()
    await rig.importImage('alpha', image.tarball)
    await rig.startServer()
    const machine = await rig.machine({ name: 'm1', firmware, macs: ['52:54:00:77:00:01'], serial: 'MS-0001' })

    await machine.powerOn()
    await machine.waitFor('waits for an image', CEILING)
    const [host] = await rig.hosts()
    assert.equal(host?.state, 'new')
    assert.equal(host?.serial, 'MS-0001')
    assert.deepEqual(host?.macs, ['52:54:00:77:00:01'])
    assert.match(host?.firmware?.ipxe ?? '', /^\d+\.\d+\.\d+\+git/)
    assert.equal(host?.firmware?.platform, firmware === 'bios' ? 'pcbios' : 'efi')

    await rig.editHost('-i', '1', '-s', 'alpha')
    await machine.waitFor('metalspray-lab: install start alpha', CEILING)
    await rig.waitForHost(1, 'is being installed', ({ state }) => state === 'installing', CEILING)
    await machine.waitFor('metalspray-lab: install md5 ok', CEILING)
    await rig.waitForHost(1, 'is finished', ({ state }) => state === 'finished', CEILING)

    await machine.waitFor(/this disk boots by itself \((BIOS|UEFI)\) alpha/, CEILING)
    assert.equal((await rig.hosts()).length, 1)
    const told = (await rig.events(1)).map(({ type }) => type)
    for (const type of ['discovered', 'assigned', 'booted', 'progress', 'post-install', 'finished']) {
      assert.ok(told.includes(type as (typeof told)[number]), `no event ${type} among ${told}`)
    }
  })
}
