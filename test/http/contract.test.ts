import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { installing, type LabServer, labServer, MACHINE, putLinux } from './lab-server.ts'
import { exchange } from './raw-socket.ts'

/** What loaders and installers fetch, which must have a length by GET and HEAD alike. */
const fetched = (id: string) => [
  '/bootstrap.ipxe',
  '/images/demo/vmlinuz',
  `/b/${id}/tree/vmlinuz`,
  '/ipxe/ipxe.efi',
  '/state?id=1',
  '/beacon?stage=x',
]

/** What is fetched by GET alone: it opens a boot, ends one, or notes something of it. */
const told = (id: string) => [
  `/bootstrap?${MACHINE}`,
  '/bootstrap?serial=%00',
  `/b/${id}/report?text=x`,
  `/b/${id}/post-install`,
  `/post-install?id=1&bootid=${id}`,
  `/b/${id}/finish`,
  `/finish?id=1&bootid=${id}`,
]

async function withEverything(t: Parameters<typeof labServer>[0]): Promise<{ server: LabServer; id: string }> {
  const server = await labServer(t)
  const { id } = await installing(server)
  await server.put('ipxe/ipxe.efi', 'MZ')
  return { server, id }
}

describe('every byte has a length', () => {
  test('by GET, and HEAD agrees, over a real connection', async (t) => {
    const { server, id } = await withEverything(t)
    const port = await server.listen()
    for (const url of fetched(id)) {
      const ask = (method: string) =>
        exchange(port, `${method} ${url} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n`)
      const [get, head] = [await ask('GET'), await ask('HEAD')]
      assert.equal(get.status, 200, url)
      assert.equal(get.headers['content-length'], String(get.body.length), url)
      assert.ok(get.body.length > 0, url)
      for (const name of [
        'content-length',
        'content-type',
        'etag',
        'accept-ranges',
        'transfer-encoding',
        'content-encoding',
      ]) {
        assert.equal(head.headers[name], get.headers[name], `${name} of ${url}`)
      }
      assert.equal(get.headers['transfer-encoding'], undefined)
      assert.equal(get.headers['content-encoding'], undefined)
    }
  })

  test('in scripts, callbacks and refusals too, whatever encodings are accepted', async (t) => {
    const { server, id } = await withEverything(t)
    const port = await server.listen()
    for (const url of [...told(id), '/nothing', '/images/demo/none', '/b/x/finish', '/state', '/images/%zz']) {
      const { headers, body } = await exchange(
        port,
        `GET ${url} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip, deflate\r\n\r\n`,
      )
      assert.equal(headers['content-length'], String(body.length), url)
      assert.equal(headers['transfer-encoding'], undefined, url)
      assert.equal(headers['content-encoding'], undefined, url)
    }
  })

  test('of texts beyond ASCII, counted in bytes', async (t) => {
    const server = await labServer(t)
    await server.put('templates/old.tmpl', '#!ipxe\necho Grüße 🦊\n')
    await server.boot(MACHINE)
    await server.assign(1, 'old')
    const port = await server.listen()
    const { body, headers } = await exchange(port, `GET /bootstrap?${MACHINE} HTTP/1.1\r\nHost: x\r\n\r\n`)
    assert.equal(String(body), '#!ipxe\necho Grüße 🦊\n')
    assert.equal(headers['content-length'], String(body.length))
  })
})

