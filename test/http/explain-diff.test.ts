import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { diffBoots, LAST } from '../../src/commands/explain/diff-boots.ts'
import { explain } from '../../src/commands/explain.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { KeptBoot } from '../../src/store/store.ts'
import { mediumOf } from '../kinds/esxi/media.ts'
import { explainDeps } from './explain-deps.ts'
import { type LabServer, labServer } from './lab-server.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`
const machine = (n: number) => `net0=52:54:00:00:00:0${n}&serial=SER-${n}&platform=efi&arch=x86_64&version=1.21.1`

async function lab(t: TestContext): Promise<LabServer> {
  const server = await labServer(t)
  for (const [file, text] of Object.entries(mediumOf())) await server.put(`images/esxi8/${file}`, text)
  server.later()
  await server.store.changeDefaults(undefined, () => ({ esxi: { rootPassword: HASH } }))
  for (const n of [1, 2]) {
    await server.boot(machine(n))
    await server.assign(n, 'esxi8')
  }
  return server
}

async function set(server: LabServer, id: number, metadata: JsonObject): Promise<void> {
  await server.store.changeHost(id, server.now(), (host) => ({ host: { ...host, metadata }, events: [] }))
}

async function diff(server: LabServer, host: string, other: string, image?: string) {
  const deps = await explainDeps(server)
  return diffBoots(deps, await explain(deps, host, image), { other, image })
}

/** Boots a host, has it fetch its configuration, and waits until that is kept. */
async function fetching(server: LabServer, n: number): Promise<{ readonly id: string; readonly kept: KeptBoot }> {
  const { id } = await server.boot(machine(n))
  assert.equal((await server.get(`/b/${id}/boot.cfg`)).statusCode, 200)
  return { id, kept: await keptOf(server, n) }
}

/** Waits until the newest boot of all is kept. */
async function keptOf(server: LabServer, host: number): Promise<KeptBoot> {
  const [boot] = server.rows('SELECT max(number) AS number FROM boots') as readonly { number: number }[]
  for (;;) {
    const kept = await server.store.findKept(host)
    if (kept !== undefined && kept.boot === boot?.number) return kept
    await pause(5)
  }
}

test('two hosts of one plan differ in what is theirs alone, by lines and by settings', async (t) => {
  const server = await lab(t)
  await set(server, 2, { esxi: { keyboard: 'German' } })
  // Greetings of known hosts are written a moment later, and before anything is read.
  await server.store.countHosts()
  const before = server.dump()
  const { there, here, settings, files, same } = await diff(server, '2', '1')
  assert.equal(server.dump(), before)
  assert.deepEqual([there, here], ['host 1', 'host 2'])
  assert.deepEqual(settings, [{ path: 'esxi.keyboard', there: undefined, here: { value: 'German', from: 'host' } }])
  const patchOf = (name: string) => files.find((file) => file.name === name)?.patch ?? ''
  assert.match(patchOf('ks.cfg'), /^--- ks\.cfg of host 1\n\+\+\+ ks\.cfg of host 2\n@@ [\s\S]*^\+keyboard German$/m)
  assert.match(
    patchOf('boot.cfg'),
    /^-kernelopt=.*BOOTIF=01-52-54-00-00-00-01.*\n\+kernelopt=.*BOOTIF=01-52-54-00-00-00-02/m,
  )
  assert.ok(same.includes('vendor-data'))
  assert.ok(files.some(({ name }) => name.startsWith('hostmeta.tgz/')))
  assert.ok(!JSON.stringify(files).includes(HASH))
})

test('a host does not differ from itself, nor from a boot that has just begun', async (t) => {
  const server = await lab(t)
  assert.deepEqual((await diff(server, '1', '1')).files, [])
  await fetching(server, 1)
  const { there, files, settings, same } = await diff(server, '1', LAST)
  assert.deepEqual([files, settings], [[], []])
  assert.match(there, /^boot \d+$/)
  for (const name of ['script', 'boot.cfg', 'ks.cfg', 'post-install', 'user-data']) assert.ok(same.includes(name), name)
})

test('what a boot got is told from what the next one would get', async (t) => {
  const server = await lab(t)
  const { id } = await fetching(server, 1)
  await set(server, 1, { esxi: { keyboard: 'German' } })
  const changed = await diff(server, '1', LAST)
  assert.deepEqual(
    changed.settings.map(({ path }) => path),
    ['esxi.keyboard'],
  )
  assert.deepEqual(
    changed.files.map(({ name }) => name),
    ['ks.cfg', 'host.json'],
  )
  assert.equal((await server.post(`/b/${id}/finish`)).statusCode, 200)
  const gone = (await diff(server, '1', LAST)).files
  assert.equal(gone.find(({ name }) => name === 'ks.cfg')?.change, 'only-there')
  // As if it were installed once more.
  assert.deepEqual(
    (await diff(server, '1', LAST, 'esxi8')).files.map(({ name }) => name),
    ['ks.cfg', 'host.json'],
  )
})

test('where the server was reached is not what differs', async (t) => {
  const server = await lab(t)
  await server.put('images/own/host.tmpl', '#!ipxe\necho @SERVER_IP@ @bootid@\n')
  server.later()
  await server.assign(1, 'own')
  const { script, id: key } = await server.boot(machine(1))
  assert.match(script, /127\.0\.0\.1/)
  await server.get(`/b/${key}/user-data`)
  await keptOf(server, 1)
  const deps = await explainDeps(server)
  assert.equal(deps.base, undefined)
  assert.deepEqual((await diff(server, '1', LAST)).files, [])
})

test('what is kept of a boot holds neither its key nor a secret, and goes with its host', async (t) => {
  const server = await lab(t)
  const { id, kept } = await fetching(server, 1)
  const text = JSON.stringify(kept.made)
  assert.ok(text.includes('rootpw'))
  assert.ok(!text.includes(id) && !text.includes(HASH) && !/[0-9a-f]{32}/.test(text))
  const next = await fetching(server, 1)
  assert.ok(next.kept.boot > kept.boot)
  assert.equal(server.rows('SELECT * FROM kept_boots').length, 1)
  await server.store.deleteHost(1, server.now(), () => ({ type: 'deleted', text: 'gone' }))
  assert.deepEqual(server.rows('SELECT * FROM kept_boots'), [])
})

test('a greeting keeps nothing, nor does a look at a file', async (t) => {
  const server = await lab(t)
  const { id } = await server.boot(machine(1))
  await server.head(`/b/${id}/boot.cfg`)
  await fetching(server, 2)
  assert.equal(await server.store.findKept(1), undefined)
  await assert.rejects(diff(server, '1', LAST), /host 1 has fetched nothing yet to be installed/)
  await assert.rejects(diff(server, '1', 'nobody'), /no host is known as "nobody"/)
})
