import assert from 'node:assert/strict'
import { test } from 'node:test'
import { host, place } from './program.ts'

const CUSTOM_SCRIPT = '#!ipxe\nexit\n'

test('without anything to do it says so and exits with 2', async (t) => {
  const here = await place(t)
  const { code, stderr } = await here.editHost()
  assert.equal(code, 2)
  assert.match(stderr, /nothing to do/)
})

test('a plan of images that are there is assigned and waits', async (t) => {
  const here = await place(t)
  await here.write('images/wipe/host.tmpl', CUSTOM_SCRIPT)
  await here.write('images/esxi8/host.tmpl', CUSTOM_SCRIPT)
  await here.addHosts(host(1))
  const { code, stdout, stderr } = await here.editHost('-i', '1', '-s', 'wipe,esxi8', '-n', 'esx1')
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.equal(stdout, 'host 1 (esx1): name is now esx1; plan is wipe,esxi8\n')
  const [edited] = await here.hosts()
  assert.equal(edited?.state, 'assigned')
  assert.deepEqual(edited?.plan, { images: ['wipe', 'esxi8'], end: 'finished' })
})

test('an image that is not there is refused with the names of those that are', async (t) => {
  const here = await place(t)
  await here.write('images/esxi8/host.tmpl', CUSTOM_SCRIPT)
  await here.addHosts(host(1))
  const { code, stderr } = await here.editHost('-i', '1', '-s', 'esxi9')
  assert.equal(code, 1)
  assert.equal(stderr, 'error: there is no image esxi9; there are esxi8\n')
})
