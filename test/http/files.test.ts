import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readlink, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { FileCache, Loan } from '../../src/images/file-cache.ts'
import { type LocatedFile, locateFile } from '../../src/images/locate.ts'
import { runs } from '../support/runs.ts'
import { installing, type LabServer, labServer } from './lab-server.ts'
import { exchange, type Wire, wireTo } from './raw-socket.ts'

const CONTENT = '0123456789abcdef'

async function withDiskFile(
  t: Parameters<typeof labServer>[0],
  content: string | Buffer = CONTENT,
): Promise<LabServer> {
  const server = await labServer(t)
  await server.put('images/demo/disk.raw', content)
  return server
}

/** With the file in memory, as after its second download, when it was not written just now. */
async function withCachedFile(...args: Parameters<typeof withDiskFile>): Promise<LabServer> {
  const [t, content = CONTENT] = args
  const server = await labServer(t, { cache: 1 << 30 })
  await server.put('images/demo/disk.raw', content)
  const expected = content.length === 0 ? 0 : 1
  do for (const _ of [1, 2]) await server.get(FILE)
  while (server.cache?.state.files !== expected)
  return server
}

const FILE = '/images/demo/disk.raw'

async function etagOf(server: LabServer): Promise<string> {
  return String((await server.head(FILE)).headers['etag'])
}

