import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { installing, type LabServer, labServer, MACHINE } from './lab-server.ts'
import { exchange, type WireAnswer } from './raw-socket.ts'

const LARGE = randomBytes(5_000_003)

/** The server behind a real nginx with the configuration of docs/behind-nginx.md: its port, and that of the server itself. */
async function behindNginx(t: TestContext): Promise<{ server: LabServer; nginx: number; direct: number }> {
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const server = await labServer(t, { cache: 1 << 24, baseUrl, accelRedirect: '/internal/' })
  await server.put('images/demo/large.bin', LARGE)
  await server.put('images/demo/empty.gz', '')
  await server.put('images/demo/b c#d%2f?é.bin', 'strange name')
  const direct = await server.listen()
  await startNginx(t, server.folder, { port, direct })
  return { server, nginx: port, direct }
}

async function startNginx(t: TestContext, folder: string, ports: { port: number; direct: number }): Promise<void> {
  const page = await readFile(new URL('../../docs/behind-nginx.md', import.meta.url), 'utf8')
  const [, config = ''] = /^```nginx\n([\s\S]*?)^```/m.exec(page) ?? []
  const work = join(folder, 'nginx')
  await mkdir(work)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${work};`)
  const changes: readonly (readonly [string, string])[] = [
    ['user www-data;\nworker_processes auto;\n', 'daemon off;\nmaster_process off;\n'],
    ['/run/nginx.pid', `${work}/pid`],
    ['/var/log/nginx/error.log', `${work}/errors`],
    ['http {', `http {\n${temporary.join('\n')}`],
    ['127.0.0.1:5000', `127.0.0.1:${ports.direct}`],
    ['listen 80 ', `listen 127.0.0.1:${ports.port} `],
    ['/srv/metalspray/images/', `${folder}/images/`],
  ]
  let own = config
  for (const [from, to] of changes) {
    assert.equal(own.split(from).length, 2, `the page's configuration has ${from} once`)
    own = own.replace(from, to)
  }
  await writeFile(join(work, 'conf'), own)
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`
  const child = spawn('nginx', ['-e', `${work}/errors`, '-p', work, '-c', `${work}/conf`], {
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill()
    await ended
  })
  while (!(await isUp(ports.port))) {
    assert.equal(child.exitCode, null, 'nginx did not start')
    await sleep(20)
  }
}

async function isUp(port: number): Promise<boolean> {
  return exchange(port, 'HEAD /bootstrap.ipxe HTTP/1.1\r\nHost: x\r\n\r\n').then(
    () => true,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : assert.fail()
}

function get(port: number, path: string, ...more: readonly string[]): Promise<WireAnswer> {
  return exchange(port, [`GET ${path} HTTP/1.1`, 'Host: x', ...more, '', ''].join('\r\n'))
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function progressOf(
  server: LabServer,
  isIt: (bytes: number) => boolean,
): Promise<{ files: number; bytes: number }> {
  for (;;) {
    const done = (await server.store.findInstall(1))?.progress.done
    if (done !== undefined && isIt(done.bytes)) return done
    await setImmediate()
  }
}

test('behind nginx a machine gets every file byte for byte, with its length by HEAD, from nginx', async (t) => {
  const { server, nginx } = await behindNginx(t)
  const { id, script } = await installing(server)
  assert.ok(script.includes(`http://127.0.0.1:${nginx}/b/${id}/tree/vmlinuz`))
  await symlink('../demo/large.bin', await server.put('images/twin/x').then((path) => `${path}.link`))
  const paths: readonly (readonly [string, Buffer])[] = [
    [`/b/${id}/tree/large.bin`, LARGE],
    [`/b/${id}/tree/LARGE.BIN;1`, LARGE],
    ['/images/demo/large.bin', LARGE],
    ['/images/twin/x.link', LARGE],
    [`/b/${id}/tree/empty.gz`, Buffer.alloc(0)],
    [`/images/demo/${encodeURIComponent('b c#d%2f?é.bin')}`, Buffer.from('strange name')],
  ]
  for (const [path, content] of paths) {
    const answer = await get(nginx, path)
    assert.equal(answer.status, 200, path)
    assert.equal(sha256(answer.body), sha256(content), path)
    assert.match(String(answer.headers['server']), /^nginx/)
    assert.match(String(answer.headers['etag']), /^"[0-9a-f]+-[0-9a-f]+"$/, path)
    assert.equal(answer.headers['content-encoding'], undefined)
    const head = await exchange(nginx, `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    assert.equal(head.headers['content-length'], String(content.length))
  }
  // Its answers alone have such tags: the cache was asked for nothing.
  assert.equal(server.cache?.state.files, 0)
})

test('behind nginx ranges and conditions work, and what is asked by a range counts as that', async (t) => {
  const { server, nginx } = await behindNginx(t)
  const { id } = await installing(server)
  const path = `/b/${id}/tree/large.bin`
  const [start, tag] = [
    4_000_000,
    String((await exchange(nginx, `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).headers['etag']),
  ]
  for (const condition of [[], [`If-Range: ${tag}`]]) {
    const part = await get(nginx, path, `Range: bytes=${start}-`, ...condition)
    assert.equal(part.status, 206)
    assert.equal(part.headers['content-range'], `bytes ${start}-5000002/5000003`)
    assert.ok(part.body.equals(LARGE.subarray(start)))
  }
  server.later()
  assert.equal((await get(nginx, path, 'Range: bytes=0-9')).body.length, 10)
  // Whatever is asked again is counted once; the rest of a file in two parts is.
  assert.equal((await progressOf(server, (bytes) => bytes > 0)).files, 1)
  assert.equal((await get(nginx, path, `Range: bytes=${start}-`, 'If-Range: "other"')).status, 200)
  assert.equal((await get(nginx, path, `If-None-Match: ${tag}`)).status, 304)
  assert.equal((await get(nginx, path, 'If-Match: "other"')).status, 412)
  assert.equal((await get(nginx, path, 'Range: bytes=5000003-')).status, 416)
  await rename(await server.put('images/demo/next', 'another one'), join(server.folder, 'images/demo/large.bin'))
  const again = await get(nginx, path, `Range: bytes=5-`, `If-Range: ${tag}`)
  assert.deepEqual([again.status, String(again.body)], [200, 'another one'])
})

