import assert from 'node:assert/strict'
import { test } from 'node:test'
import { protect, rename } from '../../../src/core/edit.ts'
import { type LabServer, MACHINE, putLinux } from '../lab-server.ts'
import { type AdminServer, adminServer } from './admin-server.ts'

async function withHosts(t: Parameters<typeof adminServer>[0], count = 3): Promise<AdminServer> {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo', 'wipe')
  await meet(lab.server, count)
  return lab
}

async function meet(server: LabServer, count: number): Promise<void> {
  for (let n = 1; n <= count; n++)
    await server.boot(n === 1 ? MACHINE : `serial=SER-${n}&mac=52:54:00:00:01:0${n % 10}`)
}

test('a host is as the command line prints it', async (t) => {
  const { ask } = await withHosts(t, 1)
  const { status, json, headers } = await ask('GET /hosts/1')
  assert.equal(status, 200)
  assert.match(String(headers['etag']), /^"[\w.-]{60,}"$/)
  const { attention, ...told } = json
  assert.deepEqual([attention.level, attention.what], ['look', 'unknown'])
  assert.deepEqual(told, {
    ...{ id: 1, hostname: null, state: 'new', image: null, plan: '', expiresAt: null, protected: false, reason: null },
    ...{ serial: 'SER-1', uuid: '5d0b0dc2-1111-4222-8333-444455556666', macs: ['52:54:00:00:00:01'], metadata: {} },
    ...{ localBoot: 'auto', firmwareBoot: 'ipxe', address: '127.0.0.1', install: null },
    firmware: { platform: null, arch: null, manufacturer: null, product: null, ipxe: null },
    ...{ createdAt: '2026-01-01T00:00:05.000Z', seenAt: '2026-01-01T00:00:05.000Z' },
  })
  for (const name of ['SER-1', '52-54-00-00-00-01', '5D0B0DC2-1111-4222-8333-444455556666']) {
    assert.equal((await ask(`GET /hosts/${name}`)).json.id, 1, name)
  }
})

test('hosts are listed page by page, filtered and in order', async (t) => {
  const { ask, server } = await withHosts(t, 5)
  await server.store.changeHost(2, 0, (host) => rename(host, 'esx2'))
  await server.store.changeHost(4, 0, (host) => rename(host, 'esx1'))
  await server.store.changeHost(4, 0, protect)
  await server.assign(5, 'demo')
  const ids = async (query: string) =>
    (await ask(`GET /hosts?${query}`)).json.hosts.map((host: { id: number }) => host.id)
  assert.deepEqual(await ids(''), [1, 2, 3, 4, 5])
  assert.deepEqual(await ids('sort=-id'), [5, 4, 3, 2, 1])
  assert.deepEqual(await ids('sort=name'), [4, 2, 1, 3, 5])
  assert.deepEqual(await ids('state=assigned'), [5])
  assert.deepEqual(await ids('image=demo'), [5])
  assert.deepEqual(await ids('protected=true'), [4])
  assert.deepEqual(await ids('q=esx'), [2, 4])
  assert.deepEqual(await ids('q=SER-3'), [3])
  const pages: number[][] = []
  let next = ''
  do {
    const { json } = await ask(`GET /hosts?limit=2&sort=name${next}`)
    pages.push(json.hosts.map((host: { id: number }) => host.id))
    next = json.next === null ? '' : `&cursor=${json.next}`
  } while (next !== '')
  assert.deepEqual(pages, [[4, 2], [1, 3], [5]])
})

test('what cannot be asked is refused by the name of the parameter', async (t) => {
  const { ask } = await withHosts(t, 1)
  const wrong: readonly (readonly [string, string])[] = [
    ['state=gone', 'state'],
    ['limit=0', 'limit'],
    ['limit=many', 'limit'],
    ['sort=age', 'sort'],
    ['cursor=x', 'cursor'],
    ['colour=red', 'colour'],
  ]
  for (const [query, field] of wrong) {
    const { status, json, headers } = await ask(`GET /hosts?${query}`)
    assert.equal(status, 400, query)
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.deepEqual(
      [json.type, json.title, json.status, json.errors[0].field],
      ['about:blank', 'Bad Request', 400, field],
    )
  }
})

test('a host gets a plan, a name and settings in one change, which says who made it', async (t) => {
  const { ask, server } = await withHosts(t, 1)
  const { status, json, headers } = await ask('PATCH /hosts/1', {
    ...{ plan: 'wipe,demo', expires: '2h', name: 'esx1', localBoot: 'sanboot', metadata: { rack: 'A7' } },
    settings: { set: { 'esxi.disk': 'local' } },
  })
  assert.equal(status, 200, JSON.stringify(json))
  assert.deepEqual(
    [json.host.plan, json.host.hostname, json.host.state, json.host.expiresAt, json.host.metadata],
    ['wipe,demo', 'esx1', 'assigned', '2026-01-01T02:00:05.000Z', { rack: 'A7', esxi: { disk: 'local' } }],
  )
  assert.deepEqual(json.changes, [
    ...['name is now esx1', 'metadata replaced', 'metadata: esxi.disk set', 'leaves for its disk by sanboot'],
    'plan is wipe,demo, void from 2026-01-01T02:00:05.000Z',
  ])
  assert.equal(headers['etag'], (await ask('GET /hosts/1')).headers['etag'])
  assert.equal((await server.events(1)).at(-1)?.by, 'loopback')
  const unset = await ask('PATCH /hosts/esx1', { settings: { unset: ['esxi'] }, name: '', forget: { serial: true } })
  assert.deepEqual(
    [unset.json.host.metadata, unset.json.host.hostname, unset.json.host.serial],
    [{ rack: 'A7' }, null, null],
  )
})

