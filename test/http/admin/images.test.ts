import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request as open } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { tarOf } from '../../images/archive.ts'
import { LINUX } from '../../images/folder.ts'
import { tempFolder } from '../../support/stores.ts'
import { MACHINE, putLinux } from '../lab-server.ts'
import { type AdminServer, adminServer } from './admin-server.ts'

const TAR = { 'content-type': 'application/x-tar' }

const linuxTar = () => tarOf(Object.entries(LINUX))

function upload({ admin }: AdminServer, url: string, payload: Buffer, headers: Record<string, string> = TAR) {
  return admin.inject({ method: 'PUT', url: `/api/v1${url}`, payload, headers })
}

/** What is left in the images folder that is no image. */
function leftIn({ server }: AdminServer): string[] {
  const staging = join(server.folder, 'images', '.staging')
  return existsSync(staging) ? readdirSync(staging) : []
}

async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
  while (!(await isThere())) await new Promise(setImmediate)
}

test('an image that is sent is there whole, with how it went', async (t) => {
  const lab = await adminServer(t)
  const tar = await linuxTar()
  const { statusCode, body, headers } = await upload(lab, '/images/alpine?filename=alpine.tar&label=Alpine', tar)
  assert.equal(statusCode, 201, body)
  assert.equal(headers['location'], '/api/v1/images/alpine')
  const job = JSON.parse(body)
  assert.deepEqual([job.state, job.name, job.by, job.problem], ['done', 'alpine', 'loopback', null])
  assert.equal(job.result.sha256, createHash('sha256').update(tar).digest('hex'))
  assert.deepEqual(job.result.image.kind, 'linux')
  assert.deepEqual((await lab.ask('GET /imports')).json.imports, [job])
  assert.deepEqual((await lab.ask('GET /imports/1')).json, job)
  const listed = (await lab.ask('GET /images')).json.images
  assert.deepEqual([listed[0].name, listed[0].label, listed[0].hosts], ['alpine', 'Alpine', []])
  assert.deepEqual((await lab.ask('GET /images/alpine')).json, listed[0])
  const verified = (await lab.ask('POST /images/alpine/verify')).json
  assert.deepEqual([verified.isIntact, verified.differences], [true, []])
  assert.deepEqual(leftIn(lab), [])
})

test('what is no image, not what its sum says, or has a name that is taken is refused, and leaves nothing', async (t) => {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  const tar = await linuxTar()
  const refused: readonly (readonly [string, Buffer, number, RegExp])[] = [
    ['/images/one', Buffer.from('nonsense'), 400, /neither a tar archive .* nor an ISO/],
    ['/images/one', Buffer.alloc(0), 400, /it is empty/],
    [`/images/one?sha256=${'0'.repeat(64)}`, tar, 400, /not the file you mean/],
    ['/images/one?kind=kiwi', tar, 400, /./],
    ['/images/one?kind=amiga', tar, 400, /amiga/],
    ['/images/demo', tar, 409, /there is an image demo already/],
    ['/images/new', tar, 400, /name of a state/],
    ['/images/..%2Fetc', tar, 400, /cannot name an image/],
    ['/images/one?filename=../x', tar, 400, /filename/],
    ['/images/one?sha256=12', tar, 400, /sha256/],
  ]
  for (const [url, payload, status, why] of refused) {
    const { statusCode, body } = await upload(lab, url, payload)
    assert.equal(statusCode, status, `${url}: ${body}`)
    assert.match(JSON.parse(body).detail, why)
    assert.ok(!body.includes(lab.server.folder), body)
  }
  assert.deepEqual(
    readdirSync(join(lab.server.folder, 'images')).filter((name) => !name.startsWith('.')),
    ['demo'],
  )
  assert.deepEqual(leftIn(lab), [])
  const replaced = await upload(lab, '/images/demo?replace=true', tar)
  assert.equal(replaced.statusCode, 201, replaced.body)
})

/** Begins to send an image over a socket, and goes no further. */
async function begin(t: TestContext, { admin }: AdminServer, name: string, tar: Buffer) {
  if (admin.server.address() === null) await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  const request: ClientRequest = open(`http://127.0.0.1:${port}/api/v1/images/${name}`, {
    ...{ method: 'PUT', agent: false, headers: { ...TAR, 'content-length': String(tar.length) } },
  })
  t.after(() => request.destroy())
  request.on('error', () => {})
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => {}) // one that is broken off has none
  request.write(tar.subarray(0, 1000))
  return { request, answered }
}

