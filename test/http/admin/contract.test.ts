import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { fuzzSettings } from '../../fuzz/fuzz-settings.ts'
import { tarOf } from '../../images/archive.ts'
import { LINUX } from '../../images/folder.ts'
import { tempFolder } from '../../support/stores.ts'
import { MACHINE, putLinux } from '../lab-server.ts'
import { adminServer } from './admin-server.ts'
import { type Operation, operationsOf } from './contract.ts'

interface Call {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
}

/** A call of every operation that is answered by 2xx, in an order in which they do not take from each other what they need. */
const VALID: { readonly [operation: string]: Call } = {
  listHosts: { query: 'state=new&q=ser&sort=-name&limit=5&image=demo&protected=false&attention=none' },
  getHost: { params: { host: '1' } },
  editHost: { params: { host: 'SER-2' }, body: { plan: 'demo', expires: '2h', settings: { set: { rack: 'A7' } } } },
  editHosts: { body: { hosts: ['1', 'nobody'], edits: { metadata: { a: [1, null, 'x'] } } } },
  mergeHosts: { params: { host: '3' }, body: { from: '4' } },
  listHostEvents: { params: { host: '1' }, query: 'limit=1&after=0' },
  listHostBoots: { params: { host: '1' } },
  listBoots: { query: 'limit=2' },
  getHostConfig: { params: { host: '1' } },
  putHostConfig: { params: { host: '1' }, body: { files: { 'a.yaml': 'hostname: esx1\n' } } },
  explainHost: { params: { host: '1' }, query: 'image=demo' },
  explainMachine: { query: 'mac=52:54:00:00:00:77&serial=None&uuid=11111111-2222-3333-4444-555555555555' },
  diffHost: { params: { host: '1' }, query: 'other=SER-2&image=demo' },
  explainFile: { params: { host: '1', name: 'post-install' }, query: 'image=demo' },
  deleteHost: { params: { host: '3' } },
  getSettings: {},
  editSettings: { body: { settings: { set: { 'config.timezone': 'Europe/Berlin' } } } },
  getImageSettings: { params: { image: 'demo' } },
  editImageSettings: { params: { image: 'demo' }, body: { settings: { set: { 'config.domain': 'example.com' } } } },
  getStatus: {},
  getBackup: {},
  importKnownHosts: { query: 'dryRun=true', body: [{ id: 30, serial: 'SER-30', state: 'finished' }] },
  listEvents: { query: 'limit=2' },
  listImages: {},
  getImage: { params: { image: 'demo' } },
  verifyImage: { params: { image: 'demo' } },
  uploadImage: { params: { image: 'sent' }, query: 'label=sent' },
  startImport: { body: { name: 'local', path: '@TAR@' } },
  listImports: {},
  getImport: { params: { id: '1' } },
  deleteImage: { params: { image: 'sent' } },
  listWebhooks: {},
  addWebhook: { body: { url: 'http://127.0.0.1:9/', name: 'chat', events: ['failed'], hosts: ['1'] } },
  getWebhook: { params: { webhook: 'chat' } },
  testWebhook: { params: { webhook: 'chat' } },
  removeWebhook: { params: { webhook: 'chat' } },
}

async function world(t: TestContext) {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  for (const machine of [MACHINE, 'serial=SER-2', 'serial=SER-3', 'serial=SER-4']) await lab.server.boot(machine)
  const tar = await tarOf(Object.entries(LINUX))
  const path = join(tempFolder(t), 'linux.tar')
  await writeFile(path, tar)
  const operations = operationsOf((await lab.ask('GET /openapi.json')).json)
  const bodyOf = (operation: Operation, body: unknown): RawBody | undefined => {
    if (operation.takesAnything) return { payload: tar, type: 'application/x-tar' }
    if (body === undefined) return undefined
    return { payload: JSON.stringify(body).replace('@TAR@', path), type: 'application/json' }
  }
  const call = async (operation: Operation, { params = {}, query = '', body }: Call, raw = bodyOf(operation, body)) => {
    const url = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? 'nothing'))
    const answer = await lab.admin.inject({
      method: operation.method as 'GET',
      url: query === '' ? url : `${url}?${query}`,
      ...(raw === undefined ? {} : { payload: raw.payload, headers: { 'content-type': raw.type } }),
    })
    const told = { status: answer.statusCode, type: String(answer.headers['content-type']), text: answer.body }
    try {
      operation.check(told)
    } catch (error) {
      if (error instanceof Error) {
        error.message = `${operation.method} ${url}?${query} ${JSON.stringify(body)}: ${error.message}`
      }
      throw error
    }
    return told
  }
  return { ...lab, operations, call }
}

interface RawBody {
  readonly payload: string | Buffer
  readonly type: string
}

/** Of other parts of the server there may be more. */
const OWN = new Set(['hosts', 'images', 'server', 'webhooks'])
/** Here nothing may be left out. */
const COVERED = new Set(['hosts', 'images', 'webhooks'])