for (const [from, withFile] of [
  ['from the disk', withDiskFile],
  ['from memory', withCachedFile],
] as const) {
  describe(`a file ${from}`, () => {
    test('comes whole, with its length, a strong ETag and word that ranges work', async (t) => {
      const server = await withFile(t)
      const { statusCode, headers, body } = await server.get(FILE)
      assert.equal(statusCode, 200)
      assert.equal(body, CONTENT)
      assert.equal(headers['content-length'], '16')
      assert.equal(headers['accept-ranges'], 'bytes')
      assert.match(String(headers['etag']), /^"[\w.]+"$/)
      assert.equal(headers['transfer-encoding'], undefined)
    })

    test('of no bytes is one like any other', async (t) => {
      const server = await withFile(t, '')
      const answer = await server.get(FILE)
      assert.equal(answer.statusCode, 200)
      assert.equal(answer.headers['content-length'], '0')
      assert.equal((await server.head(FILE)).headers['content-length'], '0')
    })

    test('is never compressed, and its precompressed neighbour never served in its place', async (t) => {
      const server = await withFile(t)
      await server.put('images/demo/disk.raw.gz', 'not it')
      for (const wanted of ['gzip', 'br, gzip, deflate', '*', 'identity;q=0']) {
        const answer = await server.get(FILE, { 'accept-encoding': wanted })
        assert.equal(answer.headers['content-encoding'], undefined)
        assert.equal(answer.body, CONTENT)
      }
    })

    test('with a name that needs encoding is found by it', async (t) => {
      const server = await labServer(t)
      const names = ['a b#c?d', 'ä+%41', 'x;y=1', "it's", 'index.html', 'con:nul']
      for (const name of names) {
        await server.put(`images/demo/${name}`, name)
        const answer = await server.get(`/images/demo/${encodeURIComponent(name)}`)
        assert.equal(answer.body, name)
      }
    })

    test('larger than 2 GiB is sent by ranges beyond that, and its length is told exactly', async (t) => {
      const server = await withFile(t, '')
      const size = 5 * 2 ** 30 + 3
      await truncate(join(server.folder, FILE.slice(1)), size)
      assert.equal((await server.head(FILE)).headers['content-length'], String(size))
      const tail = await server.get(FILE, { range: `bytes=${size - 2}-` })
      assert.equal(tail.statusCode, 206)
      assert.equal(tail.headers['content-range'], `bytes ${size - 2}-${size - 1}/${size}`)
      assert.deepEqual(tail.rawPayload, Buffer.alloc(2))
    })

    test('changes its ETag with every change: of content, of time alone, put back to an older time, replaced', async (t) => {
      const server = await withFile(t)
      const path = join(server.folder, FILE.slice(1))
      const seen = new Set([await etagOf(server)])
      const old = new Date(2001, 0)
      const changes = [
        () => server.put('images/demo/disk.raw', `${CONTENT}!`),
        () => utimes(path, old, old),
        async () => {
          await server.put('images/demo/other', `${CONTENT}!`)
          await utimes(join(server.folder, 'images/demo/other'), old, old)
          await rename(join(server.folder, 'images/demo/other'), path)
        },
      ]
      for (const change of changes) {
        await change()
        const etag = await etagOf(server)
        assert.ok(!seen.has(etag), etag)
        seen.add(etag)
      }
    })

    test('that the server may not read is its own fault, in one line, with the length of that line', async (t) => {
      const server = await withFile(t)
      const path = join(server.folder, FILE.slice(1))
      await chmod(path, 0)
      for (const path of [server.folder, join(server.folder, 'images'), join(server.folder, 'images/demo')]) {
        await chmod(path, 0o755)
      }
      const port = await server.listen()
      const isRoot = process.geteuid?.() === 0
      if (isRoot) process.seteuid?.(65_534)
      try {
        const answer = await exchange(port, `GET ${FILE} HTTP/1.1\r\nHost: x\r\n\r\n`)
        assert.equal(answer.status, 503)
        assert.equal(answer.headers['retry-after'], '5')
        assert.equal(answer.headers['etag'], undefined)
        assert.match(String(answer.body), /^the file may not be used by this user \(permission denied\)\n$/)
      } finally {
        if (isRoot) process.seteuid?.(0)
      }
    })

    test('that is replaced over and over is always sent as one version, with the ETag and length of that version', async (t) => {
      const server = await withFile(t, 'a'.repeat(300_000))
      const target = join(server.folder, FILE.slice(1))
      const versions = new Map<string, number>()
      let isDone = false
      const replacing = (async () => {
        for (let i = 0; !isDone; i++) {
          const letter = String.fromCharCode(97 + (i % 26))
          await rename(await server.put('images/demo/next', letter.repeat(300_000 + i)), target)
        }
      })()
      try {
        for (let i = 0; i < runs(400); i++) {
          const { statusCode, body, headers } = await server.get(FILE)
          if (statusCode === 503) continue
          assert.equal(statusCode, 200)
          assert.equal(body, (body[0] ?? '').repeat(Number(headers['content-length'])))
          const etag = String(headers['etag'])
          assert.equal(versions.get(etag) ?? body.length, body.length)
          versions.set(etag, body.length)
        }
      } finally {
        isDone = true
        await replacing
      }
      assert.ok(versions.size > 1)
    })
  })

  describe(`a range of a file ${from}`, () => {
    const ranges: readonly (readonly [string, string, string])[] = [
      ['bytes=0-0', '0', 'bytes 0-0/16'],
      ['bytes=4-7', '4567', 'bytes 4-7/16'],
      ['bytes=10-', 'abcdef', 'bytes 10-15/16'],
      ['bytes=10-999', 'abcdef', 'bytes 10-15/16'],
      ['bytes=-3', 'def', 'bytes 13-15/16'],
      ['bytes=-99', CONTENT, 'bytes 0-15/16'],
    ]
    for (const [range, expected, told] of ranges) {
      test(`${range} gives exactly that, and HEAD tells the same`, async (t) => {
        const server = await withFile(t)
        const answer = await server.get(FILE, { range })
        assert.equal(answer.statusCode, 206)
        assert.equal(answer.body, expected)
        assert.equal(answer.headers['content-range'], told)
        assert.equal(answer.headers['content-length'], String(expected.length))
        const head = await server.head(FILE, { range })
        assert.equal(head.headers['content-length'], answer.headers['content-length'])
      })
    }

    for (const range of ['bytes=16-', 'bytes=99-100', 'bytes=-0']) {
      test(`${range} cannot be satisfied, and the answer tells the length that there is`, async (t) => {
        const server = await withFile(t)
        const answer = await server.get(FILE, { range })
        assert.equal(answer.statusCode, 416)
        assert.equal(answer.headers['content-range'], 'bytes */16')
        assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
      })
    }

    for (const range of ['bytes=0-1,4-5', 'lines=1-2', 'bytes=x-y', 'bytes=5-2', '']) {
      test(`${JSON.stringify(range)} is no single range of bytes: the whole file comes`, async (t) => {
        const server = await withFile(t)
        const answer = await server.get(FILE, { range })
        assert.ok([200, 416].includes(answer.statusCode), String(answer.statusCode))
        if (answer.statusCode === 200) assert.equal(answer.body, CONTENT)
      })
    }

    test('is joined only to the same version: If-Range with its strong ETag', async (t) => {
      const server = await withFile(t)
      const answer = await server.get(FILE, { range: 'bytes=4-', 'if-range': await etagOf(server) })
      assert.equal(answer.statusCode, 206)
      assert.equal(answer.body, CONTENT.slice(4))
    })

    test('of another version, of a weak one, or of a date is the whole file', async (t) => {
      const server = await withFile(t)
      const { headers } = await server.head(FILE)
      // A date names a second, in which a file can change twice; and an older file may take a newer one's place.
      for (const condition of ['"other"', `W/${headers['etag']}`, String(headers['last-modified']), 'x']) {
        const answer = await server.get(FILE, { range: 'bytes=4-', 'if-range': condition })
        assert.equal(answer.statusCode, 200, condition)
        assert.equal(answer.body, CONTENT)
      }
    })
  })

  describe(`a condition on a file ${from}`, () => {
    test('If-None-Match with the ETag, weak or among others, or with * is 304 without a body', async (t) => {
      const server = await withFile(t)
      const etag = await etagOf(server)
      for (const condition of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
        const answer = await server.get(FILE, { 'if-none-match': condition })
        assert.equal(answer.statusCode, 304, condition)
        assert.equal(answer.body, '')
        assert.equal(answer.headers['etag'], etag)
      }
      assert.equal((await server.get(FILE, { 'if-none-match': '"other"' })).statusCode, 200)
    })

    test('If-None-Match of an old version gets the new file, although its date is not newer', async (t) => {
      const server = await withFile(t)
      const { headers } = await server.head(FILE)
      await server.put('images/demo/disk.raw', 'fedcba9876543210')
      const answer = await server.get(FILE, {
        'if-none-match': String(headers['etag']),
        'if-modified-since': new Date(Date.now() + 60_000).toUTCString(),
      })
      assert.equal(answer.statusCode, 200)
      assert.equal(answer.body, 'fedcba9876543210')
    })

    test('If-Match lets the same version pass and refuses another', async (t) => {
      const server = await withFile(t)
      const etag = await etagOf(server)
      for (const condition of [etag, '*', `"a", ${etag}`]) {
        assert.equal((await server.get(FILE, { 'if-match': condition })).statusCode, 200, condition)
      }
      for (const condition of ['"other"', `W/${etag}`]) {
        assert.equal((await server.get(FILE, { 'if-match': condition })).statusCode, 412, condition)
      }
    })
  })
}