test('how far an upload is can be seen while it comes, and one that is broken off leaves nothing', async (t) => {
  const lab = await adminServer(t)
  const tar = await linuxTar()
  const { request } = await begin(t, lab, 'one', tar)
  const jobs = async () => (await lab.ask('GET /imports')).json.imports
  await waitFor(async () => (await jobs())[0]?.done === 1000)
  const [job] = await jobs()
  assert.deepEqual([job.state, job.step, job.done, job.total], ['running', 'upload', 1000, tar.length])
  assert.equal((await upload(lab, '/images/one', tar)).statusCode, 409, 'one at a time of a name')
  request.destroy()
  await waitFor(async () => (await jobs())[0]?.state !== 'running')
  const why = 'the upload ended before all of it had come'
  assert.deepEqual([(await jobs())[0].state, (await jobs())[0].problem], ['failed', why])
  assert.deepEqual(leftIn(lab), [])
  assert.equal((await lab.ask('GET /images/one')).status, 404)
})

test('a running import can be stopped, and ends with its server; whoever sends it is told', async (t) => {
  const lab = await adminServer(t)
  const tar = await linuxTar()
  const first = await begin(t, lab, 'one', tar)
  await waitFor(async () => (await lab.ask('GET /imports')).json.imports[0]?.done > 0)
  assert.equal((await lab.ask('DELETE /imports/1')).status, 202)
  const [stopped] = await first.answered
  assert.equal(stopped.statusCode, 409)
  assert.match(await text(stopped), /the import of one was cancelled/)
  assert.equal((await lab.ask('GET /imports/1')).json.state, 'cancelled')
  assert.deepEqual(
    [(await lab.ask('DELETE /imports/1')).status, (await lab.ask('DELETE /imports/9')).status],
    [409, 404],
  )
  const second = await begin(t, lab, 'two', tar)
  await waitFor(async () => (await lab.ask('GET /imports')).json.imports[0]?.name === 'two')
  await lab.admin.close()
  assert.equal((await second.answered)[0].statusCode, 503)
  assert.deepEqual(leftIn(lab), [])
})

test('an image is imported from a path on the server, while somebody looks how far it is', async (t) => {
  const lab = await adminServer(t)
  const path = join(tempFolder(t), 'alpine.tar')
  await writeFile(path, await linuxTar())
  const started = await lab.ask('POST /imports', { name: 'alpine', path })
  assert.equal(started.status, 202, started.text)
  const url = String(started.headers['location'])
  await waitFor(async () => (await lab.ask(`GET ${url}`)).json.state !== 'running')
  const { json } = await lab.ask(`GET ${url}`)
  assert.deepEqual([json.state, json.result?.image.name], ['done', 'alpine'], json.problem)
  const gone = await lab.ask('POST /imports', { name: 'more', path: `${path}.gone` })
  await waitFor(async () => (await lab.ask(`GET ${gone.headers['location']}`)).json.state !== 'running')
  assert.equal((await lab.ask(`GET ${gone.headers['location']}`)).json.state, 'failed')
  for (const body of [
    { name: 'x' },
    { name: 'x', path: 'alpine.tar' },
    { name: 'a b', path },
    { name: 'x', path, y: 1 },
  ]) {
    assert.equal((await lab.ask('POST /imports', body)).status, 400, JSON.stringify(body))
  }
})

test('an image that a plan names is kept, unless that is meant', async (t) => {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  await lab.server.boot(MACHINE)
  await lab.server.assign(1, 'demo')
  assert.deepEqual((await lab.ask('GET /images/demo')).json.hosts, ['host 1'])
  const kept = await lab.ask('DELETE /images/demo')
  assert.deepEqual(
    [kept.status, kept.json.detail],
    [409, 'image demo is in the plan of host 1; give them another plan first'],
  )
  const gone = await lab.ask('DELETE /images/demo?force=true')
  assert.deepEqual([gone.status, gone.json], [200, { name: 'demo', hosts: ['host 1'] }])
  await lab.server.assign(1, 'finished')
  assert.equal((await lab.ask('DELETE /images/demo')).status, 404)
})

test('an image that changed on the disk is told file by file', async (t) => {
  const lab = await adminServer(t)
  assert.equal((await upload(lab, '/images/one', await linuxTar())).statusCode, 201)
  await writeFile(join(lab.server.folder, 'images/one/vmlinuz'), 'another one')
  await writeFile(join(lab.server.folder, 'images/one/added'), 'more')
  const { json } = await lab.ask('POST /images/one/verify')
  assert.deepEqual([json.isIntact, json.differences], [false, ['vmlinuz is not what was imported', 'added was added']])
  await rm(join(lab.server.folder, 'images/one'), { recursive: true })
  assert.equal((await lab.ask('POST /images/one/verify')).status, 404)
})
