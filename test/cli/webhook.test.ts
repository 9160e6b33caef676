import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSigned, receiver } from '../support/receiver.ts'
import { host, place } from './program.ts'

const URL = 'https://chat.example/hooks/1'

test('the secret is printed once, alone on standard output; afterwards nobody can tell it', async (t) => {
  const here = await place(t)
  const { code, stdout, stderr } = await here.metalspray('webhook', 'add', URL)
  assert.equal(code, 0)
  assert.match(stdout, /^whsec_[A-Za-z0-9+/]{43}=\n$/)
  const types = 'finished, failed, stalled, looping, conflict'
  assert.equal(
    stderr,
    `webhook chat.example is told of ${types}; its receiver needs this secret, which is shown only now\n`,
  )
  for (const args of [['list'], ['list', '--json'], []]) {
    const told = await here.metalspray('webhook', ...args)
    assert.match(told.stdout, /chat\.example/)
    assert.ok(!told.stdout.includes(stdout.trim().slice(6)), args.join(' '))
  }
  assert.match((await here.metalspray('token', 'log')).stdout, /webhook-added {2}cli tester/)
})

test('with --json a program reads the secret beside what is kept', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { hostname: 'esx1' }), host(2))
  const wanted = ['--events', 'finished,failed', '--host', 'esx1', '--host', 'SN2']
  const { stdout } = await here.metalspray('webhook', 'add', URL, '--name', 'chat', ...wanted, '--json')
  const { secret, createdAt, ...kept } = JSON.parse(stdout) as Record<string, unknown>
  assert.match(String(secret), /^whsec_/)
  assert.ok(Date.parse(String(createdAt)) > 0)
  assert.deepEqual(kept, {
    ...{ name: 'chat', url: URL, events: ['finished', 'failed'], hosts: [1, 2], createdBy: 'cli tester' },
  })
})

test('a secret comes from standard input, and is not printed', async (t) => {
  const here = await place(t)
  const there = await receiver(t)
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const added = await here.run(['webhook', 'add', there.url, '--name', 'chat', '--events', 'all', '--secret-stdin'], {
    input: `${secret}\n`,
  })
  assert.deepEqual([added.stdout, added.stderr, added.code], ['', 'webhook chat is told of all events\n', 0])
  const tested = await here.metalspray('webhook', 'test', 'chat')
  assert.match(tested.stdout, /^http:\/\/127\.0\.0\.1:\d+\/ answered 204 in \d+ ms\n$/)
  assert.ok(there.received[0] && isSigned(there.received[0], secret))
  there.answers = 500
  const failed = await here.metalspray('webhook', 'test', 'chat')
  assert.deepEqual([failed.code, failed.stdout], [1, ''])
  assert.match(failed.stderr, /^error: http:\S+ answered 500 Internal Server Error\n$/)
  const json = await here.metalspray('webhook', 'test', 'chat', '--json')
  assert.deepEqual([json.code, JSON.parse(json.stdout).why], [1, 'answered 500 Internal Server Error'])
})

test('a webhook is listed with how it goes, and removed', async (t) => {
  const here = await place(t)
  await here.metalspray('webhook', 'add', URL, '--name', 'chat', '--events', 'failed')
  const { stdout } = await here.metalspray('webhook', 'list')
  assert.equal(
    stdout,
    [
      'Name  State  Waiting  Arrived  Failed  Next  Events  Hosts  To',
      `chat  new    0        never    never   -     failed  all    ${URL}\n`,
    ].join('\n'),
  )
  assert.equal((await here.metalspray('webhook', 'remove', 'chat')).stdout, 'webhook chat is removed\n')
  assert.match((await here.metalspray('webhook')).stderr, /nobody is told of anything/)
  const again = await here.metalspray('webhook', 'remove', 'chat')
  assert.deepEqual([again.code, again.stderr], [1, 'error: there is no webhook chat\n'])
})

for (const [what, args, message, code] of [
  ['an address that is none', ['chat.example'], /"chat\.example" is no http:\/\/ or https:\/\/ address/, 2],
  [
    'an event that is none',
    [URL, '--events', 'finished,exploded'],
    /--events finished,exploded is no type of event/,
    2,
  ],
  ['a name with a blank', [URL, '--name', 'a b'], /"a b" cannot name a webhook/, 2],
  ['a host that is unknown', [URL, '--host', 'nobody'], /no host is known as "nobody"/, 1],
  ['a secret that is none', [URL, '--secret-stdin'], /the secret is not whsec_ and the base64 of 24 to 64/, 1],
] as const) {
  test(`${what} is refused, and nobody is told`, async (t) => {
    const here = await place(t)
    const refused = await here.run(['webhook', 'add', ...args], { input: 'opensesame' })
    assert.match(refused.stderr, message)
    assert.deepEqual([refused.code, refused.stderr.includes('opensesame')], [code, false])
    assert.doesNotMatch((await here.metalspray('webhook', 'list', '--json')).stdout, /chat/)
  })
}
