import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

test('an iPXE that cannot send syslog, as Debian’s, takes the setting and goes on', async () => {
  await using rig = await Rig.build()
  await rig.startServer('--syslog', '514')
  const machine = await rig.machine({ name: 'm1', firmware: 'bios', macs: ['52:54:00:77:00:30'], serial: 'MS-0030' })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  const told = await rig.metalspray('logs', '-i', '1', '--data', `${rig.directory}/data`)
  assert.match(told, /boot 1 +discovered[^\n]*\n[^\n]*boot 1 +booted[^\n]*\n$/)
})
