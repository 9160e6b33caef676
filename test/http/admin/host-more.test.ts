import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { protect } from '../../../src/core/edit.ts'
import { mediumOf } from '../../kinds/esxi/media.ts'
import { installing, MACHINE, putLinux } from '../lab-server.ts'
import { type AdminServer, adminServer } from './admin-server.ts'

const BASE = 'http://10.77.0.1:5000'

async function lab(t: Parameters<typeof adminServer>[0], hosts = 3): Promise<AdminServer> {
  const made = await adminServer(t, { baseUrl: BASE })
  await putLinux(made.server, 'demo')
  for (let n = 1; n <= hosts; n++) await made.server.boot(n === 1 ? MACHINE : `serial=SER-${n}`)
  return made
}

test('several hosts are changed at once, each for itself', async (t) => {
  const { ask, server } = await lab(t)
  await server.store.changeHost(2, 0, protect)
  const etag = String((await ask('GET /hosts/3')).headers['etag'])
  await ask('PATCH /hosts/3', { metadata: { a: 1 } })
  const { status, json } = await ask('POST /hosts/edits', {
    hosts: ['1', '2', '3', '9', '1'],
    edits: { plan: 'demo' },
    ifMatch: { '3': etag },
  })
  assert.equal(status, 200)
  const told = json.results.map((one: { host: string; status: number }) => [one.host, one.status])
  assert.deepEqual(told, [
    ['1', 200],
    ['2', 409],
    ['3', 412],
    ['9', 404],
  ])
  assert.deepEqual([json.changed, json.refused], [1, 3])
  assert.deepEqual(json.results[0].edited.changes, ['plan is demo'])
  assert.match(json.results[1].problem.detail, /is protected/)
  assert.deepEqual((await server.host(1)).state, 'assigned')
  const wrong = await ask('POST /hosts/edits', { hosts: ['1'], edits: { plan: 'a b' } })
  assert.deepEqual([wrong.status, wrong.json.errors[0].field], [400, 'plan'])
})

test('what needs a person is found among all hosts', async (t) => {
  const { ask, server } = await lab(t, 4)
  for (const id of [1, 2]) await server.assign(id, 'finished')
  await server.assign(3, 'demo')
  await server.boot('serial=SER-3')
  const ids = async (query: string) =>
    (await ask(`GET /hosts?${query}`)).json.hosts.map((host: { id: number }) => host.id)
  assert.deepEqual(await ids('attention=look'), [4])
  assert.deepEqual(await ids('attention=none'), [1, 2, 3])
  assert.deepEqual(await ids('attention=none&limit=2'), [1, 2])
  const page = await ask('GET /hosts?attention=none&limit=2')
  assert.deepEqual(await ids(`attention=none&limit=2&cursor=${page.json.next}`), [3])
  const { json } = await ask('GET /hosts/4')
  assert.deepEqual([json.attention.level, json.attention.what], ['look', 'unknown'])
})

test('what happened to a host is told page by page, of a deleted one too', async (t) => {
  const { ask, server } = await lab(t, 2)
  for (let n = 0; n < 5; n++) await server.boot(MACHINE)
  const all = (await ask('GET /hosts/1/events')).json
  assert.deepEqual(
    all.events.map(({ type }: { type: string }) => type),
    ['discovered', ...Array(6).fill('booted')],
  )
  const newest = (await ask('GET /hosts/1/events?limit=2')).json
  const earlier = (await ask(`GET /hosts/1/events?limit=100&before=${newest.previous}`)).json
  assert.deepEqual([...earlier.events, ...newest.events], all.events)
  await ask('DELETE /hosts/1')
  assert.equal((await ask('GET /hosts/1/events?limit=1')).json.events[0].type, 'deleted')
  assert.equal((await ask('GET /hosts/7/events')).status, 404)
})

test('the boots of a host, and of all, are told page by page, the newest first', async (t) => {
  const { ask, server } = await adminServer(t)
  await installing(server)
  await server.boot('serial=SER-2')
  await server.boot(MACHINE)
  const all = (await ask('GET /boots')).json.boots
  assert.deepEqual(
    all.map(({ host }: { host: number }) => host),
    [1, 2, 1, 1],
  )
  assert.deepEqual([all[0].image, all[1].image, all[0].outcome], ['demo', null, null])
  const own = (await ask('GET /hosts/1/boots?limit=2')).json
  const rest = (await ask(`GET /hosts/1/boots?limit=2&before=${own.previous}`)).json
  assert.deepEqual(
    [...own.boots, ...rest.boots],
    all.filter(({ host }: { host: number }) => host === 1),
  )
  assert.equal(rest.previous, null)
  const first = (await ask('GET /boots?limit=3')).json
  assert.deepEqual((await ask(`GET /boots?before=${first.previous}`)).json.boots, all.slice(3))
})