describe('a method that an address does not know', () => {
  const known: readonly (readonly [string, string])[] = [
    ['/bootstrap.ipxe', 'GET, HEAD'],
    ['/bootstrap', 'GET'],
    ['/beacon', 'GET, HEAD'],
    ['/images/demo/vmlinuz', 'GET, HEAD'],
    ['/ipxe/ipxe.efi', 'GET, HEAD'],
    ['/state?id=1', 'GET, HEAD'],
    ['/finish?id=1', 'GET, POST'],
    ['/post-install?id=1', 'GET'],
    ['/update?id=1', 'POST'],
    ['/b/x/finish', 'GET, POST'],
    ['/b/x/fail', 'GET, POST'],
    ['/b/x/report', 'GET, POST'],
    ['/b/x/wait', 'GET, HEAD'],
    ['/b/x/queue', 'GET, HEAD'],
    ['/b/x/post-install', 'GET'],
    ['/b/x/tree/vmlinuz', 'GET, HEAD'],
    ['/b/x/stage/started', 'GET, POST'],
    ['/b/x/boot.cfg', 'GET, HEAD'],
    ['/b/x/01-52-54-00-00-00-01/boot.cfg', 'GET, HEAD'],
    ['/uefi/mboot.efi', 'GET, HEAD'],
    ['/uefi/01-52-54-00-00-00-01/mboot.efi', 'GET, HEAD'],
    ['/uefi/01-52-54-00-00-00-01/boot.cfg', 'GET'],
  ]
  test('is no method that docs/http-api.md promises, and every address is there', async () => {
    const page = await readFile(new URL('../../docs/http-api.md', import.meta.url), 'utf8')
    const [machines = ''] = page.split('\n## The admin door\n')
    const told = [...machines.matchAll(/^### `([A-Z, ]+) (\/\S+)`$/gm)].map(([, allow, path]) => [path, allow])
    const names = known.map(([url, allow]) => [documented(url), allow])
    assert.deepEqual(told.sort(), names.sort())
  })

  for (const [url, allow] of known) {
    test(`is 405 for ${url}, which allows ${allow}`, async (t) => {
      const { server } = await withEverything(t)
      const port = await server.listen()
      const before = server.dump()
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
        if (allow.split(', ').includes(method)) continue
        const answer = await exchange(port, `${method} ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
        assert.equal(answer.status, 405, method)
        assert.equal(answer.headers['allow'], allow)
        if (method !== 'HEAD') assert.equal(String(answer.body), `${method} is not for this address\n`)
      }
      assert.equal(server.dump(), before)
    })
  }
})

/** An address as the page writes it. */
function documented(url: string): string {
  return url
    .replace(/\?.*$/, '')
    .replace(/^\/b\/x\//, '/b/<bootid>/')
    .replace(/^\/images\/.*/, '/images/<name>/<file>')
    .replace(/vmlinuz$|(?:ipxe|mboot)\.efi$/, '<file>')
    .replace(/started$/, '<stage>')
    .replace(/^(\/b\/<bootid>)\/boot\.cfg$/, '$1/<file>')
    .replace(/01-[0-9a-f-]+/, '01-<mac>')
}

describe('a refusal', () => {
  test('is one line of plain text, without a path of the server, HTML, JSON or a stack', async (t) => {
    const { server, id } = await withEverything(t)
    const port = await server.listen()
    const urls = [
      '/',
      '/nothing',
      '/favicon.ico',
      '/finish/',
      '/FINISH',
      '//finish',
      '/images/%zz',
      '/images/none/x',
      '/images/demo/none',
      `/images/${'x'.repeat(3000)}/x`,
      `/b/${'x'.repeat(9000)}/finish`,
      `/b/${id}/nothing`,
      `/b/${id}/tree/`,
      `/b/${id}/tree/../../../data`,
      `/b/${id}/report`,
      '/b/x/finish',
      '/state?id=%zz',
      '/post-install?id=1&bootid=<script>alert(1)</script>',
    ]
    for (const url of urls) {
      const { status, headers, body } = await exchange(port, `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`)
      assert.ok(status >= 400 && status < 500, `${url} is ${status}`)
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8', url)
      assert.match(String(body), /^[\x20-\x7e]{1,300}\n$/, url)
      assert.doesNotMatch(String(body), /<html|"statusCode"|node_modules|\.ts\b|\/tmp\//, url)
      assert.equal(String(body).includes(server.folder), false, url)
    }
  })

  test('of an internal error says no more than that, and the log has the rest', async (t) => {
    const server = await labServer(t, { bug: new TypeError('undefined is not a host') })
    const before = server.dump()
    const answer = await server.get(`/bootstrap?${MACHINE}`)
    assert.deepEqual([answer.statusCode, answer.body], [500, 'internal error\n'])
    assert.match(JSON.stringify(server.log.find(({ level }) => level === 50)), /undefined is not a host/)
    assert.equal(server.dump(), before)
  })
})

test('nothing on this door lists hosts or tells of one without its key, but for the one word of /state', async (t) => {
  const server = await labServer(t)
  await putLinux(server, 'demo')
  await server.boot('net0=52:54:00:00:00:01&serial=SECRET-1&mfr=ACME')
  await server.boot('net0=52:54:00:00:00:02&serial=SECRET-2')
  await server.assign(1, 'demo')
  const paths = [
    '/',
    '/hosts',
    '/hosts/1',
    '/state',
    '/state?id=1',
    '/b',
    '/b/',
    '/api',
    '/api/hosts',
    '/healthz',
    '/metrics',
  ]
  for (const path of [...paths, '/events', '/openapi.json', '/images', '/images/', '/data', '/known_hosts.json']) {
    const { body } = await server.get(path)
    assert.doesNotMatch(body, /SECRET|52:54|ACME|host 2|#Id/i, path)
  }
  const { script } = await server.boot('net0=52:54:00:00:00:03')
  assert.doesNotMatch(script, /SECRET|52:54:00:00:00:0[12]/)
})