test('every operation of the document does what it says', async (t) => {
  const { operations, call } = await world(t)
  const named = (id: string) => operations.find((operation) => operation.id === id) ?? assert.fail(`there is no ${id}`)
  for (const [id, valid] of Object.entries(VALID)) {
    const { status, text } = await call(named(id), valid)
    assert.ok(status >= 200 && status < 300, `${id} is ${status}: ${text.slice(0, 500)}`)
  }
  while ((await call(named('listImports'), {})).text.includes('"running"')) await new Promise(setImmediate)
  const others = operations.filter(({ id, tag }) => COVERED.has(tag) && !(id in VALID))
  assert.deepEqual(
    others.map(({ id }) => id),
    ['cancelImport'],
  )
})

test('whoever asks for what is not there is told so, of every operation', async (t) => {
  const { operations, call } = await world(t)
  for (const operation of operations.filter(({ path, tag }) => path.includes('{') && OWN.has(tag))) {
    if (operation.id === 'uploadImage') continue // makes what is not there
    const { body = operation.body === undefined ? undefined : {} } = VALID[operation.id] ?? {}
    const { status } = await call(operation, { params: { id: '999' }, body })
    assert.equal(status, 404, operation.id)
  }
})

test('a body that is no JSON, of another type or too large is refused by every operation that takes one', async (t) => {
  const { operations, call, server } = await world(t)
  const before = server.dump()
  for (const operation of operations.filter(({ body }) => body !== undefined)) {
    const params = { host: '1', image: 'demo', id: '1' }
    const statusOf = async (payload: string, type = 'application/json') =>
      (await call(operation, { params }, { payload, type })).status
    assert.equal(await statusOf('{"x": '), 400, operation.id)
    assert.equal(await statusOf(''), 400, operation.id)
    assert.equal(await statusOf('7'), 400, operation.id)
    assert.equal(await statusOf('{"__proto__": {"x": 1}}'), 400, operation.id)
    assert.equal(await statusOf('<x/>', 'application/xml'), 415, operation.id)
    assert.equal(await statusOf('x', 'text/plain'), 415, operation.id)
    assert.equal(await statusOf(`"${'x'.repeat(1 << 20)}"`), 413, operation.id)
  }
  assert.equal(server.dump(), before)
})

const { seed, injected } = fuzzSettings()
const RUNS = Math.max(200, Math.ceil(injected / 40))

const texts = fc.oneof(
  fc.constantFrom(
    '1',
    '2',
    'demo',
    'SER-2',
    '52:54:00:00:00:01',
    'esx1',
    'wipe,demo',
    'finished',
    '2h',
    '',
    '"',
    '%',
    '*',
    '(set)',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const values: fc.Arbitrary<unknown> = fc.oneof(texts, fc.boolean(), fc.integer(), fc.jsonValue({ maxDepth: 3 }))

/** Something of the form that a schema asks for, now and then of another one. */
function bodyFor(schema: unknown): fc.Arbitrary<unknown> {
  const {
    properties,
    items,
    enum: allowed,
    type,
  } = (schema ?? {}) as {
    properties?: Record<string, unknown>
    items?: unknown
    enum?: unknown[]
    type?: string
  }
  if (properties !== undefined) {
    const parts = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, bodyFor(part)]))
    return fc.oneof({ weight: 9, arbitrary: fc.record(parts, { requiredKeys: [] }) }, { weight: 1, arbitrary: values })
  }
  if (items !== undefined) return fc.array(bodyFor(items), { maxLength: 4 })
  if (allowed !== undefined) return fc.constantFrom(...allowed)
  if (type === 'boolean') return fc.boolean()
  if (type === 'object') return fc.dictionary(texts, values, { maxKeys: 3 })
  return type === 'string' ? texts : values
}

test(`no request of ${RUNS} to the API gets a 5xx, or an answer that is not documented`, async (t) => {
  const { operations, call, ask } = await world(t)
  const { components } = (await ask('GET /openapi.json')).json
  const resolved = (schema: unknown): unknown => {
    const { $ref } = (schema ?? {}) as { $ref?: string }
    return $ref === undefined ? schema : components.schemas[$ref.split('/').at(-1) ?? '']
  }
  const requests = fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      params: fc.record(
        Object.fromEntries(operation.parameters.filter((one) => one.in === 'path').map(({ name }) => [name, texts])),
      ),
      query: fc.record(
        Object.fromEntries(
          operation.parameters.filter((one) => one.in === 'query').map(({ name, schema }) => [name, bodyFor(schema)]),
        ),
        { requiredKeys: [] },
      ),
      body: operation.body === undefined ? fc.constant(undefined) : bodyFor(resolved(operation.body)),
    }),
  )
  await fc.assert(
    fc.asyncProperty(requests, async ({ operation, params, query, body }) => {
      const search = new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
      )
      await call(operation, {
        params: params as Record<string, string>,
        query: search.toString(),
        body: harmless(operation, body),
      })
    }),
    { seed, numRuns: RUNS },
  )
})

/** What a test makes up must not have this machine's own folders imported. */
function harmless(operation: Operation, body: unknown): unknown {
  if (operation.id !== 'startImport' || typeof body !== 'object' || body === null || !('path' in body)) return body
  return { ...body, path: `/nowhere/${String(body.path).replaceAll('.', '')}` }
}
