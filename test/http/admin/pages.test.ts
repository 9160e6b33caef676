import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { urgentHosts } from '../../../src/commands/urgent-hosts.ts'
import { protect, rename } from '../../../src/core/edit.ts'
import { headOf } from '../../../src/http/admin/pages/fleet.ts'
import { MACHINE, putLinux } from '../lab-server.ts'
import { type AdminServer, adminServer } from './admin-server.ts'

interface Browser extends AdminServer {
  /** Loads a page. */
  page(path: string): Promise<Page>
  /** Sends a form; the page that it leads to. */
  form(path: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Page>
}

interface Page {
  readonly status: number
  readonly html: string
  /** What a person reads. */
  readonly text: string
  /** The values of hidden fields of this name. */
  hidden(name: string): readonly string[]
}

async function browser(t: TestContext): Promise<Browser> {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  const load = async (request: InjectOptions): Promise<Page> => {
    const answer = await lab.admin.inject(request)
    const { location } = answer.headers
    if (location !== undefined) return load({ url: location })
    const html = answer.body
    return {
      status: answer.statusCode,
      html,
      text: textOf(html),
      hidden: (name) =>
        [...html.matchAll(new RegExp(`type="hidden" name="${name}" value="([^"]*)"`, 'g'))].map(
          ([, value = '']) => value,
        ),
    }
  }
  return {
    ...lab,
    page: (url) => load({ url }),
    form: (url, fields) =>
      load({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(
          Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
        ).toString(),
      }),
  }
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
}

test('an empty fleet says what to do', async (t) => {
  const { page } = await browser(t)
  const { status, text } = await page('/')
  assert.equal(status, 200)
  assert.match(text, /No machine yet .*it will show here/)
})

test('the fleet shows each host with what it does, and those first for which somebody has to do something', async (t) => {
  const { page, server } = await browser(t)
  await server.boot(MACHINE)
  await server.boot('serial=SER-2')
  await server.store.changeHost(1, 0, (host) => rename(host, 'esx1'))
  await server.assign(2, 'demo')
  const { id } = await server.boot('serial=SER-2')
  await server.post(`/b/${id}/fail`, 'reason=no+disk')
  const fleet = await page('/')
  assert.match(fleet.text, /1 host stands until a person does something: host 2 : .*no disk/)
  assert.match(fleet.text, /esx1 .*No image is assigned to it/)
  assert.match((await page('/?state=attention')).text, /1 host shown/)
  assert.match((await page('/?q=SER-2')).text, /host 2 .* 1 host shown/)
  assert.match((await page('/?q=nothing-like-it')).text, /No host fits/)
})

test('of more hosts that need somebody than are looked at, the page says that there are more', async (t) => {
  const { server } = await browser(t)
  const { workshop, now, store } = server
  for (const serial of ['SER-1', 'SER-2']) {
    await server.boot(`serial=${serial}`)
  }
  for (const id of [1, 2]) await server.assign(id, 'demo')
  for (const serial of ['SER-1', 'SER-2']) {
    const { id } = await server.boot(`serial=${serial}`)
    await server.post(`/b/${id}/fail`, 'reason=no+disk')
  }
  const images = await workshop.images.snapshot()
  const [some, all] = [await urgentHosts(store, images, now, 1), await urgentHosts(store, images, now, 2)]
  assert.deepEqual([some.hosts.length, some.isAll, all.hosts.length, all.isAll], [1, false, 2, true])
  assert.equal(headOf(1000, 12, false), 'At least 1000 hosts stand until a person does something; the first 12:')
  assert.equal(headOf(1, 1, true), '1 host stands until a person does something:')
})

test('what machines and people wrote stays text', async (t) => {
  const { page, server } = await browser(t)
  await server.boot(
    `serial=${encodeURIComponent('<b>"x')}&platform=efi&mfr=${encodeURIComponent('<script>alert(1)</script>')}`,
  )
  for (const path of ['/', '/hosts/1', '/?q=<script>alert(2)</script>']) {
    const { html, status } = await page(path)
    assert.equal(status, 200)
    assert.doesNotMatch(html, /<script>alert|<b>"x/, path)
  }
})

test('installing is said in words first, and asks for the name of a finished host', async (t) => {
  const { form, server } = await browser(t)
  await server.boot(MACHINE)
  await server.boot('serial=SER-2')
  await server.assign(1, 'finished')
  await server.store.changeHost(1, 0, (host) => rename(host, 'esx1'))
  const asked = await form('/hosts/edit', { host: ['1', '2'], action: 'assign', plan: 'demo', back: '/' })
  assert.match(asked.text, /Install demo on 2 hosts\?/)
  assert.match(asked.text, /Finished, and perhaps in use: their disks are overwritten with demo .*host 1 \(esx1\)/)
  assert.match(asked.text, /New: demo overwrites their disks at their next boot\. host 2/)
  assert.match(asked.text, /Type esx1 to go on/)
  const fields = {
    ...{ host: asked.hidden('host'), tag: asked.hidden('tag'), action: 'assign', plan: 'demo', back: '/' },
  }
  const wrong = await form('/hosts/edit/confirmed', { ...fields, word: 'esx2' })
  assert.equal(wrong.status, 400)
  assert.match(wrong.text, /Nothing was changed/)
  assert.equal((await server.host(1)).state, 'finished')
  assert.equal((await server.host(2)).state, 'new')
  const done = await form('/hosts/edit/confirmed', { ...fields, word: 'esx1' })
  assert.match(done.text, /host 1 \(esx1\): plan is demo host 2: plan is demo/)
  assert.equal((await server.host(1)).state, 'assigned')
  const [event] = (await server.events(1)).slice(-1)
  assert.equal(event?.by, 'loopback')
})

test('what changed since the question was asked is not done, and the others are', async (t) => {
  const { form, server } = await browser(t)
  await server.boot(MACHINE)
  await server.boot('serial=SER-2')
  const asked = await form('/hosts/edit', { host: ['1', '2'], action: 'assign', plan: 'demo' })
  await server.assign(1, 'finished')
  const fields = { host: asked.hidden('host'), tag: asked.hidden('tag'), action: 'assign', plan: 'demo', word: 'SER-1' }
  const done = await form('/hosts/edit/confirmed', { ...fields, word: (await server.host(1)).macs[0] ?? '' })
  assert.match(done.text, /Not changed: 1 host host 1 was changed meanwhile: its state/)
  assert.equal((await server.host(1)).state, 'finished')
  assert.equal((await server.host(2)).state, 'assigned')
})

test('hosts that an action cannot change are named, with the reason', async (t) => {
  const { form, server } = await browser(t)
  await server.boot(MACHINE)
  await server.store.changeHost(1, 0, protect)
  const asked = await form('/hosts/edit', { host: '1', action: 'assign', plan: 'demo' })
  assert.match(asked.text, /Left as they are host 1: it is protected; unprotect it first/)
  assert.deepEqual(asked.hidden('tag'), [])
})

test('a form that cannot be understood is answered by a page that says why', async (t) => {
  const { form, page, server } = await browser(t)
  await server.boot(MACHINE)
  for (const [path, fields, told] of [
    ['/hosts/edit', { action: 'assign', plan: 'demo' }, /no host is selected/],
    ['/hosts/edit', { host: '1', action: 'assign', plan: '' }, /which image/],
    ['/hosts/edit', { host: '1', action: 'assign', plan: '../etc' }, /cannot name an image/],
    ['/hosts/edit', { host: '99', action: 'protect' }, /99/],
    ['/hosts/edit', { host: '1', action: 'explode' }, /action/],
    ['/hosts/1', { metadata: 'a: [', tag: '' }, /no YAML/],
    ['/hosts/1', { name: '-x-', tag: '' }, /not a host name/],
  ] as const) {
    const { status, text } = await form(path, fields)
    assert.ok(status >= 400 && status < 500, `${path} ${status}`)
    assert.match(text, told)
  }
  assert.equal((await page('/hosts/none')).status, 404)
  assert.equal((await page('/?from=garbage')).status, 400)
})

test('a form does not lead to other servers', async (t) => {
  const { admin, form, server } = await browser(t)
  await server.boot(MACHINE)
  const asked = await form('/hosts/edit', { host: '1', action: 'protect', back: '//evil.example/' })
  assert.deepEqual(asked.hidden('back'), ['/'])
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const back of [
    'https://evil.example',
    '/.//evil.example/',
    '/..//evil.example',
    '/\\evil.example',
    'javascript:x',
  ]) {
    const fields = { host: '1', tag: asked.hidden('tag')[0] ?? '', action: 'protect', back }
    const payload = new URLSearchParams(fields).toString()
    const answer = await admin.inject({ method: 'POST', url: '/hosts/edit/confirmed', headers, payload })
    assert.equal(answer.statusCode, 303)
    assert.match(String(answer.headers['location']), /^\/\?done=/, back)
  }
})

test('a page that refuses leads back to the page before it, if that is one of ours', async (t) => {
  const { admin } = await browser(t)
  const linkOf = async (referer: string) => {
    const { body } = await admin.inject({ url: '/hosts/99', headers: { host: 'localhost:5001', referer } })
    return /<a href="([^"]*)">Go back/.exec(body)?.[1]
  }
  assert.equal(await linkOf('http://localhost:5001/?q=a'), '/?q=a')
  for (const referer of ['http://evil.example/page', 'http://localhost:5001//evil.example', 'nothing', '']) {
    assert.equal(await linkOf(referer), '/', referer)
  }
})

