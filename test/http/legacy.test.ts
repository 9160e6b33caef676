import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { installing, type LabServer, labServer, MACHINE, putLinux } from './lab-server.ts'

/** A server with host 1, which runs the image `discover`, and the query of its callbacks. */
async function discovering(t: Parameters<typeof labServer>[0]): Promise<{ server: LabServer; query: string }> {
  const server = await labServer(t, { discover: true })
  await putLinux(server, 'discover')
  const { id } = await server.boot(MACHINE)
  return { server, query: `id=1&bootid=${id}` }
}

/** Asks and compares status and text, which images in the field go by. */
async function says(server: LabServer, url: string, status: number, text: string): Promise<void> {
  const { statusCode, body, headers } = await server.get(url)
  assert.deepEqual([statusCode, body], [status, `${text}\n`], url)
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
}

describe('/finish', () => {
  test("has KIWIspray's texts and statuses", async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    const stranger = '0'.repeat(32)
    await says(server, '/finish', 404, 'invalid query, no id')
    await says(server, `/finish?bootid=${id}`, 404, 'invalid query, no id')
    await says(server, '/finish?id=0', 404, 'invalid query, no id')
    await says(server, '/finish?id=x', 404, 'invalid query, no id')
    await says(server, '/finish?id=1', 401, 'host 1 not found or bootid none_given invalid')
    await says(server, '/finish?id=1&bootid=', 401, 'host 1 not found or bootid none_given invalid')
    await says(server, `/finish?id=1&bootid=${stranger}`, 401, `host 1 not found or bootid ${stranger} invalid`)
    await says(server, `/finish?id=2&bootid=${id}`, 401, `host 2 not found or bootid ${id} invalid`)
    await says(server, '/finish?id=1&bootid=%0a%1b[2J"', 401, 'host 1 not found or bootid ??[2J\\" invalid')
    await says(server, `/finish?id=1&bootid=${id}`, 200, 'host 1 successfully transitioned to finished state')
    await says(server, '/state?id=1', 200, 'finished')
  })

  test('works by POST with any body or none, since all that counts is in the address', async (t) => {
    const bodies = [
      ['', 'application/x-www-form-urlencoded'],
      ['', 'application/json'],
      ['{"state":"done"}', 'application/json'],
      ['done', 'text/plain'],
      ['\0\u0001', 'application/octet-stream'],
    ] as const
    for (const [body, type] of bodies) {
      const server = await labServer(t)
      const { id } = await installing(server)
      const answer = await server.post(`/finish?id=1&bootid=${id}`, body, type)
      assert.equal(answer.statusCode, 200, `${type}: ${answer.body}`)
    }
  })

  test('takes the last of several values, and overlooks empty ones', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await says(
      server,
      `/finish?id=7&id=1&id=&bootid=x&bootid=${id}&bootid=`,
      200,
      'host 1 successfully transitioned to finished state',
    )
  })
})

describe('/state', () => {
  test("says one word: the image that is next, or how the host rests; KIWIspray's texts for the rest", async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'wipe', 'demo')
    await says(server, '/state', 404, 'invalid query, no id')
    await says(server, '/state?id=1e0', 404, 'invalid query, no id')
    await says(server, '/state?id=0x1', 404, 'invalid query, no id')
    await says(server, '/state?id=99999999999999999999', 404, 'invalid query, no id')
    await says(server, '/state?id=1', 404, 'host 1 not found')
    await server.boot(MACHINE)
    await says(server, '/state?id=1', 200, 'new')
    await server.assign(1, 'wipe,demo')
    await says(server, '/state?id=1', 200, 'wipe')
    const { id } = await server.boot(MACHINE)
    await says(server, '/state?id=1', 200, 'wipe')
    await server.get(`/finish?id=1&bootid=${id}`)
    await says(server, '/state?id=1', 200, 'demo')
    const last = await server.boot(MACHINE)
    await server.get(`/b/${last.id}/fail?reason=x`)
    await says(server, '/state?id=1', 200, 'failed')
  })
})

