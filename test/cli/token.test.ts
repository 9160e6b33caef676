import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashToken } from '../../src/commands/tokens.ts'
import { place } from './program.ts'

test('a token is printed once, alone on standard output; afterwards nobody can tell it', async (t) => {
  const here = await place(t)
  const { code, stdout, stderr } = await here.metalspray('token', 'create', 'alice', '--role', 'admin')
  assert.equal(code, 0)
  assert.match(stdout, /^ms_[0-9a-f]{40}\n$/)
  assert.match(stderr, /token alice \(admin\), until \d{4}-\d\d-\d\d\. It is shown only now/)
  assert.notEqual(hashToken(stdout.trim()), undefined)
  for (const args of [['list'], ['list', '--json'], ['log'], ['log', '--json']]) {
    const told = await here.metalspray('token', ...args)
    assert.match(told.stdout, /alice/)
    assert.ok(!told.stdout.includes(stdout.trim().slice(3)), args.join(' '))
  }
})

test('two tokens are never the same', async (t) => {
  const here = await place(t)
  const make = async (name: string) => (await here.metalspray('token', 'create', name, '--role', 'viewer')).stdout
  assert.notEqual(await make('a'), await make('b'))
})

test('with --json a program reads the token beside what is kept of it', async (t) => {
  const here = await place(t)
  const create = ['token', 'create', 'ci', '--role', 'operator', '--expires', 'never', '--json']
  const { token, createdAt, ...rest } = JSON.parse((await here.metalspray(...create)).stdout) as Record<string, unknown>
  assert.match(String(token), /^ms_/)
  assert.ok(Date.parse(String(createdAt)) > 0)
  assert.deepEqual(rest, {
    ...{ name: 'ci', role: 'operator', state: 'live', createdBy: 'cli tester' },
    ...{ expiresAt: null, usedAt: null, revokedAt: null },
  })
})

test('a revoked token is listed only when all are wanted, and leaves its name to the next', async (t) => {
  const here = await place(t)
  await here.metalspray('token', 'create', 'ci', '--role', 'operator')
  const again = await here.metalspray('token', 'create', 'ci', '--role', 'viewer')
  assert.deepEqual([again.code, again.stdout], [1, ''])
  assert.match(again.stderr, /there is a token ci already; revoke it first/)
  assert.equal((await here.metalspray('token', 'revoke', 'ci')).stdout, 'token ci is revoked\n')
  assert.match((await here.metalspray('token', 'list')).stderr, /there are no tokens/)
  assert.match((await here.metalspray('token', 'list', '--all')).stdout, /\nci {4}operator {2}revoked/)
  assert.equal((await here.metalspray('token', 'create', 'ci', '--role', 'viewer')).code, 0)
  assert.equal((await here.metalspray('token', 'revoke', 'gone')).code, 1)
  const { stdout } = await here.metalspray('token', 'log', '--last', '2')
  assert.deepEqual(stdout.trim().split('\n').length, 3)
  assert.match(stdout, /token-revoked {2}cli tester {2}- {5}token ci \(operator\)/)
})

for (const [what, args, message] of [
  ['no role', ['create', 'a'], /--role <role>' not specified/],
  ['a role that is none', ['create', 'a', '--role', 'root'], /--role root is not one of viewer, operator, admin/],
  ['a name with a blank', ['create', 'a b', '--role', 'admin'], /"a b" cannot name a token/],
  ['an end that is none', ['create', 'a', '--role', 'admin', '--expires', '3'], /--expires 3 is not a time like/],
  ['a log of nothing', ['log', '--last', '0'], /--last 0 is not a number/],
] as const) {
  test(`${what} is refused, and nothing is made`, async (t) => {
    const here = await place(t)
    const { code, stderr } = await here.metalspray('token', ...args)
    assert.match(stderr, message)
    assert.equal(code, 2)
    assert.deepEqual(await here.files(), [])
  })
}
