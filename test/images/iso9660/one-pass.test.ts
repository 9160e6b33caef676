import assert from 'node:assert/strict'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { appendFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Medium, openMedium } from '../../../src/images/iso9660/medium.ts'
import { readOnce } from '../../../src/images/iso9660/one-pass.ts'
import { temporaryFolder } from '../folder.ts'

const NEVER = new AbortController().signal
const MIB = 1024 * 1024
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

async function mediumOf(t: TestContext, bytes: number) {
  const path = join(await temporaryFolder(t), 'x.iso')
  const content = randomBytes(bytes)
  await writeFile(path, content)
  const medium = await openMedium(path)
  t.after(() => medium[Symbol.asyncDispose]())
  return { path, content, medium }
}

/** A disk that answers whenever it likes. */
function moody(medium: Medium): Medium {
  const readInto = async (part: Uint8Array, offset: number): Promise<number> => {
    for (let turns = randomInt(20); turns > 0; turns -= 1) await setImmediate()
    return await medium.readInto(part, offset)
  }
  return { ...medium, readInto }
}

test('the sums of an ISO and of all files on it are right, wherever these begin and however the disk answers', async (t) => {
  for (const bytes of [1, 2 * MIB, 2 * MIB + 1, 37 * MIB + 5]) {
    const { content, medium } = await mediumOf(t, bytes)
    const told: number[] = []
    await using pass = readOnce(moody(medium), (done) => told.push(done), NEVER)
    for (let at = 0; at < bytes; ) {
      const [gap, length, more] = [randomInt(5000), randomInt(4 * MIB), randomInt(3000)]
      const pieces = [
        { offset: at + gap, length },
        { offset: at + gap + length + 7, length: more },
      ].map(({ offset, length }) => ({ offset, length: Math.max(0, Math.min(length, bytes - offset)) }))
      const file = pass.content(pieces)
      const expected = Buffer.concat(pieces.map(({ offset, length }) => content.subarray(offset, offset + length)))
      // Copied as it comes: a chunk is good for one turn only.
      const copies = (async function* () {
        for await (const chunk of file.chunks) yield Buffer.from(chunk)
      })()
      assert.ok((await buffer(copies)).equals(expected))
      assert.equal(await file.sha256(), sha256(expected))
      at += gap + length + 7 + more
    }
    assert.equal(await pass.finish(), sha256(content))
    assert.equal(told.at(-1), bytes)
  }
})

test('an ISO that becomes shorter while it is read is refused', async (t) => {
  const { path, medium } = await mediumOf(t, 40 * MIB)
  await using pass = readOnce(medium, () => undefined, NEVER)
  await truncate(path, 39 * MIB)
  await assert.rejects(pass.finish(), { kind: 'invalid', message: /speaks of byte 41943040 and has 40894464/ })
})

test('what is written behind the end of an ISO while it is read is no part of it', async (t) => {
  const { path, content, medium } = await mediumOf(t, 3 * MIB + 5)
  await appendFile(path, randomBytes(30 * MIB))
  await using pass = readOnce(medium, () => undefined, NEVER)
  assert.equal(await pass.finish(), sha256(content))
})

test('reading an ISO that is stopped ends with the reason, and leaves nothing running', async (t) => {
  const { medium } = await mediumOf(t, 20 * MIB)
  const controller = new AbortController()
  await using pass = readOnce(medium, () => controller.abort(new Error('enough')), controller.signal)
  await assert.rejects(pass.finish(), /enough/)
})
