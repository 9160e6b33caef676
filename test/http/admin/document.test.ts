import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { adminServer } from './admin-server.ts'
import { operationsOf } from './contract.ts'

test('the OpenAPI document is valid, and everything in it is described', async (t) => {
  const { ask } = await adminServer(t)
  const { json: document, status } = await ask('GET /openapi.json')
  assert.equal(status, 200)
  const result = await new Validator().validate(structuredClone(document))
  assert.ok(result.valid, JSON.stringify(result, null, 1))
  assert.equal(document.openapi, '3.1.0')
  const ids: string[] = []
  for (const [path, methods] of Object.entries<Record<string, Record<string, unknown>>>(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId, summary, tags, responses } = operation
      assert.ok(operationId && summary && Array.isArray(tags), `${method} ${path} has no name, summary or tag`)
      ids.push(String(operationId))
      assert.ok(Object.keys(responses as object).includes('4XX'), `${method} ${path} tells no problems`)
    }
  }
  assert.deepEqual([...new Set(ids)], ids)
  for (const name of ['Host', 'HostEdits', 'Problem']) assert.ok(document.components.schemas[name], name)
})

// The server makes what checks and writes them when they are first needed, and would tell a mistake in one no earlier.
test('all types in the document can be checked against', async (t) => {
  const { ask } = await adminServer(t)
  const operations = operationsOf((await ask('GET /openapi.json')).json)
  const checked = operations.map((operation) => operation.compileAll())
  assert.ok(checked.reduce((sum, types) => sum + types, 0) > 2 * operations.length)
})

test('the document tells which role each operation needs', async (t) => {
  const { ask } = await adminServer(t)
  const { paths } = (await ask('GET /openapi.json')).json
  const roles: Record<string, string[]> = { viewer: [], operator: [], admin: [] }
  for (const methods of Object.values<Record<string, { operationId: string; description: string }>>(paths)) {
    for (const { operationId, description } of Object.values(methods)) {
      roles[/Needs the role (\w+)\.$/.exec(description)?.[1] ?? '']?.push(operationId)
    }
  }
  const changing = ['editHost', 'editHosts', 'mergeHosts', 'putHostConfig', 'verifyImage']
  for (const id of changing) assert.ok(roles['operator']?.includes(id), id)
  const deciding = ['deleteHost', 'deleteImage', 'uploadImage', 'startImport', 'cancelImport', 'importKnownHosts']
  for (const id of [...deciding, 'editSettings', 'editImageSettings', 'getBackup']) {
    assert.ok(roles['admin']?.includes(id), id)
  }
  for (const id of ['listHosts', 'getHost', 'explainHost', 'explainMachine', 'listImages', 'getStatus', 'listEvents']) {
    assert.ok(roles['viewer']?.includes(id), id)
  }
})

test('the page to try the API asks nobody else for anything', async (t) => {
  const { admin } = await adminServer(t)
  const page = await admin.inject('/api/docs/')
  assert.equal(page.statusCode, 200)
  const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  assert.ok(links.length > 3)
  for (const link of links) {
    assert.doesNotMatch(link, /^(?:[a-z]+:)?\/\//, link)
    const { statusCode } = await admin.inject(new URL(link, 'http://localhost/api/docs/').pathname)
    assert.equal(statusCode, 200, link)
  }
  const policy = String(page.headers['content-security-policy'])
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
  // By `upgrade-insecure-requests` nothing of it would come where the door has no TLS.
  assert.doesNotMatch(policy, /https?:|\*|swagger\.io|upgrade/)
})