test('metadata are edited as YAML, and what was refused is still in the field', async (t) => {
  const { form, page, server } = await browser(t)
  await server.boot(MACHINE)
  const [tag = ''] = (await page('/hosts/1')).hidden('tag')
  const wrong = await form('/hosts/1', { metadata: 'config:\n  hostnam: x', tag })
  assert.match(wrong.text, /Nothing was changed: .*hostnam/)
  assert.match(wrong.html, /hostnam: x<\/textarea>/)
  await form('/hosts/1', { metadata: 'rack: b4\nnumbers: [1, 2]', tag })
  assert.deepEqual((await server.host(1)).metadata, { rack: 'b4', numbers: [1, 2] })
  const stale = await form('/hosts/1', { metadata: 'rack: b5', tag })
  assert.match(stale.text, /was changed meanwhile: its metadata/)
  assert.deepEqual((await server.host(1)).metadata, { rack: 'b4', numbers: [1, 2] })
})

test("a host's page tells what it gets next, with every file", async (t) => {
  const { page, server } = await browser(t)
  await server.boot(MACHINE)
  await server.assign(1, 'demo')
  const { text } = await page('/hosts/1')
  assert.match(text, /At its next boot it installs demo: its plan is demo\./)
  const script = await page('/hosts/1/files/script')
  assert.match(script.html, /^#!ipxe\n/)
  assert.equal((await page('/hosts/1/files/none')).status, 404)
})

test("a host's page compares its next boot with that of another host", async (t) => {
  const { server, page } = await browser(t)
  await server.boot('serial=SER-1')
  await server.boot('serial=SER-2')
  const { html, text } = await page('/hosts/2?diff=1')
  assert.match(text, /host 2\s+against\s+host 1\s*:/)
  assert.match(html, /<del>-echo \* Serial: SER-1<\/del><ins>\+echo \* Serial: SER-2<\/ins>/)
  assert.match((await page('/hosts/2?diff=2')).text, /nothing differs/)
  const { status, text: refused } = await page('/hosts/2?diff=last')
  assert.deepEqual([status, /host 2 has fetched nothing yet/.test(refused)], [200, true])
  assert.match((await page('/hosts/2?diff=%3Cb%3E')).text, /no host is known as "<b>"|no host is known as "&lt;b&gt;"/)
})

test('pages load nothing but what this server has, and are kept by nobody', async (t) => {
  const { admin, server } = await browser(t)
  await server.boot(MACHINE)
  for (const path of ['/', '/hosts/1']) {
    const { headers, body } = await admin.inject({ url: path })
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    assert.equal(headers['cache-control'], 'no-store')
    for (const [, url = ''] of body.matchAll(/(?:src|href|action)="([^"]*)"/g)) assert.match(url, /^[/#]/)
    for (const [, asset = ''] of body.matchAll(/"(\/assets\/[^"]*)"/g)) {
      assert.equal((await admin.inject({ url: asset })).statusCode, 200, asset)
    }
  }
})