test('a root password is kept as its hash, and shown to nobody', async (t) => {
  const { ask, server } = await withHosts(t, 1)
  const { json, text } = await ask('PATCH /hosts/1', { rootPassword: 'password' })
  assert.equal(json.host.metadata.esxi.rootPassword, '(set)')
  assert.match(json.warnings[0], /weak root password/)
  assert.ok(!text.includes('"password"'))
  assert.match(JSON.stringify((await server.host(1)).metadata), /\$6\$/)
})

test('every field that is wrong is named, and nothing is changed', async (t) => {
  const { ask, server } = await withHosts(t, 1)
  const before = server.dump()
  const wrong: readonly (readonly [unknown, readonly string[]])[] = [
    [{ plan: 'a b', expires: 'soon', name: 'no_name' }, ['plan', 'expires', 'name']],
    [{ expires: '2h' }, ['expires']],
    [{ plan: 'demo', retry: true }, ['retry']],
    [{ retry: false }, ['retry']],
    [{ plann: 'demo', colour: 1 }, ['colour', 'plann']],
    [{ plan: 7 }, ['plan']],
    [{ localBoot: 'magic' }, ['localBoot']],
    [{ metadata: [] }, ['metadata']],
    [{ settings: { set: { 'a..b': 1 } } }, ['settings.set.a..b']],
    [{ settings: { set: { x: 1 }, unset: ['x'] } }, ['settings']],
    [{ forget: { macs: ['x'] } }, ['forget.macs']],
    [{ rootPassword: 'short' }, ['rootPassword']],
    [{}, ['']],
    [[], ['']],
  ]
  for (const [body, fields] of wrong) {
    const { status, json } = await ask('PATCH /hosts/1', body)
    assert.equal(status, 400, JSON.stringify(body))
    const named = [...new Set(json.errors.map((error: { field: string }) => error.field))].sort()
    assert.deepEqual(named, [...fields].sort(), JSON.stringify(json))
  }
  const missing = await ask('PATCH /hosts/1', { plan: 'esxi9' })
  assert.deepEqual([missing.status, missing.json.detail], [404, 'there is no image esxi9; there are demo, wipe'])
  assert.equal(server.dump(), before)
})

test('a change of a host that somebody else changed meanwhile is refused, and says what is another one', async (t) => {
  const { ask, server } = await withHosts(t, 2)
  const etag = String((await ask('GET /hosts/1')).headers['etag'])
  await server.boot(MACHINE) // which is nothing that an editor bases a change on
  assert.equal((await ask('PATCH /hosts/1', { name: 'mine' }, { 'if-match': etag })).status, 200)
  await ask('PATCH /hosts/1', { metadata: { rack: 'B2' } })
  const before = server.dump()
  const stale = await ask('PATCH /hosts/1', { name: 'other' }, { 'if-match': etag })
  assert.equal(stale.status, 412)
  assert.equal(
    stale.json.detail,
    'host 1 (mine) was changed meanwhile: its name and metadata are not what you saw; look at it again',
  )
  for (const tag of ['"nonsense"', 'W/"x"', 'x', '""', `W/${(await ask('GET /hosts/1')).headers['etag']}`]) {
    assert.equal((await ask('PATCH /hosts/1', { name: 'other' }, { 'if-match': tag })).status, 412, tag)
    assert.equal((await ask('DELETE /hosts/1', undefined, { 'if-match': tag })).status, 412, tag)
    assert.equal((await ask('POST /hosts/1/merge', { from: '2' }, { 'if-match': tag })).status, 412, tag)
  }
  assert.equal(server.dump(), before)
  const fresh = String((await ask('GET /hosts/1')).headers['etag'])
  assert.equal((await ask('PATCH /hosts/1', { name: 'other' }, { 'if-match': `"x", ${fresh}` })).status, 200)
  assert.equal((await ask('PATCH /hosts/1', { name: 'more' }, { 'if-match': '*' })).status, 200)
})

test('of two changes from one look at a host, one is made', async (t) => {
  const { ask } = await withHosts(t, 1)
  const etag = String((await ask('GET /hosts/1')).headers['etag'])
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => ask('PATCH /hosts/1', { name: `name-${n}` }, { 'if-match': etag })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(412)])
})

test('a plan that became void changes the tag of its host', async (t) => {
  const { ask, server } = await withHosts(t, 1)
  const { headers } = await ask('PATCH /hosts/1', { plan: 'demo', expires: '1h' })
  server.later(3_600_000)
  const stale = await ask('PATCH /hosts/1', { name: 'late' }, { 'if-match': String(headers['etag']) })
  assert.match(stale.json.detail, /its state and plan are not what you saw/)
})

test('two hosts become one, and a host can be forgotten', async (t) => {
  const { ask, server } = await withHosts(t, 3)
  const merged = await ask('POST /hosts/1/merge', { from: '2' })
  assert.deepEqual([merged.status, merged.json.host.macs.length], [200, 2])
  assert.deepEqual(merged.json.changes, ['took over the identity of host 2'])
  assert.equal((await ask('GET /hosts/2')).status, 404)
  await server.store.changeHost(3, 0, protect)
  assert.deepEqual(
    [(await ask('DELETE /hosts/3')).status, (await ask('POST /hosts/1/merge', { from: '1' })).status],
    [409, 400],
  )
  const gone = await ask('DELETE /hosts/1')
  assert.deepEqual([gone.status, gone.text], [204, ''])
  assert.equal((await ask('GET /hosts/1')).status, 404)
})
