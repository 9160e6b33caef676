import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import Fastify from 'fastify'
import { rename } from '../../src/core/edit.ts'
import { startInstall } from '../../src/core/install-progress.ts'
import { useShapes } from '../../src/http/admin/api/api.ts'
import { eventRoutes } from '../../src/http/admin/live/events.ts'
import { adminServer } from './admin/admin-server.ts'
import { installing } from './lab-server.ts'

async function adminDoor(t: TestContext) {
  const { server, admin, live } = await adminServer(t)
  await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  const edit = (id: number, name: string) => server.store.changeHost(id, server.now(), (host) => rename(host, name))
  return { server, admin, port, edit, live }
}

/** A reader of server-sent events, as a browser is one. */
async function openStream(t: TestContext, port: number, query = '', headers: Record<string, string> = {}) {
  const url = `http://127.0.0.1:${port}/api/v1/events${query}`
  const request: ClientRequest = ask(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } })
  t.after(() => request.destroy())
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const messages: EventSourceMessage[] = []
  const comments: string[] = []
  let changed = Promise.withResolvers<void>()
  const parser = createParser({
    onEvent: (message) => messages.push(message),
    onComment: (text) => comments.push(text),
  })
  response.setEncoding('utf8').on('data', (text: string) => {
    parser.feed(text)
    changed.resolve()
    changed = Promise.withResolvers()
  })
  response.on('error', () => {}) // a test that ends cuts it
  const ended = new Promise((resolve) => response.once('end', resolve))
  const until = async (isEnough: () => boolean) => {
    while (!isEnough()) await changed.promise
  }
  const data = () => messages.map((message) => JSON.parse(message.data) as Record<string, unknown>)
  return { response, messages, comments, ended, until, data, request }
}

test('a stream tells every event with the name of its host, and how far installs are', async (t) => {
  const { server, port, edit } = await adminDoor(t)
  const stream = await openStream(t, port, '?after=0')
  assert.equal(stream.response.headers['content-type'], 'text/event-stream')
  assert.equal(stream.response.headers['cache-control'], 'no-store')
  await installing(server)
  await edit(1, 'esx1')
  await stream.until(() => stream.data().some(({ type }) => type === 'edited'))
  const told = stream.data().filter(({ type }) => type !== undefined)
  assert.deepEqual(
    told.map(({ type }) => type),
    ['discovered', 'booted', 'assigned', 'booted', 'edited'],
  )
  assert.deepEqual(
    stream.messages.filter(({ event }) => event === undefined).map(({ id }) => Number(id)),
    told.map(({ id }) => id),
  )
  const { at, ...last } = told.at(-1) ?? {}
  assert.equal(at, '2026-01-01T00:00:05.000Z')
  assert.deepEqual(last, {
    id: 5,
    host: 1,
    name: 'esx1',
    boot: null,
    type: 'edited',
    text: 'name is now esx1',
    by: null,
  })

  const host = await server.host(1)
  const progress = { ...startInstall(server.now()), stage: 'kernel' as const, done: { files: 1, bytes: 5000 } }
  await server.store.saveInstall({ hostId: 1, boot: host.progress, image: 'demo', progress })
  await stream.until(() => stream.messages.some(({ event }) => event === 'progress'))
  const message = stream.messages.find(({ event }) => event === 'progress')
  const { name, stage, files, text } = JSON.parse(message?.data ?? '') as Record<string, unknown>
  assert.deepEqual(
    { name, stage, files, text },
    { name: 'esx1', stage: 'kernel', files: 1, text: 'kernel (1 file, 5.0 kB)' },
  )
})

test('a stream goes on behind the last event that its reader had, and is narrowed to a host or to types', async (t) => {
  const { server, port, edit } = await adminDoor(t)
  await server.boot('serial=SER-1')
  await server.boot('serial=SER-2')
  await edit(1, 'esx1')
  await edit(2, 'esx2')
  const resumed = await openStream(t, port, '?after=1', { 'last-event-id': '3' })
  const one = await openStream(t, port, '?after=0&host=esx2')
  const edits = await openStream(t, port, '?type=edited,failed&after=0')
  await edit(2, 'esx3')
  const last = (stream: { data(): Record<string, unknown>[] }) => () =>
    stream.data().at(-1)?.['text'] === 'name is now esx3'
  await Promise.all([resumed, one, edits].map((stream) => stream.until(last(stream))))
  assert.deepEqual(
    resumed.data().map(({ id }) => id),
    [4, 5, 6, 7],
  )
  assert.deepEqual([...new Set(one.data().map(({ host }) => host))], [2])
  assert.equal(one.data().length, 4)
  assert.deepEqual([...new Set(edits.data().map(({ type }) => type))], ['edited'])
  assert.equal(edits.data().length, 3)
})

