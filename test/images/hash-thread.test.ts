import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { startHashThread } from '../../src/images/hash-thread.ts'

const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex')

test('sums are made one after the other, however many orders are under way', async () => {
  await using thread = startHashThread()
  const parts = Array.from({ length: 20 }, (_, at) => randomBytes(at * 1000))
  const asked = parts.map((part) => [thread.update(part), thread.update(part), thread.digest()] as const)
  for (const [at, [first, second, sum]] of asked.entries()) {
    await Promise.all([first, second])
    const part = parts[at] ?? Buffer.alloc(0)
    assert.equal(await sum, sha256(part, part))
  }
  assert.equal(await thread.digest(), sha256())
})

test('whoever waits for a thread that has ended is told, and so is who asks it later', async () => {
  const thread = startHashThread()
  const asked = thread.update(Buffer.alloc(1_000_000))
  const ended = assert.rejects(asked, /the thread that makes checksums has ended/)
  await thread[Symbol.asyncDispose]()
  await ended
  await assert.rejects(thread.digest(), /the thread that makes checksums has ended/)
})
