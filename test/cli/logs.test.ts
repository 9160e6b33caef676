import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Fastify from 'fastify'
import { openLive } from '../../src/commands/open-live.ts'
import { makeStore } from '../../src/commands/open-store.ts'
import { useShapes } from '../../src/http/admin/api/api.ts'
import { eventRoutes } from '../../src/http/admin/live/events.ts'
import { hostLogRoutes } from '../../src/http/admin/live/host-log.ts'
import { tellProblems } from '../../src/http/admin/problem.ts'
import { start } from './going-on.ts'
import { host, place } from './program.ts'

/** A host of which something is known: two events, and two lines of its console between them. */
async function known(t: TestContext) {
  const here = await place(t)
  await here.addHosts(host(1, { hostname: 'esx1' }), host(2))
  const store = makeStore(join(here.folder, 'data'))
  t.after(() => store[Symbol.asyncDispose]())
  const at = Date.now()
  const event = (time: number, text: string) =>
    store.addEvent(1, 7, time, { type: text.startsWith('failed') ? 'failed' : 'report', text })
  const line = (time: number, text: string, hostId = 1) =>
    store.addLines([{ hostId, boot: 7, at: time, severity: 4, app: 'weasel', text }])
  await event(at - 3000, 'first')
  await line(at - 2000, 'second')
  await line(at - 1500, 'of another', 2)
  await line(at - 1000, 'third')
  await event(at, 'failed at last')
  return { here, store, event, line }
}

async function door(t: TestContext, store: ReturnType<typeof makeStore>): Promise<string> {
  const live = openLive(store, Date.now, () => {})
  const admin = Fastify({ forceCloseConnections: 'idle' })
  t.after(async () => {
    await admin.close()
    live[Symbol.dispose]()
  })
  tellProblems(admin)
  useShapes(admin)
  await admin.register(eventRoutes, { store, live })
  await admin.register(hostLogRoutes, { store })
  await admin.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(admin.server.address() as AddressInfo).port}`
}

test('logs shows events and what the console said, in order of time, from the database and from a server', async (t) => {
  const { here, store } = await known(t)
  const server = ['--server', await door(t, store)]
  for (const from of [[], server]) {
    const { code, stdout, stderr } = await here.inProcess('logs', '--host', 'esx1', '--since', '1h', ...from)
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((text) => text.replace(/^[\d:]+ +/, '').replace(/ {2,}/g, '  ')),
      [
        'boot 7  report  first',
        'boot 7  > weasel  second',
        'boot 7  > weasel  third',
        'boot 7  failed  failed at last',
      ],
    )
    const last = await here.inProcess('logs', '-i', 'SN1', '--last', '2', '--json', ...from)
    const lines = last.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>)
    assert.deepEqual(
      lines.map(({ kind, host: id, text, app, severity }) => ({ kind, id, text, app, severity })),
      [
        { kind: 'line', id: 1, text: 'third', app: 'weasel', severity: 4 },
        { kind: 'event', id: 1, text: 'failed at last', app: undefined, severity: undefined },
      ],
    )
    const none = await here.inProcess('logs', '-i', '2', '--since', '1s', ...from)
    assert.deepEqual([none.code, none.stdout], [0, ''])
  }
})

test('logs goes on with what happens, from the database and from a server', async (t) => {
  const { here, store, event, line } = await known(t)
  const url = await door(t, store)
  const both = [[], ['--server', url]].map((from) =>
    start(t, here.folder, ['logs', '-i', '1', '--follow', '--last', '1', ...from]),
  )
  for (const logs of both) await logs.until('stdout', /failed at last/)
  await line(Date.now(), 'fourth')
  for (const logs of both) await logs.until('stdout', /fourth/)
  await event(Date.now(), 'fifth')
  for (const logs of both) {
    await logs.until('stdout', /fifth/)
    assert.deepEqual(logs.texts.stdout.match(/first|second|third|last|fourth|fifth|another/g), [
      'last',
      'fourth',
      'fifth',
    ])
    assert.equal(await logs.stop(), 0)
  }
})

test('logs refuses what it cannot show', async (t) => {
  const { here, store } = await known(t)
  const url = await door(t, store)
  for (const [args, code, message] of [
    [[], 2, /required option '-i, --host/],
    [['-i', 'nobody'], 1, /no host is known as/],
    [['-i', 'nobody', '--server', url], 1, /no host is known as/],
    [['-i', '1', '--last', '0'], 2, /--last 0 is not a number from 1 to 10000/],
    [['-i', '1', '--since', 'x'], 2, /is not a time/],
  ] as const) {
    const outcome = await here.inProcess('logs', ...args)
    assert.equal(outcome.code, code, outcome.stderr)
    assert.match(outcome.stderr, message)
  }
})
