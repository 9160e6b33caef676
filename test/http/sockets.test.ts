import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, test } from 'node:test'
import { installing, labServer, MACHINE, putLinux } from './lab-server.ts'
import { exchange, wireTo } from './raw-socket.ts'

const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: wrong.example:1\r\n${more}\r\n`

describe('the address that a machine is told', () => {
  const reached: readonly (readonly [string, string, string])[] = [
    ['127.0.0.1', '127.0.0.1', 'http://127.0.0.1'],
    ['0.0.0.0', '127.0.0.5', 'http://127.0.0.5'],
    ['::1', '::1', 'http://[::1]'],
    ['::', '127.0.0.6', 'http://127.0.0.6'],
    ['::', '::1', 'http://[::1]'],
  ]
  for (const [listening, via, base] of reached) {
    test(`is ${base}:PORT when it came by ${via} to a server on ${listening}, whatever its Host header says`, async (t) => {
      const server = await labServer(t)
      const port = await server.listen(listening)
      await installing(server)
      const script = String((await exchange(port, ask(`/bootstrap?${MACHINE}`), via)).body)
      const kernel = /^kernel .*?(http:\S+)/m.exec(script)?.[1] ?? ''
      assert.ok(kernel.startsWith(`${base}:${port}/b/`), kernel)
      assert.ok(script.includes(`${base}:${port}/bootstrap.ipxe`))
      assert.doesNotMatch(script, /wrong\.example/)
      assert.equal((await exchange(port, ask(new URL(kernel).pathname), via)).status, 200)
    })
  }

  const [zone, linkLocal] = linkLocalAddress()
  test('holds no zone, which is of this machine alone', { skip: zone === '' && 'no IPv6 here' }, async (t) => {
    const server = await labServer(t)
    const port = await server.listen('::')
    const { body } = await exchange(port, ask('/bootstrap.ipxe'), `${linkLocal}%${zone}`)
    assert.ok(String(body).includes(`set base http://[${linkLocal}]:${port}\n`))
  })

  test('is --base-url, when that is set, with its path', async (t) => {
    const server = await labServer(t, { baseUrl: 'http://[2001:db8::1]:8080/lab' })
    const port = await server.listen()
    await server.put('templates/old.tmpl', '#!ipxe\nchain http://@SERVER_IP@:@SERVER_PORT@/x\n')
    const { id, script } = await installing(server)
    assert.ok(script.includes(`http://[2001:db8::1]:8080/lab/b/${id}/tree/vmlinuz`))
    await server.assign(1, 'old')
    const legacy = String((await exchange(port, ask(`/bootstrap?${MACHINE}`))).body)
    assert.equal(legacy, '#!ipxe\nchain http://[2001:db8::1]:8080/x\n')
  })

  test('is one that an old template can put into an address, for IPv6 too', async (t) => {
    const server = await labServer(t)
    const port = await server.listen('::1')
    await server.put('templates/old.tmpl', '#!ipxe\nchain http://@SERVER_IP@:@SERVER_PORT@/x\n')
    await server.boot(MACHINE)
    await server.assign(1, 'old')
    const { body } = await exchange(port, ask(`/bootstrap?${MACHINE}`), '::1')
    assert.equal(String(body), `#!ipxe\nchain http://[::1]:${port}/x\n`)
  })
})