test('a stream that asks for a time at which nothing has happened yet begins with what happens next', async (t) => {
  const { server, port, edit } = await adminDoor(t)
  await server.boot('serial=SER-1')
  const stream = await openStream(t, port, '?since=2030-01-01T00:00:00Z')
  await edit(1, 'esx1')
  await stream.until(() => stream.messages.length > 0)
  assert.deepEqual(
    stream.data().map(({ text }) => text),
    ['name is now esx1'],
  )
})

test('a server that stops ends its streams, and says so', async (t) => {
  const { admin, port } = await adminDoor(t)
  const streams = await Promise.all([1, 2, 3].map(() => openStream(t, port)))
  await admin.close()
  await Promise.all(streams.map(({ ended }) => ended))
  for (const { comments } of streams) assert.deepEqual(comments, ['the server is stopping'])
})

test('a stream without news says that it is alive', async (t) => {
  const { server, live } = await adminDoor(t)
  const app = Fastify()
  useShapes(app)
  await app.register(eventRoutes, { store: server.store, live, beat: 5 })
  t.after(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const stream = await openStream(t, (app.server.address() as AddressInfo).port)
  await stream.until(() => stream.comments.length >= 3)
  assert.deepEqual(new Set(stream.comments), new Set(['nothing new']))
})

test('a reader that takes nothing is dropped, and others go on', async (t) => {
  const { server, admin, port, edit } = await adminDoor(t)
  await server.boot('serial=SER-1')
  const accepted = once(admin.server, 'connection') as Promise<Socket[]>
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  t.after(() => socket.destroy())
  socket.write('GET /api/v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n')
  const [itsEnd] = await accepted
  await once(socket, 'readable')
  const reader = await openStream(t, port, '?type=edited')
  // Nobody reads from the socket: what the system keeps for it is full soon, then what the server keeps.
  const events = Array.from({ length: 1000 }, () => ({ type: 'report' as const, text: 'x'.repeat(5000) }))
  while (itsEnd?.destroyed === false) {
    await server.store.changeHost(1, 0, (host) => ({ host, events }))
    await new Promise(setImmediate)
  }
  await edit(1, 'esx1')
  await reader.until(() => reader.data().at(-1)?.['text'] === 'name is now esx1')
})

test('so many streams may be open and no more; one that ends makes room', async (t) => {
  const { port } = await adminDoor(t)
  const streams = await Promise.all(Array.from({ length: 200 }, () => openStream(t, port)))
  const refused = await openStream(t, port)
  assert.equal(refused.response.statusCode, 503)
  streams[0]?.request.destroy()
  let again = await openStream(t, port)
  while (again.response.statusCode === 503) again = await openStream(t, port)
  assert.equal(again.response.statusCode, 200)
})

test('without asking for a stream events come as pages, forwards and backwards', async (t) => {
  const { server, admin, edit } = await adminDoor(t)
  await server.boot('serial=SER-1')
  for (let n = 1; n <= 7; n += 1) await edit(1, `esx${n}`)
  const get = async (query: string) => {
    const { statusCode, body } = await admin.inject(`/api/v1/events${query}`)
    assert.equal(statusCode, 200, body)
    const page = JSON.parse(body) as { events: { id: number }[]; next: number; previous: number | null }
    return { ids: page.events.map(({ id }) => id), next: page.next, previous: page.previous }
  }
  assert.deepEqual(await get('?limit=4'), { ids: [6, 7, 8, 9], next: 9, previous: 6 })
  assert.deepEqual(await get('?limit=4&before=6'), { ids: [2, 3, 4, 5], next: 5, previous: 2 })
  assert.deepEqual(await get('?limit=4&before=2'), { ids: [1], next: 1, previous: null })
  assert.deepEqual(await get('?limit=3&after=2'), { ids: [3, 4, 5], next: 5, previous: 3 })
  assert.deepEqual(await get('?after=9'), { ids: [], next: 9, previous: null })
  assert.deepEqual(await get('?type=discovered&host=esx7'), { ids: [1], next: 1, previous: null })
  assert.deepEqual((await get('?since=2026-01-01T00:00:00Z&after=0&limit=2')).ids, [1, 2])
})

test('what cannot be meant is refused', async (t) => {
  const { admin } = await adminDoor(t)
  const cases: [string, number, RegExp][] = [
    ['?host=nobody', 404, /no host is known as/],
    ['?type=boted', 400, /is no type of event; there are discovered/],
    ['?limit=0', 400, /limit/],
    ['?after=x', 400, /after/],
    ['?since=yesterday', 400, /since/],
  ]
  for (const [query, status, message] of cases) {
    for (const accept of ['application/json', 'text/event-stream']) {
      const { statusCode, body } = await admin.inject({ url: `/api/v1/events${query}`, headers: { accept } })
      assert.equal(statusCode, status, `${query} ${body}`)
      assert.match(body, message)
    }
  }
  const head = await admin.inject({ method: 'HEAD', url: '/api/v1/events', headers: { accept: 'text/event-stream' } })
  assert.equal(head.statusCode, 200)
})