describe('/post-install', () => {
  test("has KIWIspray's texts and statuses, and gives the script", async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await says(server, '/post-install', 404, 'invalid query, no id')
    await says(server, '/post-install?id=1', 401, 'invalid bootid')
    await says(server, `/post-install?id=2&bootid=${id}`, 401, 'invalid bootid')
    const { statusCode, body, headers } = await server.get(`/post-install?id=1&bootid=${id}`)
    assert.equal(statusCode, 200)
    assert.match(body, /^#!\/bin\/sh\n/)
    assert.match(body, new RegExp(`^finish='?http://127\\.0\\.0\\.1:\\d+/b/${id}/finish'?$`, 'm'))
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal((await server.get(`/b/${id}/post-install`)).body, body)
  })

  test("renders an image's own post_install.tmpl", async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await server.put('images/demo/post_install.tmpl', '#!/bin/sh\necho @serial@ @id@ @nothing@\n')
    server.later()
    assert.equal((await server.get(`/post-install?id=1&bootid=${id}`)).body, '#!/bin/sh\necho SER-1 1 @nothing@\n')
  })

  test('of a boot that installs nothing is refused', async (t) => {
    const server = await labServer(t)
    const { id } = await server.boot(MACHINE)
    const { statusCode } = await server.get(`/post-install?id=1&bootid=${id}`)
    assert.equal(statusCode, 401)
  })
})