test('what a host is to be is said in whatever form it is at hand, and shown with who says so', async (t) => {
  const { ask, server } = await lab(t, 1)
  const yaml = '#cloud-config\nhostname: esx7\nchpasswd: {list: "root:VMware1!secret"}\n'
  const put = await ask('PUT /hosts/1/config', { files: { 'user-data.yaml': yaml } })
  assert.equal(put.status, 200, put.text)
  assert.equal(put.json.form, "cloud-init's user data")
  assert.ok(!put.text.includes('VMware1!secret') && !server.dump().includes('VMware1!secret'))
  const { json } = await ask('GET /hosts/1/config')
  assert.deepEqual(
    json.settings.find(({ path }: { path: string }) => path === 'config.hostname'),
    {
      ...{ path: 'config.hostname', value: 'esx7', from: 'this host' },
    },
  )
  const before = server.dump()
  for (const files of [
    {},
    { 'x.yaml': 'nonsense: 1' },
    { 'x.yaml': ': :' },
    { 'a.yaml': 'hostname: a', 'b.yaml': 'hostname: b' },
  ]) {
    assert.equal((await ask('PUT /hosts/1/config', { files })).status, 400, JSON.stringify(files))
  }
  const stale = await ask('PUT /hosts/1/config', { files: { 'a.yaml': 'hostname: a' } }, { 'if-match': '"x"' })
  assert.equal(stale.status, 412)
  assert.equal(server.dump(), before)
})

test('what a host would get is what it then gets, but for the id of its boot and its secrets', async (t) => {
  const { ask, server } = await lab(t, 1)
  for (const [file, text] of Object.entries(mediumOf())) await server.put(`images/esxi8/${file}`, text)
  server.later()
  await ask('PATCH /hosts/1', { plan: 'esxi8', rootPassword: 'VMware1!secret', metadata: { rack: 'A7' } })
  const query = `${MACHINE}&platform=efi&arch=x86_64`
  await server.boot(query)
  const { status, json } = await ask('GET /hosts/1/explain')
  assert.equal(status, 200)
  assert.deepEqual([json.next.kind, json.next.image, json.problems], ['install', 'esxi8', []])
  const { id, script } = await server.boot(query)
  assert.equal(json.script, script.replaceAll(id, '0'.repeat(32)))
  const files: readonly string[] = json.files
  assert.ok(files.includes('ks.cfg') && files.includes('boot.cfg') && files.includes('hostmeta.tgz'), files.join())
  for (const file of files.filter((name) => name !== 'script')) {
    const shown = await ask(`GET /hosts/1/explain/files/${encodeURIComponent(file)}?secrets=true`)
    const served = await server.get(`/b/${id}/${file}`)
    assert.deepEqual([file, shown.status, served.statusCode], [file, 200, 200])
    if (!file.endsWith('.tgz')) assert.equal(shown.text, served.body.replaceAll(id, '0'.repeat(32)), file)
  }
  const kickstart = await ask('GET /hosts/1/explain/files/ks.cfg')
  assert.equal(kickstart.headers['content-type'], 'text/plain; charset=utf-8')
  const hash = /\$6\$\S+/.exec(JSON.stringify((await server.host(1)).metadata))?.[0].replace(/".*/, '') ?? 'none'
  assert.ok(!kickstart.text.includes(hash) && kickstart.text.includes('rootpw'))
  assert.ok((await ask('GET /hosts/1/explain/files/ks.cfg?secrets=true')).text.includes(hash))
  for (const url of ['files/nothing.cfg', 'files/..%2F..%2Fetc%2Fpasswd', '?image=esxi9'].map(
    (end) => `/hosts/1/explain/${end}`,
  )) {
    assert.equal((await ask(`GET ${url.replace('/?', '?')}`)).status, 404, url)
  }
})

test('a module is explained as the bytes that it is', async (t) => {
  const { admin, ask, server } = await lab(t, 1)
  for (const [file, text] of Object.entries(mediumOf())) await server.put(`images/esxi8/${file}`, text)
  server.later()
  await ask('PATCH /hosts/1', { rootPassword: 'VMware1!secret' })
  const { statusCode, rawPayload, headers } = await admin.inject(
    '/api/v1/hosts/1/explain/files/hostmeta.tgz?image=esxi8',
  )
  assert.deepEqual([statusCode, headers['content-type']], [200, 'application/octet-stream'])
  assert.ok(gunzipSync(rawPayload).includes('ustar'))
})
