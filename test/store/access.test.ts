import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SESSION_LENGTH } from '../../src/core/session.ts'
import { eachStore } from '../support/stores.ts'

const TOKEN = { name: 'ci', role: 'operator', createdAt: 5, createdBy: 'cli alice', expiresAt: 99 } as const

eachStore((open) => {
  test('a token is found by its hash, as it was made', async (t) => {
    const { access } = open(t)
    const token = { ...TOKEN, id: 1, usedAt: undefined, revokedAt: undefined }
    assert.deepEqual(await access.addToken('h1', TOKEN), token)
    assert.deepEqual(await access.findToken('h1'), token)
    assert.equal(await access.findToken('h2'), undefined)
    await access.noteTokenUse(1, 7)
    assert.equal((await access.findToken('h1'))?.usedAt, 7)
    assert.deepEqual(await access.listTokens(), [{ ...token, usedAt: 7 }])
  })

  test('a name is of one token, until that is revoked; a revoked one is still known', async (t) => {
    const { access } = open(t)
    await access.addToken('h1', TOKEN)
    await assert.rejects(access.addToken('h2', TOKEN), { kind: 'conflict', message: /there is a token ci already/ })
    assert.equal((await access.revokeToken('ci', 8)).revokedAt, 8)
    await assert.rejects(access.revokeToken('ci', 9), { kind: 'not-found' })
    assert.equal((await access.addToken('h2', TOKEN)).id, 2)
    assert.equal((await access.findToken('h1'))?.revokedAt, 8)
  })

  test('a session lasts until it is ended, or its token is revoked', async (t) => {
    const { access } = open(t)
    for (const name of ['a', 'b']) await access.addToken(`h-${name}`, { ...TOKEN, name })
    const session = { createdAt: 10, seenAt: 10, address: '10.0.0.1' }
    for (const [hash, token] of [
      ['s1', 1],
      ['s2', 1],
      ['s3', 2],
    ] as const)
      await access.addSession(hash, token, session)
    await access.noteSessionUse('s1', 20)
    const found = await access.findSession('s1')
    assert.deepEqual([found?.session, found?.token.name], [{ ...session, seenAt: 20 }, 'a'])
    await access.endSession('s1')
    await access.endSession('s1')
    assert.equal(await access.findSession('s1'), undefined)
    await access.revokeToken('a', 30)
    assert.equal(await access.findSession('s2'), undefined)
    assert.notEqual(await access.findSession('s3'), undefined)
  })

  test('sessions that are over are forgotten when another one begins', async (t) => {
    const { access } = open(t)
    await access.addToken('h', TOKEN)
    await access.addSession('old', 1, { createdAt: 0, seenAt: 0, address: '' })
    await access.addSession('new', 1, { createdAt: SESSION_LENGTH + 1, seenAt: SESSION_LENGTH + 1, address: '' })
    assert.equal(await access.findSession('old'), undefined)
  })

  test('the record of who came has a bound for each type', async (t) => {
    const { access } = open(t)
    const event = { at: 1, by: 'token ci', address: '10.0.0.1', text: 'x' }
    await access.addAccessEvent({ ...event, type: 'signed-in', by: undefined, address: undefined })
    const many = Array.from({ length: 5100 }, (_, at) => access.addAccessEvent({ ...event, type: 'refused', at }))
    await Promise.all(many)
    const all = await access.listAccessEvents(10_000)
    assert.deepEqual(all[0], { at: 1, type: 'signed-in', by: undefined, address: undefined, text: 'x' })
    assert.deepEqual([all.length, all[1]?.at, all.at(-1)?.at], [5001, 100, 5099])
    assert.deepEqual(await access.listAccessEvents(1), all.slice(-1))
  })
})