describe('/update', () => {
  const metadata = { bmc: { ip: '10.0.0.9' }, cores: 8 }
  const macs = ['52:54:00:00:00:0a', '52-54-00-00-00-0B']
  const multipart = (parts: readonly string[]) =>
    `${parts.map((part) => `--y\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--y--\r\n`
  const bodies: readonly (readonly [string, string, string])[] = [
    [
      'a form',
      'application/x-www-form-urlencoded',
      ['mac', 'mac', 'metadata', 'metadata']
        .map(
          (name, i) => `${name}=${encodeURIComponent([...macs, '{"bmc":{"ip":"10.0.0.9"}}', '{"cores":8}'][i] ?? '')}`,
        )
        .join('&'),
    ],
    [
      'multipart',
      'multipart/form-data; boundary=y',
      multipart([
        ...macs.map((mac) => `name="mac"\r\n\r\n${mac}`),
        `name="metadata"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(metadata)}`,
      ]),
    ],
    ['JSON', 'application/json', JSON.stringify({ mac: macs, metadata })],
  ]
  for (const [name, type, body] of bodies) {
    test(`takes addresses and metadata from ${name}`, async (t) => {
      const { server, query } = await discovering(t)
      const answer = await server.post(`/update?${query}`, body, type)
      assert.deepEqual([answer.statusCode, answer.body], [200, 'ok\n'])
      const host = await server.host(1)
      assert.deepEqual(host.macs, ['52:54:00:00:00:01', '52:54:00:00:00:0a', '52:54:00:00:00:0b'])
      assert.deepEqual(host.metadata, metadata)
    })
  }

  test("has KIWIspray's texts and statuses", async (t) => {
    const { server, query } = await discovering(t)
    const text = async (url: string, body = '') => {
      const answer = await server.post(url, body)
      return `${answer.statusCode} ${answer.body.trim()}`
    }
    assert.equal(await text('/update'), '404 invalid query, no id')
    assert.equal(await text('/update?id=1'), '401 invalid bootid')
    assert.equal(await text(`/update?${query.replace('id=1', 'id=9')}`), '401 invalid bootid')
    assert.equal(await text(`/update?${query}`, 'foo=1'), '400 unhandled post_data key "foo"')
    assert.equal(await text(`/update?${query}`), '200 ok')
    await server.get(`/finish?${query}`)
    assert.equal(await text(`/update?${query}`), '401 invalid state')
  })

  const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const FORM = 'application/x-www-form-urlencoded'
  const MULTI = 'multipart/form-data; boundary=y'
  const bad: readonly (readonly [string, number, string, string])[] = [
    ['metadata that is no JSON', 400, FORM, 'metadata={'],
    ['metadata that is a list', 400, FORM, 'metadata=[1]'],
    ['metadata that is null', 400, FORM, 'metadata=null'],
    ['metadata nested too deeply', 400, FORM, `metadata=${nested}`],
    ['metadata nested too deeply, in JSON', 400, 'application/json', `{"metadata":${nested}}`],
    ['an address that is none', 400, FORM, 'mac=52:54'],
    ['an address that is a number', 400, 'application/json', '{"mac":1}'],
    ['an address in a list in a list', 400, 'application/json', '{"mac":[["52:54:00:00:00:02"]]}'],
    ['JSON that is a list', 400, 'application/json', '[1]'],
    ['JSON that is a text', 400, 'application/json', '"mac"'],
    ['JSON that is null', 400, 'application/json', 'null'],
    ['JSON that breaks off', 400, 'application/json', '{"mac":'],
    ['JSON with a prototype', 400, 'application/json', '{"__proto__":{"mac":1}}'],
    ['no body', 400, 'text/plain', ''],
    ['plain text', 400, 'text/plain', 'mac=52:54:00:00:00:02'],
    ['bytes', 400, 'application/octet-stream', '\u0000\u0001'],
    ['multipart without a boundary', 400, 'multipart/form-data', 'x'],
    ['multipart that is none', 400, MULTI, 'x'],
    ['multipart that breaks off', 400, MULTI, '--y\r\nContent-Disposition: form-data; name="mac"\r\n\r\n52'],
    ['multipart without a header', 400, MULTI, '--y\r\n\r\n--y--\r\n'],
    ['multipart with a file', 400, MULTI, multipart(['name="metadata"; filename="x"\r\n\r\n{}'])],
    ['multipart with a prototype', 400, MULTI, multipart(['name="__proto__"\r\n\r\n{}'])],
    ['multipart that is too large', 413, MULTI, multipart([`name="metadata"\r\n\r\n"${'x'.repeat(3 << 20)}"`])],
    [
      'multipart too large in sum',
      413,
      MULTI,
      multipart(Array(9).fill(`name="metadata"\r\n\r\n"${'x'.repeat(200_000)}"`)),
    ],
    ['a form that is too large', 413, FORM, `metadata=${'x'.repeat(3 << 20)}`],
    ['a type that is none', 415, 'x', 'x'],
  ]
  for (const [name, status, type, body] of bad) {
    test(`refuses ${name}, in one line, and changes nothing`, async (t) => {
      const { server, query } = await discovering(t)
      const before = server.dump()
      const answer = await server.post(`/update?${query}`, body, type)
      assert.equal(answer.statusCode, status, answer.body)
      assert.match(answer.body, /^[\x20-\x7e]{1,300}\n$/)
      assert.equal(server.dump(), before)
    })
  }

  test('another host may have an address already: a conflict that changes nothing', async (t) => {
    const { server, query } = await discovering(t)
    await server.boot('net0=52:54:00:00:00:02&serial=SER-2')
    const before = server.dump()
    const answer = await server.post(`/update?${query}`, 'mac=52:54:00:00:00:02&metadata={"a":1}')
    assert.equal(answer.statusCode, 409)
    assert.match(answer.body, /^host 2 already has an identifier of host 1\n$/)
    assert.equal(server.dump(), before)
  })

  test('metadata that grows too large over many posts is refused', async (t) => {
    const { server, query } = await discovering(t)
    const post = (key: string) => server.post(`/update?${query}`, `metadata={"${key}":"${'x'.repeat(700_000)}"}`)
    assert.equal((await post('a')).statusCode, 200)
    const before = server.dump()
    assert.equal((await post('b')).statusCode, 400)
    assert.equal(server.dump(), before)
  })

  test('very many small fields are no trouble', async (t) => {
    const { server, query } = await discovering(t)
    const body = `{"metadata":[${Array(300_000).fill('{}').join(',')}],"mac":[${Array(10_000).fill('""').join(',')}]}`
    assert.equal((await server.post(`/update?${query}`, body, 'application/json')).statusCode, 200)
  })

  test('placeholders of addresses are overlooked, and a key that comes again is replaced whole', async (t) => {
    const { server, query } = await discovering(t)
    await server.post(`/update?${query}`, 'mac=00:00:00:00:00:00&mac=&metadata={"dmi":{"a":1,"b":2}}')
    await server.post(`/update?${query}`, 'metadata={"dmi":{"a":3}}')
    const host = await server.host(1)
    assert.deepEqual(host.macs, ['52:54:00:00:00:01'])
    assert.deepEqual(host.metadata, { dmi: { a: 3 } })
  })
})

test("KIWIspray's list of hosts and its open files are not on this door", async (t) => {
  const { server } = await discovering(t)
  for (const url of [
    '/hosts',
    '/known_hosts.json',
    '/ks.py',
    '/templates/new.tmpl',
    '/',
    '/images',
    '/images/',
    '/b',
    '/b/',
  ]) {
    const { statusCode, body } = await server.get(url)
    assert.ok([400, 404].includes(statusCode), `${url} is ${statusCode}`)
    assert.doesNotMatch(body, /SER-1|52:54/i)
  }
})
