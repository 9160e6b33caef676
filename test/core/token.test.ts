import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSessionLive, SESSION_IDLE, SESSION_LENGTH } from '../../src/core/session.ts'
import { callerOf, readRole, readTokenName, tokenState } from '../../src/core/token.ts'

test('a token lives until it ends or is revoked', () => {
  assert.equal(tokenState({ expiresAt: undefined, revokedAt: undefined }, 10), 'live')
  assert.equal(tokenState({ expiresAt: 11, revokedAt: undefined }, 10), 'live')
  assert.equal(tokenState({ expiresAt: 10, revokedAt: undefined }, 10), 'expired')
  assert.equal(tokenState({ expiresAt: 11, revokedAt: 9 }, 10), 'revoked')
  assert.equal(tokenState({ expiresAt: 9, revokedAt: 9 }, 10), 'revoked')
})

test('a session is over when it was idle for long, and after its full length whatever it did', () => {
  const session = { createdAt: 0, seenAt: 0, address: '' }
  assert.equal(isSessionLive(session, SESSION_IDLE - 1), true)
  assert.equal(isSessionLive(session, SESSION_IDLE), false)
  assert.equal(isSessionLive({ ...session, seenAt: SESSION_LENGTH - 1 }, SESSION_LENGTH - 1), true)
  assert.equal(isSessionLive({ ...session, seenAt: SESSION_LENGTH - 1 }, SESSION_LENGTH), false)
})

for (const name of ['a', 'alice', 'alice@lab.example', 'CI-2_x.y', 'x'.repeat(64)]) {
  test(`${name} can name a token`, () => assert.equal(readTokenName(name), name))
}

for (const name of ['', '-a', '.a', 'a b', 'a\nb', 'a/b', 'ä', '<b>', 'x'.repeat(65)]) {
  test(`${JSON.stringify(name)} cannot name a token`, () => {
    assert.throws(() => readTokenName(name), { kind: 'invalid', message: /cannot name a token/ })
  })
}

test('a role is one of three', () => {
  assert.equal(readRole('operator'), 'operator')
  for (const text of ['', 'Admin', 'root', '__proto__']) assert.throws(() => readRole(text), { kind: 'invalid' })
})

test('who comes with a token is called by its name', () => {
  assert.deepEqual(callerOf({ name: 'ci', role: 'operator' }), { name: 'token ci', role: 'operator' })
})