test('behind nginx a file counts when nginx has it, and refusals are in the voice of the server', async (t) => {
  const { server, nginx } = await behindNginx(t)
  const { id } = await installing(server)
  await get(nginx, `/b/${id}/tree/vmlinuz`)
  server.later()
  await get(nginx, `/b/${id}/tree/large.bin`)
  assert.deepEqual(await progressOf(server, (bytes) => bytes > 100), { files: 2, bytes: 14 + LARGE.length })
  const none = await get(nginx, `/b/${id}/tree/none.v00`)
  assert.deepEqual([none.status, String(none.body)], [404, 'there is no file "none.v00"\n'])
  assert.ok((await server.events(1)).some(({ type, text }) => type === 'fetch-failed' && text.includes('none.v00')))
})

test('nobody reaches the images folder past the server, nor learns of its inside', async (t) => {
  const { server, nginx, direct } = await behindNginx(t)
  const { id } = await installing(server)
  await server.put('images/demo/image.json', '{"kind":"linux"}')
  await server.put('images/.staging/half', 'TOP SECRET')
  const paths = ['large.bin', 'image.json', '../secret', '%2e%2e/secret'].map((name) => `/internal/demo/${name}`)
  for (const path of [
    ...paths,
    '/internal/',
    '/internal/.staging/half',
    '//internal/demo/large.bin',
    '/images/demo/image.json',
  ]) {
    const answer = await get(nginx, path)
    assert.ok(answer.status === 404 || answer.status === 400, `${path} is ${answer.status}`)
  }
  // A client may not say of itself that it is nginx and be given nothing for a file; nor does one without nginx get nothing.
  const posing = await get(nginx, `/b/${id}/tree/vmlinuz`, 'X-Sendfile-Type: none')
  assert.equal(String(posing.body), 'kernel of demo')
  assert.equal(posing.headers['x-accel-redirect'], undefined)
  const plain = await get(direct, `/b/${id}/tree/vmlinuz`)
  assert.deepEqual([plain.status, String(plain.body)], [200, 'kernel of demo'])
})

test('behind nginx a machine has the address that nginx says, and cannot choose one', async (t) => {
  const { server, nginx } = await behindNginx(t)
  await get(nginx, `/bootstrap?${MACHINE}`, 'X-Forwarded-For: 192.0.2.7')
  assert.deepEqual(server.rows('SELECT address FROM boots'), [{ address: '127.0.0.1' }])
})
