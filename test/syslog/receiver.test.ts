import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { LineKeeper } from '../../src/commands/keep-lines.ts'
import { HeardFrom } from '../../src/core/heard-from.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { receiveSyslog } from '../../src/syslog/receiver.ts'
import { hostOf } from '../support/hosts.ts'
import { closedAfter } from '../support/stores.ts'

const run = promisify(execFile)
const LOGGER = '/usr/bin/logger'

/** A receiver whose lines go to host 1, which is heard from loopback. */
async function receiver(t: TestContext, heardFrom = '127.0.0.1') {
  const store = closedAfter(t, openSqliteStore(':memory:'))
  await store.addHosts([hostOf({ id: 1 })], 0, { type: 'imported', text: '' })
  const heard = new HeardFrom()
  heard.note(heardFrom, { host: 1, boot: 7 })
  const keeper = new LineKeeper({ store, heard, now: Date.now }, assert.ifError)
  const syslog = await receiveSyslog({ host: '127.0.0.1', port: 0 }, keeper, () => performance.now())
  t.after(() => syslog[Symbol.asyncDispose]())
  t.after(() => keeper[Symbol.asyncDispose]())
  let changed = Promise.withResolvers<void>()
  store.onWrite(() => {
    changed.resolve()
    changed = Promise.withResolvers()
  })
  const lines = () => store.readLines({ host: 1, limit: 9999 })
  return {
    ...{ store, keeper, port: syslog.port, lines },
    until: async (text: RegExp) => {
      for (;;) {
        const found = await lines()
        if (found.some((line) => text.test(line.text))) return found
        await changed.promise
      }
    },
  }
}

function send(port: number, ...datagrams: readonly (string | Buffer)[]): Promise<void> {
  const socket = createSocket('udp4')
  const sent = datagrams.map(
    (one) => new Promise<void>((resolve) => socket.send(one, port, '127.0.0.1', () => resolve())),
  )
  return Promise.all(sent).then(() => void socket.close())
}

const hasLogger = existsSync(LOGGER)
for (const [how, args] of [
  ['UDP, RFC 5424', ['--udp', '--rfc5424']],
  ['UDP, RFC 3164', ['--udp', '--rfc3164']],
  ['TCP, RFC 5424, with lengths', ['--tcp', '--rfc5424', '--octet-count']],
  ['TCP, RFC 5424, by lines', ['--tcp', '--rfc5424']],
  ['TCP, RFC 3164, by lines', ['--tcp', '--rfc3164']],
] as const) {
  test(`lines of the system's own logger arrive: ${how}`, {
    skip: hasLogger ? false : 'there is no logger',
  }, async (t) => {
    const { port, until } = await receiver(t)
    const common = ['--server', '127.0.0.1', '--port', String(port), '--tag', 'weasel', '--priority', 'local0.warning']
    await run(LOGGER, [...args, ...common, 'wrote the first disk'])
    const [line] = await until(/wrote the first disk/)
    const { hostId, boot, severity, app, text } = line ?? assert.fail()
    assert.deepEqual(
      { hostId, boot, severity, app, text },
      { hostId: 1, boot: 7, severity: 4, app: 'weasel', text: 'wrote the first disk' },
    )
  })
}

test('whatever comes by UDP and TCP, the receiver goes on', async (t) => {
  const { port, until, keeper } = await receiver(t)
  const junk = Array.from({ length: 300 }, (_, n) =>
    Buffer.from(Array.from({ length: n % 90 }, (__, m) => (n * 31 + m * 17) % 256)),
  )
  await send(port, ...junk, Buffer.alloc(60_000, '<'), '<13>1 - - - - - ['.repeat(400))
  for (const bytes of [
    Buffer.from('99999999999999 x'),
    Buffer.alloc(300_000, 0xff),
    Buffer.from('5 <1'),
    ...junk.slice(0, 20),
  ]) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await new Promise<void>((resolve) => socket.end(bytes, () => resolve()))
    await new Promise((resolve) => socket.on('close', resolve).resume())
  }
  await send(port, '<13>test: the last one')
  await until(/the last one/)
  assert.equal(keeper.counts.dropped, 0)
})

test('a sender that floods is kept to its pace, and what is nobody’s is counted', async (t) => {
  const { port, until, keeper, lines } = await receiver(t)
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve) => socket.end('<13>flood: x\n'.repeat(20_000), () => resolve()))
  await new Promise((resolve) => socket.on('close', resolve).resume())
  await until(/x/)
  await keeper[Symbol.asyncDispose]()
  const { kept, refused } = keeper.counts
  assert.equal((await lines()).length, kept)
  assert.ok(kept >= 1000 && kept < 20_000 && kept + refused === 20_000, JSON.stringify(keeper.counts))

  const other = await receiver(t, '10.9.9.9')
  await send(other.port, '<13>a: b', '<13>c: d')
  while (other.keeper.counts.unmatched < 2) await new Promise(setImmediate)
  assert.equal(other.keeper.counts.kept, 0)
})

test('of each host so many lines are kept, the newest; with a host its lines go, and merge', async (t) => {
  const store = closedAfter(t, openSqliteStore(':memory:'))
  await store.addHosts([hostOf({ id: 1 }), hostOf({ id: 2, macs: [] })], 0, { type: 'imported', text: '' })
  const line = (hostId: number, n: number) =>
    ({ hostId, boot: undefined, at: n, severity: 6, app: 'a', text: `line ${n}` }) as const
  await store.addLines([line(2, 0), line(3, 0)])
  for (let n = 0; n < 12; n += 1) await store.addLines(Array.from({ length: 500 }, (_, m) => line(1, n * 500 + m)))
  const lines = await store.readLines({ host: 1, limit: 99_999 })
  assert.equal(lines.at(-1)?.text, 'line 5999')
  assert.ok(lines.length >= 5000 && lines.length <= 5500, `${lines.length}`)
  assert.deepEqual(
    (await store.readLines({ host: 1, limit: 2 })).map(({ text }) => text),
    ['line 5998', 'line 5999'],
  )
  assert.deepEqual(
    (await store.readLines({ host: 1, after: lines[0]?.id, limit: 1 })).map(({ id }) => id),
    [lines[1]?.id],
  )
  assert.equal((await store.readLines({ host: 1, since: 5990, limit: 99 })).length, 10)
  assert.deepEqual(await store.readLines({ host: 3, limit: 9 }), [], 'no line of a host that is not there')
  await store.mergeHosts(1, 2, 0, (kept) => ({ host: kept, events: [] }))
  assert.equal((await store.readLines({ host: 1, since: 0, limit: 99_999 })).length, lines.length + 1)
  await store.deleteHost(1, 0, () => ({ type: 'deleted', text: '' }))
  assert.deepEqual(await store.readLines({ host: 1, limit: 9 }), [])
})

test('a port that is taken is told in words, and nothing stays open', async (t) => {
  const { port, keeper } = await receiver(t)
  await assert.rejects(
    receiveSyslog({ host: '127.0.0.1', port }, keeper, () => 0),
    {
      kind: 'unavailable',
      message: /cannot receive syslog on 127\.0\.0\.1:\d+: .*EADDRINUSE/,
    },
  )
})
