import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Fastify from 'fastify'
import { openLive } from '../../src/commands/open-live.ts'
import { makeStore } from '../../src/commands/open-store.ts'
import { rename } from '../../src/core/edit.ts'
import { startInstall } from '../../src/core/install-progress.ts'
import { useShapes } from '../../src/http/admin/api/api.ts'
import { eventRoutes } from '../../src/http/admin/live/events.ts'
import { tellProblems } from '../../src/http/admin/problem.ts'
import type { Store } from '../../src/store/store.ts'
import { start } from './going-on.ts'
import { host, place } from './program.ts'

async function running(t: TestContext) {
  const here = await place(t)
  await here.addHosts(host(1, { hostname: 'esx1' }), host(2))
  const store = makeStore(join(here.folder, 'data'))
  t.after(() => store[Symbol.asyncDispose]())
  return { here, store }
}

async function door(t: TestContext, store: Store, port = 0) {
  const live = openLive(store, Date.now, () => {})
  const admin = Fastify({ forceCloseConnections: 'idle' })
  tellProblems(admin)
  useShapes(admin)
  await admin.register(eventRoutes, { store, live })
  const close = async () => {
    await admin.close()
    live[Symbol.dispose]()
  }
  t.after(close)
  await admin.listen({ host: '127.0.0.1', port })
  return { port: (admin.server.address() as AddressInfo).port, close }
}

const edit = (store: Store, id: number, name: string) => store.changeHost(id, Date.now(), (one) => rename(one, name))

test('watch shows what another process does to hosts, and ends cleanly by Ctrl-C', async (t) => {
  const { here, store } = await running(t)
  const watch = start(t, here.folder, ['watch', '--since', '1h'])
  await watch.until('stderr', /watching/)
  await edit(store, 2, 'esx2')
  await watch.until('stdout', /name is now esx2/)
  assert.match(watch.texts.stdout, /^\d\d:\d\d:\d\d {2}esx2 +edited +name is now esx2\n$/)
  assert.equal(await watch.stop(), 0)
})

test('watch shows one host, the past of it first, as JSON for other programs', async (t) => {
  const { here, store } = await running(t)
  await edit(store, 1, 'esx9')
  await edit(store, 2, 'esx2')
  const watch = start(t, here.folder, ['watch', 'esx9', '--since', '1h', '--json'])
  await watch.until('stdout', /name is now esx9/)
  await edit(store, 2, 'esx3')
  await store.changeHost(1, Date.now(), (one) => ({
    host: { ...one, state: 'installing', progress: 7, plan: { ...one.plan, images: ['esxi8'] } },
    events: [{ type: 'booted', text: 'a\u001b[31m text' }],
  }))
  await store.saveInstall({ hostId: 1, boot: 7, image: 'esxi8', progress: startInstall(Date.now()) })
  await watch.until('stdout', /progress/)
  const lines = watch.texts.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    lines.map(({ kind, host: id, type }) => [kind, id, type]),
    [
      ['event', 1, 'edited'],
      ['event', 1, 'booted'],
      ['progress', 1, undefined],
    ],
  )
  assert.equal(await watch.stop(), 0)
})

test('watch follows a server, and goes on where it was when that comes again', async (t) => {
  const { here, store } = await running(t)
  const first = await door(t, store)
  const watch = start(t, here.folder, ['watch', '--server', `http://127.0.0.1:${first.port}`, '--data', 'none'])
  await watch.until('stderr', /watching/)
  await edit(store, 1, 'one')
  await watch.until('stdout', /name is now one/)
  await first.close()
  await watch.until('stderr', /trying again/)
  await edit(store, 1, 'two')
  await door(t, store, first.port)
  await watch.until('stdout', /name is now two/)
  assert.equal(watch.texts.stdout.match(/name is now/g)?.length, 2)
  assert.equal(await watch.stop(), 0)
})

test('watch says why it cannot follow a server', async (t) => {
  const { here, store } = await running(t)
  const { port } = await door(t, store)
  const unused = createServer().listen(0, '127.0.0.1')
  await once(unused, 'listening')
  const free = (unused.address() as AddressInfo).port
  await new Promise((resolve) => unused.close(resolve))
  const cases: [string[], number, RegExp][] = [
    [['--server', `http://127.0.0.1:${free}`], 1, /cannot reach http.*ECONNREFUSED/],
    [['nobody', '--server', `http://127.0.0.1:${port}`], 1, /no host is known as/],
    [['--server', `http://127.0.0.1:${port}/else`], 1, /error: /],
    [['--server', 'here'], 2, /is not an address/],
    [['--type', 'boted'], 2, /is no type of event/],
    [['--since', '5'], 2, /is not a time/],
    [['nobody'], 1, /no host is known as/],
  ]
  for (const [args, code, message] of cases) {
    const outcome = await here.inProcess('watch', ...args)
    assert.equal(outcome.code, code, outcome.stderr)
    assert.match(outcome.stderr, message)
  }
})