test('a file from the disk that shrinks while it is sent ends the connection, so that nobody takes the half for the whole', async (t) => {
  const server = await withDiskFile(t, Buffer.alloc(64 << 20, 'x'))
  const port = await server.listen()
  using wire = await wireTo(port)
  wire.send(`GET ${FILE} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await once(wire.socket, 'data')
  wire.socket.pause()
  await truncate(join(server.folder, FILE.slice(1)), 1 << 20)
  await assert.rejects(wire.answer(), /the connection ended after \d+ of 67108864 bytes/)
})

test('a file from the disk that is overwritten while it is sent, to the same size, ends the connection too', async (t) => {
  const server = await withDiskFile(t, Buffer.alloc(64 << 20, 'x'))
  using wire = await wireTo(await server.listen())
  wire.send(`GET ${FILE} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await once(wire.socket, 'data')
  wire.socket.pause()
  await writeFile(join(server.folder, FILE.slice(1)), Buffer.alloc(64 << 20, 'y'))
  await assert.rejects(wire.answer(), /the connection ended after \d+ of 67108864 bytes/)
})

describe('no address leads out of the images', () => {
  test('by .., encodings, dotfiles, links, folders or absolute paths', async (t) => {
    const server = await withDiskFile(t)
    await server.put('secret', 'TOP SECRET')
    await server.put('images/.staging/half', 'TOP SECRET')
    await server.put('images/demo/.hidden', 'TOP SECRET')
    await server.put('images/demo/sub/file', 'fine')
    await symlink(join(server.folder, 'secret'), join(server.folder, 'images/demo/link'))
    await symlink('../.staging', join(server.folder, 'images/demo/staging'))
    await symlink('..', join(server.folder, 'images/up'))
    await mkdir(join(server.folder, 'images/demo/folder'))
    const port = await server.listen()
    const paths = [
      '../secret',
      'demo/../../secret',
      '%2e%2e/secret',
      'demo/%2e%2e/%2e%2e/secret',
      'demo%2f..%2f..%2fsecret',
      '..%2fsecret',
      '%2e%2e%2fsecret',
      '..%5csecret',
      'demo/..%5c..%5csecret',
      'demo/%252e%252e/%252e%252e/secret',
      '%252e%252e%252fsecret',
      'demo/..;/..;/secret',
      'demo/disk.raw%00',
      'demo/%00',
      'demo/..%c0%af..%c0%afsecret',
      'demo/%c0%ae%c0%ae/secret',
      'demo/.hidden',
      'demo/%2ehidden',
      '.staging/half',
      '%2estaging/half',
      'demo/staging/half',
      'demo/link',
      'up/secret',
      'demo',
      'demo/',
      'demo/folder',
      'demo/folder/',
      'demo/sub/',
      'demo/disk.raw/',
      'demo/disk.raw/.',
      'demo/./disk.raw',
      'demo//disk.raw',
      '/demo/disk.raw',
      `${server.folder}/secret`,
      `demo/${server.folder}/secret`,
      `${encodeURIComponent(`${server.folder}/secret`)}`,
      'file:///etc/hostname',
      'nothing/here',
      'demo/nothing',
      'demo/disk.raw%0a',
      `demo/${'x'.repeat(300)}`,
      `demo/${'x/'.repeat(1500)}`,
      '',
      '/',
      '%',
      '%zz',
    ]
    for (const prefix of ['/images/', '/ipxe/']) {
      for (const path of paths) {
        for (const method of ['GET', 'HEAD']) {
          const answer = await exchange(port, `${method} ${prefix}${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
          assert.ok([400, 404, 414].includes(answer.status), `${prefix}${path} is ${answer.status}`)
          assert.doesNotMatch(String(answer.body), /TOP SECRET|<html|at .*\.ts/i)
        }
      }
    }
  })

  test('a link within the images folder is followed: images may share files', async (t) => {
    const server = await withDiskFile(t)
    await mkdir(join(server.folder, 'images/twin'))
    await symlink('../demo/disk.raw', join(server.folder, 'images/twin/disk'))
    assert.equal((await server.get('/images/twin/disk')).body, CONTENT)
  })
})

test("iPXE's boot files are served from their own folder", async (t) => {
  const server = await labServer(t)
  const bytes = Buffer.from(createHash('sha256').update('ipxe').digest())
  await server.put('ipxe/ipxe.efi', bytes)
  await server.put('images/demo/ipxe.efi', 'not it')
  const answer = await server.get('/ipxe/ipxe.efi')
  assert.deepEqual(answer.rawPayload, bytes)
  assert.equal((await server.head('/ipxe/ipxe.efi')).headers['content-length'], '32')
  assert.equal((await server.get('/ipxe/none.efi')).statusCode, 404)
})

test('an aborted download closes its file, and the server goes on; the log says nothing of its key', async (t) => {
  const server = await withDiskFile(t, Buffer.alloc(32 << 20))
  const { id } = await installing(server)
  const port = await server.listen()
  for (let i = 0; i < 20; i++) {
    using wire = await wireTo(port)
    wire.send(`GET ${i % 2 ? FILE : `/b/${id}/tree/disk.raw`} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await new Promise((resolve) => wire.socket.once('data', resolve))
  }
  const small = await exchange(port, `GET ${FILE} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\n\r\n`)
  assert.equal(small.body.length, 4)
  await server.app.close()
  await untilClosed(FILE)
  assert.equal(server.log.filter((line) => Number(line['level']) >= 50).length, 0)
})

test('an aborted download from memory gives its memory back, one that waits behind another too', async (t) => {
  const size = 16 << 20
  const server = await labServer(t, { cache: 2 * size })
  const { cache } = server
  assert.ok(cache)
  const [images, old] = [join(server.folder, 'images'), new Date(2020, 0)]
  const find = async (name: string): Promise<LocatedFile> => {
    const path = await server.put(`images/demo/${name}`, Buffer.alloc(size))
    await utimes(path, old, old)
    return locateFile({ directory: images, root: images }, `demo/${name}`)
  }
  const files = [await find('a'), await find('b'), await find('c'), await find('d')] as const
  const port = await server.listen()
  const ask = (name: string) => `GET /images/demo/${name} HTTP/1.1\r\nHost: x\r\n\r\n`
  for (const name of ['a', 'a', 'b', 'b']) await exchange(port, ask(name))
  assert.deepEqual(cache.state, { bytes: 2 * size, limit: 2 * size, files: 2 })
  cache.borrow(files[2])
  cache.borrow(files[3])
  for (const [one, other] of [
    ['a', 'b'],
    ['ab', 'ba'],
  ] as const) {
    using first = await startAndStop(port, [...one].map(ask).join(''))
    using second = await startAndStop(port, [...other].map(ask).join(''))
    assert.equal(cache.borrow(files[2]), undefined, 'both are lent')
    assert.ok(first.socket.readable && second.socket.readable)
  }
  // There is room for these two only when the others left, and they do not leave while they are lent.
  using third = await untilLent(cache, files[2])
  using fourth = await untilLent(cache, files[3])
  assert.ok(third.file !== fourth.file)
  assert.deepEqual(cache.state, { bytes: 2 * size, limit: 2 * size, files: 2 })
})

/** Asks for files, and reads no more as soon as the first one comes. */
async function startAndStop(port: number, request: string): Promise<Wire> {
  const wire = await wireTo(port)
  wire.send(request)
  await once(wire.socket, 'data')
  wire.socket.pause()
  return wire
}

async function untilLent(cache: FileCache, file: LocatedFile): Promise<Loan> {
  for (;;) {
    const loan = cache.borrow(file)
    if (loan !== undefined) return loan
    await setImmediate()
  }
}

/** Waits for this process, which is the server, to have no such file open. @throws when it stays open */
async function untilClosed(file: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    const links = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    )
    if (!links.some((link) => link.endsWith(file))) return
  }
  assert.fail(`${file} stays open`)
}