describe('a connection', () => {
  test('is kept for hundreds of files, one after another', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    const port = await server.listen()
    using wire = await wireTo(port)
    for (let i = 0; i < 300; i++) {
      const isHead = i % 3 === 0
      wire.send(`${isHead ? 'HEAD' : 'GET'} /b/${id}/tree/vmlinuz HTTP/1.1\r\nHost: x\r\n\r\n`)
      const { status, body, headers } = await wire.answer({ isHead })
      assert.deepEqual([status, headers['content-length'], String(body)], [200, '14', isHead ? '' : 'kernel of demo'])
    }
  })

  test('may ask again before it was answered; the answers come in order', async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'demo')
    const port = await server.listen()
    using wire = await wireTo(port)
    const paths = ['/images/demo/vmlinuz', '/nothing', '/state?id=7', '/images/demo/initrd', '/bootstrap.ipxe']
    wire.send(paths.map((path) => ask(path)).join(''))
    const bodies: string[] = []
    for (const _ of paths) bodies.push(String((await wire.answer()).body).slice(0, 14))
    assert.deepEqual(bodies, [
      'kernel of demo',
      'file not found',
      'host 7 not fou',
      'initrd of demo',
      '#!ipxe\n# The s',
    ])
  })

  test('of HTTP/1.0 gets a length and is closed', async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'demo')
    const port = await server.listen()
    using wire = await wireTo(port)
    wire.send('GET /images/demo/vmlinuz HTTP/1.0\r\n\r\n')
    const answer = await wire.answer()
    assert.deepEqual([answer.headers['content-length'], String(answer.body)], ['14', 'kernel of demo'])
    assert.equal((await wire.rest()).length, 0)
  })

  test('whose client has ended its half is answered, as some of busybox’ wgets need', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server, 'wipe,demo')
    const content = Buffer.alloc(24 << 20, 'x')
    await server.put('images/demo/disk', content)
    const port = await server.listen()
    for (const path of [`/finish?id=1&bootid=${id}`, `/bootstrap?${MACHINE}`, '/bootstrap.ipxe', '/images/demo/disk']) {
      using wire = await wireTo(port)
      wire.socket.end(ask(path))
      const answer = await wire.answer()
      assert.equal(answer.status, 200, path)
      if (path.endsWith('disk')) assert.ok(answer.body.equals(content))
      assert.equal((await wire.rest()).length, 0)
    }
  })

  test('that sends its request byte by byte is answered', async (t) => {
    const server = await labServer(t)
    const port = await server.listen()
    using wire = await wireTo(port)
    wire.socket.setNoDelay(true)
    for (const byte of ask('/state?id=1')) {
      await new Promise<void>((resolve, reject) =>
        wire.socket.write(byte, (error) => (error ? reject(error) : resolve())),
      )
    }
    assert.equal((await wire.answer()).status, 404)
  })

  test('that reads slowly holds nobody up, and gets every byte in the end', async (t) => {
    const server = await labServer(t)
    const content = Buffer.alloc(24 << 20, 'abcdefgh')
    await server.put('images/demo/disk', content)
    const port = await server.listen()
    using slow = await wireTo(port)
    slow.send(ask('/images/demo/disk'))
    await once(slow.socket, 'data')
    slow.socket.pause()
    const others = await Promise.all(Array.from({ length: 8 }, () => exchange(port, ask('/images/demo/disk'))))
    for (const other of others) assert.ok(other.body.equals(content))
    assert.ok((await slow.answer()).body.equals(content))
  })

  test('that says nothing for too long is ended: every kind of silence has its limit', async (t) => {
    const { app } = await labServer(t)
    assert.equal(app.server.requestTimeout, 60_000)
    assert.ok(app.server.headersTimeout <= 60_000)
    assert.equal(app.server.keepAliveTimeout, 75_000)
    // A disk that is slow to write may hold a download up for minutes, but a client that is gone must not keep a file open for ever.
    assert.equal(app.server.timeout, 600_000)
  })

  test('on which nothing moves any more is ended, in the midst of a download too', async (t) => {
    const server = await labServer(t)
    server.app.server.timeout = 50 // taken over by each new connection
    await server.put('images/demo/disk', Buffer.alloc(24 << 20))
    const port = await server.listen()
    const connected = once(server.app.server, 'connection')
    using wire = await wireTo(port)
    wire.socket.pause()
    const [itsEnd] = (await connected) as [Socket]
    const closed = once(itsEnd, 'close')
    wire.send(ask('/images/demo/disk'))
    await closed
    await assert.rejects(wire.answer(), /the connection ended/)
  })

  test('that breaks off within a body changes nothing', async (t) => {
    const server = await labServer(t, { discover: true })
    await putLinux(server, 'discover')
    const { id } = await server.boot(MACHINE)
    const port = await server.listen()
    const before = server.dump()
    const types = [
      'application/x-www-form-urlencoded',
      'application/json',
      'multipart/form-data; boundary=y',
      'text/plain',
    ]
    for (const type of types) {
      using wire = await wireTo(port)
      wire.send(
        `POST /update?id=1&bootid=${id} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 99\r\n\r\nmac=52:54:00:00:00:02&`,
      )
      wire.socket.end()
      await wire.rest()
    }
    assert.equal(server.dump(), before)
  })
})

describe('bytes that are no request', () => {
  const garbage: readonly (readonly [string, number, string | Buffer])[] = [
    ['noise', 400, Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0xff, 13, 10, 13, 10])],
    ['an unknown method', 400, 'BOOT / HTTP/1.1\r\n\r\n'],
    ['a space in the address', 400, 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header without a colon', 400, 'GET / HTTP/1.1\r\nHost x\r\n\r\n'],
    ['a length that is none', 400, 'POST /finish HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n'],
    ['a negative length', 400, 'POST /finish HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['two lengths', 400, 'POST /finish HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      400,
      'POST /finish HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a chunk that is none', 400, 'POST /finish?id=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['too long a header', 431, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a flood of headers', 431, `GET / HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(5000)}\r\n`],
    ['too long an address', 431, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ]
  for (const [name, status, bytes] of garbage) {
    test(`such as ${name} are refused in one line, and the connection ends`, async (t) => {
      const server = await labServer(t)
      const port = await server.listen()
      using wire = await wireTo(port)
      wire.send(bytes)
      const answer = await wire.answer()
      assert.equal(answer.status, status)
      assert.match(String(answer.body), /^[a-z ]+\n$/)
      await wire.rest()
      assert.equal((await exchange(port, ask('/state?id=1'))).status, 404)
    })
  }

  test('behind a request whose answer is on its way do not get into that answer', async (t) => {
    const server = await labServer(t)
    await server.put('images/demo/disk', Buffer.alloc(24 << 20, 'x'))
    const port = await server.listen()
    using wire = await wireTo(port)
    wire.send(ask('/images/demo/disk'))
    await once(wire.socket, 'data')
    wire.socket.pause()
    wire.send('garbage\r\n\r\n')
    await assert.rejects(wire.answer(), /^Error: the connection ended after \d+ of 25165824 bytes$/)
    assert.equal(String(await wire.rest()).includes('bad request'), false)
  })
})

test('a body that is too large is refused before it has come', async (t) => {
  const server = await labServer(t)
  const port = await server.listen()
  for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=y']) {
    using wire = await wireTo(port)
    wire.send(`POST /finish?id=1 HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 99999999\r\n\r\n`)
    assert.equal((await wire.answer()).status, 413, type)
  }
})

/** This machine's own link-local address, by which it can reach itself. */
function linkLocalAddress(): [zone: string, address: string] {
  for (const [zone, addresses] of Object.entries(networkInterfaces())) {
    const found = addresses?.find(({ address }) => address.startsWith('fe80:'))
    if (found !== undefined) return [zone, found.address]
  }
  return ['', '']
}
