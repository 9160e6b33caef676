import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setMetadata } from '../../src/core/edit.ts'
import { installing, labServer } from './lab-server.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`
const ONE = 'net0=02:00:00:00:00:01'

test('no template of a boot script or of a post-install script sees the hash of a password', async (t) => {
  const server = await labServer(t)
  await server.put('images/old/host.tmpl', '#!ipxe\necho @metadata@ @metadata.esxi@\n')
  await server.put('images/old/post_install.tmpl', 'echo @metadata@\n')
  await server.put(
    'images/own/host.eta',
    '#!ipxe\necho <%= it.host.metadata.esxi.rootPassword %> <%= it.urls.boot %>\n',
  )
  await server.put('images/own/post_install.eta', 'echo <%= sh(it.host.metadata.esxi.rootPassword) %>\n')
  await server.boot(ONE)
  await server.store.changeHost(1, 0, (host) => setMetadata(host, { esxi: { rootPassword: HASH } }))
  for (const image of ['old', 'own']) {
    await server.assign(1, image)
    const { script } = await server.boot(ONE)
    assert.match(script, /\(set\)/)
    assert.doesNotMatch(script, /aaaa/)
  }
  const { id } = await server.boot(ONE)
  const { statusCode, body } = await server.get(`/b/${id}/post-install`)
  assert.equal(statusCode, 200, body)
  assert.match(body, /\(set\)/)
  assert.doesNotMatch(JSON.stringify(server.log) + JSON.stringify(await server.events(1)) + body, /aaaa/)
})

test('a machine cannot say of itself what operators set for it', async (t) => {
  const server = await labServer(t)
  await server.put('images/discover/host.tmpl', '#!ipxe\necho @bootid@\n')
  await server.boot(ONE)
  await server.assign(1, 'discover')
  const { id } = await server.boot(ONE)
  const metadata = encodeURIComponent(JSON.stringify({ cores: 8, esxi: { rootPassword: HASH } }))
  const { statusCode, body } = await server.post(`/update?id=1&bootid=${id}`, `metadata=${metadata}`)
  assert.deepEqual([statusCode, body], [400, 'metadata esxi is for operators to set\n'])
  assert.deepEqual((await server.host(1)).metadata, {})
})

test('image.json, which may set a password, is not given out', async (t) => {
  const server = await labServer(t)
  await server.put('images/esxi8/image.json', JSON.stringify({ kind: 'linux', esxi: { rootPassword: HASH } }))
  await server.put('images/esxi8/vmlinuz')
  await server.put('images/esxi8/initrd')
  assert.equal((await server.get('/images/esxi8/vmlinuz')).statusCode, 200)
  assert.equal((await server.get('/images/esxi8/image.json')).statusCode, 404)
  await server.boot(ONE)
  await server.assign(1, 'esxi8')
  const { id } = await server.boot(ONE)
  assert.equal((await server.get(`/b/${id}/tree/vmlinuz`)).statusCode, 200)
  assert.equal((await server.get(`/b/${id}/tree/image.json`)).statusCode, 404)
  assert.equal((await server.get(`/b/${id}/tree/%69mage.json`)).statusCode, 404)
})

test('the key of a boot is not kept of what its machine tells, as a whole or in part', async (t) => {
  const server = await labServer(t)
  const { id } = await installing(server)
  const url = `http://10.0.0.1:5000/b/${id}/tree/x`
  const told = encodeURIComponent(`cannot fetch ${url}`)
  // What is quoted is cut short.
  const long = `${'x'.repeat(40)}/${id}/tree/x`
  for (const path of [`tree/b/${id}/x`, `tree/${long}`, id, `report?text=${told}`]) await server.get(`/b/${id}/${path}`)
  await server.post(`/b/${id}/report`, `${'x'.repeat(980)} ${id}`, 'text/plain')
  // The name of a disk looks like a key, and is to be read by people.
  await server.get(`/b/${id}/report?text=eui.0025388b91b0f1a2`)
  assert.equal((await server.get(`/b/${id}/fail?reason=${told}`)).statusCode, 200)
  const kept = server.dump() + JSON.stringify(server.log) + JSON.stringify(await server.store.listInstalls())
  for (let at = 0; at + 16 <= id.length; at++) assert.ok(!kept.includes(id.slice(at, at + 16)))
  assert.equal((await server.host(1)).reason, 'demo: cannot fetch http://10.0.0.1:5000/b/.../tree/x')
  assert.match(kept, /eui\.0025388b91b0f1a2/)
  const failed = (await server.events(1)).filter(({ type }) => type === 'fetch-failed')
  assert.deepEqual(failed[0]?.text, '"b/.../x" could not be fetched: there is no file "b/.../x"')
})
