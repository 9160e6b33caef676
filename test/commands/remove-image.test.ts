import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { listImages } from '../../src/commands/list-images.ts'
import { removeImage } from '../../src/commands/remove-image.ts'
import type { Host } from '../../src/core/host.ts'
import { openImageLibrary } from '../../src/images/library.ts'
import { recogniseImage } from '../../src/kinds/kinds.ts'
import { fill, LINUX, listAll, temporaryFolder } from '../images/folder.ts'

/** A host with a plan; nothing else of it matters here. */
function hostWith(id: number, images: readonly string[]): Host {
  return {
    id,
    hostname: undefined,
    macs: [],
    serial: undefined,
    uuid: undefined,
    state: 'assigned',
    plan: { images, end: 'finished' },
    rest: 'new',
    expiresAt: undefined,
    protected: false,
    localBoot: 'auto',
    firmwareBoot: 'ipxe',
    metadata: {},
    revision: 1,
    progress: 0,
    attempts: undefined,
    reason: undefined,
    firmware: undefined,
    address: undefined,
    createdAt: 0,
    seenAt: undefined,
  }
}

const storeOf = (...hosts: readonly Host[]) => ({ listHosts: async () => hosts })

test('an image that no plan names is removed, and nothing is left of it', async (t) => {
  const imagesRoot = await fill(await temporaryFolder(t), { 'one/vmlinuz': '', 'two/vmlinuz': '' })
  const removed = await removeImage({ imagesRoot, store: storeOf(hostWith(1, ['two'])) }, { name: 'one' })
  assert.deepEqual(removed, { name: 'one', hosts: [] })
  assert.deepEqual(await listAll(imagesRoot), ['.staging', 'two', 'two/vmlinuz'])
})

test('an image that a plan names stays, unless it is forced away', async (t) => {
  const imagesRoot = await fill(await temporaryFolder(t), { 'one/vmlinuz': '' })
  const hosts = [1, 2, 3, 4, 5, 6, 7].map((id) => hostWith(id, id === 1 ? ['wipe', 'one'] : ['one']))
  const deps = { imagesRoot, store: storeOf(...hosts) }
  await assert.rejects(removeImage(deps, { name: 'one' }), {
    kind: 'conflict',
    message: /^image one is in the plan of .*1, .*2, .*3, .*4, .*5 and 2 more; give them another plan first$/,
  })
  assert.ok((await listAll(imagesRoot)).includes('one/vmlinuz'))
  assert.equal((await removeImage(deps, { name: 'one', force: true })).hosts.length, 7)
  assert.deepEqual(await listAll(imagesRoot), ['.staging'])
})

test('what is not there, or no name of an image, is refused', async (t) => {
  const imagesRoot = await fill(await temporaryFolder(t), { 'one/vmlinuz': '' })
  const deps = { imagesRoot, store: storeOf() }
  await assert.rejects(removeImage(deps, { name: 'two' }), { kind: 'not-found', message: 'there is no image two' })
  for (const name of ['..', '.staging', 'one/vmlinuz', '']) {
    await assert.rejects(removeImage(deps, { name }), { kind: 'invalid' }, name)
  }
})

test('of an image that is a link only the link is removed', async (t) => {
  const imagesRoot = await fill(await temporaryFolder(t), { 'one/vmlinuz': '' })
  await symlink('one', join(imagesRoot, 'latest'))
  await removeImage({ imagesRoot, store: storeOf() }, { name: 'latest' })
  assert.deepEqual(await listAll(imagesRoot), ['.staging', 'one', 'one/vmlinuz'])
})

test('images are listed with who waits for them, and what is none with the reason', async (t) => {
  const imagesRoot = await fill(await temporaryFolder(t), {
    'one/vmlinuz': LINUX.vmlinuz,
    'one/initrd': LINUX.initrd,
    'odd/readme': '',
  })
  const library = openImageLibrary(imagesRoot, recogniseImage)
  const [odd, one] = await listImages({ library, store: storeOf(hostWith(3, ['one'])) })
  assert.equal(odd?.kind, undefined)
  assert.match(odd?.problem ?? '', /no kind of image recognises it/)
  assert.equal(one?.kind, 'linux')
  assert.equal(one?.bytes, 12)
  assert.equal(one?.hosts.length, 1)
  assert.equal(one?.problem, undefined)
})