test('a host tells what it said, and how long the stages of its install took', async (t) => {
  const { page, server } = await browser(t)
  await server.boot(MACHINE)
  await server.assign(1, 'demo')
  const { id } = await server.boot(MACHINE)
  await server.get(`/b/${id}/report?stage=load&errno=4c106035&text=no%20%3Cb%3Ecable`)
  await server.store.addLines([
    { hostId: 1, boot: undefined, at: server.now(), severity: 6, app: 'ipxe', text: 'net0: link up' },
  ])
  const { html, text } = await page('/hosts/1')
  assert.match(text, /What it said .*ipxe net0: link up/)
  assert.match(text, /report stage load, errno 4c106035, no <b>cable/)
  assert.doesNotMatch(html, /<b>cable/)
})

test('the server tells its own state and its leases', async (t) => {
  const { page } = await browser(t)
  const { text } = await page('/server')
  assert.match(text, /Version 1\.2\.3 .*Machines that fetch now none .*This server runs no dnsmasq/)
})

test('two hosts that are one machine are made one, and a host is forgotten, after it was asked for once more', async (t) => {
  const { form, page, server } = await browser(t)
  await server.boot(MACHINE)
  await server.boot('net0=52:54:00:00:00:22')
  const asked = await page('/hosts/1/merge?other=52:54:00:00:00:22')
  assert.match(asked.text, /host 1 stays.*host 2 is gone then/)
  assert.equal((await page('/hosts/1/merge?other=1')).status, 400)
  const [tag = ''] = asked.hidden('tag')
  const done = await form('/hosts/1/merge', { other: '2', tag })
  assert.match(done.text, /host 2 is a part of this host now/)
  assert.ok((await server.host(1)).macs.some((mac) => mac === '52:54:00:00:00:22'))
  assert.match((await form('/hosts/1/delete', { tag })).text, /was changed meanwhile/)
  const [newer = ''] = (await page('/hosts/1/delete')).hidden('tag')
  assert.match((await form('/hosts/1/delete', { tag: newer })).text, /host 1 is forgotten.*No machine yet/)
})
