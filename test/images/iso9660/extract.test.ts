import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { appendFile, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startExtracting } from '../../../src/images/iso9660/extract.ts'
import { openMedium } from '../../../src/images/iso9660/medium.ts'
import { temporaryFolder } from '../folder.ts'

const NEVER = new AbortController().signal
const MIB = 1024 * 1024

async function mediumOf(t: TestContext, bytes: number) {
  const path = join(await temporaryFolder(t), 'x.iso')
  const content = randomBytes(bytes)
  await writeFile(path, content)
  const medium = await openMedium(path)
  t.after(() => medium[Symbol.asyncDispose]())
  return { path, content, medium }
}

const onBytes = () => undefined

test('the sum of an ISO is made when it is wanted, and what is told is of all that is to be done', async (t) => {
  for (const bytes of [1, 37 * MIB + 5]) {
    const { content, medium } = await mediumOf(t, bytes)
    for (const isSumWanted of [true, false]) {
      const told: [number, number][] = []
      const hear = (done: number, total: number) => told.push([done, total])
      await using from = startExtracting({ medium, bytes, isSumWanted, onBytes: hear }, NEVER)
      const sum = createHash('sha256').update(content).digest('hex')
      assert.equal((await from.take([{ offset: 0, length: bytes }])).sha256, sum)
      assert.equal(await from.whole, isSumWanted ? sum : undefined)
      assert.deepEqual(told.at(-1), isSumWanted ? [2 * bytes, 2 * bytes] : [bytes, bytes])
    }
  }
})

test('an ISO that becomes shorter while it is read is refused', async (t) => {
  const { path, medium } = await mediumOf(t, 40 * MIB)
  await using from = startExtracting({ medium, bytes: 40 * MIB, isSumWanted: false, onBytes }, NEVER)
  await truncate(path, 39 * MIB)
  await assert.rejects(from.take([{ offset: 0, length: 40 * MIB }]), {
    kind: 'invalid',
    message: /speaks of byte 41943040 and has 40894464/,
  })
})

test('an ISO that is written to while it is read is refused', async (t) => {
  const [longer, touched, same] = [await mediumOf(t, 5), await mediumOf(t, 5), await mediumOf(t, 5)]
  await appendFile(longer.path, 'more')
  await utimes(touched.path, 1, 1)
  for (const { medium } of [longer, touched]) {
    await assert.rejects(medium.checkUnchanged(), { kind: 'invalid', message: /changed while it was read/ })
  }
  await same.medium.checkUnchanged()
})
