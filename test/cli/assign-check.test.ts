import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePlan } from '../../src/core/plan.ts'
import { firmwareOf, uefiHost, writeMedium } from './esxi-medium.ts'
import { host, place } from './program.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`
const READY = { metadata: { esxi: { rootPassword: HASH } } }
const NO_LOADER = 'the image has no loader for BIOS, which this host starts by'

test('an image that its installer or loader would refuse on a host is not assigned, and all reasons are told', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8', 'mboot.c32')
  await here.addHosts(host(1, { ...READY, hostname: 'esx1', firmware: firmwareOf('pcbios', 'i386') }))
  const { code, stdout, stderr } = await here.editHost('-i', '1', '-n', 'esx9', '-s', 'esxi8')
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.equal(stderr, `error: esxi8 cannot be installed on host 1 (esx9):\n  ${NO_LOADER}\n`)
  const [untouched] = await here.hosts()
  assert.deepEqual([untouched?.state, untouched?.hostname], ['new', 'esx1'])
})

test('of several hosts those that the image fits get it', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8', 'mboot.c32')
  await here.addHosts(
    uefiHost(1, READY),
    host(2, { ...READY, firmware: firmwareOf('pcbios', 'i386') }),
    uefiHost(3, READY),
  )
  const { code, stdout, stderr } = await here.editHost('-i', '1', '-i', '2', '-i', '3', '-s', 'esxi8')
  assert.equal(code, 1)
  assert.equal(stdout, 'host 1: plan is esxi8\nhost 3: plan is esxi8\n')
  assert.match(stderr, /^error: esxi8 cannot be installed on host 2:\n/)
  assert.deepEqual(
    (await here.hosts()).map(({ state }) => state),
    ['assigned', 'new', 'assigned'],
  )
})

test('every image of a plan is looked at, and a failed host is not let loose on one that does not fit', async (t) => {
  const here = await place(t)
  await here.write('images/wipe/host.tmpl', '#!ipxe\nexit\n')
  await writeMedium(here, 'esxi8', 'mboot.c32')
  const bios = { ...READY, firmware: firmwareOf('pcbios', 'i386') }
  await here.addHosts(host(1, bios), host(2, { ...bios, state: 'failed', plan: parsePlan('esxi8') }))
  const later = await here.editHost('-i', '1', '-s', 'wipe,esxi8')
  assert.deepEqual([later.code, later.stderr.includes(NO_LOADER)], [1, true])
  const again = await here.editHost('-i', '2', '--retry')
  assert.deepEqual([again.code, again.stderr.includes(NO_LOADER)], [1, true])
  assert.equal((await here.editHost('-i', '1', '-s', 'wipe')).code, 0)
})
