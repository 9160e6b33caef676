import assert from 'node:assert/strict'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { type FileHandle, open, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Piece } from '../../src/images/copy-pieces.ts'
import { type CopyError, startCopyThreads } from '../../src/images/copy-threads.ts'
import { temporaryFolder } from './folder.ts'

const NEVER = new AbortController().signal
const IGNORE = () => undefined
const MIB = 1024 * 1024
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

async function source(t: TestContext, bytes: number) {
  const folder = await temporaryFolder(t)
  const content = randomBytes(bytes)
  await writeFile(join(folder, 'source'), content)
  const handle = await open(join(folder, 'source'))
  t.after(() => handle.close())
  return { folder, content, handle }
}

const piecesOf = (bytes: number, count: number): Piece[] =>
  Array.from({ length: count }, () => {
    const offset = randomInt(bytes)
    return { offset, length: randomInt(bytes - offset + 1) }
  })

for (const count of [0, 1, 3]) {
  test(`copies are their pieces, and so are their sums, made by ${count} threads`, async (t) => {
    const { folder, content, handle } = await source(t, 5 * MIB + 7)
    const told: number[] = []
    await using threads = startCopyThreads(count, (done) => told.push(done), NEVER)
    const orders = Array.from({ length: 12 }, (_, at) => ({
      from: handle.fd,
      pieces: piecesOf(content.length, at % 4),
      to: at % 3 === 0 ? undefined : join(folder, `${at}`),
    }))
    const copies = await Promise.all(orders.map((order) => threads.copy(order)))
    let bytes = 0
    for (const [at, { pieces, to }] of orders.entries()) {
      const expected = Buffer.concat(pieces.map(({ offset, length }) => content.subarray(offset, offset + length)))
      assert.deepEqual(copies[at], { size: expected.length, sha256: sha256(expected) })
      if (to !== undefined) assert.ok((await readFile(to)).equals(expected))
      bytes += expected.length
    }
    assert.equal(told.at(-1) ?? 0, bytes)
  })

  test(`what is wrong with the source is told from what is wrong with a copy, by ${count} threads`, async (t) => {
    const { folder, handle } = await source(t, MIB)
    await using threads = startCopyThreads(count, IGNORE, NEVER)
    const pieces = [{ offset: 0, length: 3 * MIB }]
    const failed = async (order: { from: FileHandle; to: string }) => {
      const copying = threads.copy({ from: order.from.fd, pieces, to: join(folder, order.to) })
      const error: CopyError = await copying.then(IGNORE, (reason) => reason)
      return { of: error.fault.of, code: error.code, end: error.fault.end }
    }
    assert.deepEqual(await failed({ from: handle, to: 'a' }), { of: 'source', code: undefined, end: MIB })
    assert.deepEqual(await failed({ from: handle, to: 'no/a' }), { of: 'copy', code: 'ENOENT', end: undefined })
    await using here = await open(folder)
    assert.deepEqual(await failed({ from: here, to: 'b' }), { of: 'source', code: 'EISDIR', end: undefined })
  })
}

test('copies that are stopped end with the reason, and write nothing afterwards', async (t) => {
  const { folder, handle } = await source(t, MIB)
  await truncate(join(folder, 'source'), 2 ** 40) // a hole: without end for a test
  const controller = new AbortController()
  const started = Promise.withResolvers<void>()
  await using threads = startCopyThreads(2, () => started.resolve(), controller.signal)
  const pieces = [{ offset: 0, length: 2 ** 40 }]
  const copies = ['', 'one', 'two'].map((to) =>
    threads.copy({ from: handle.fd, pieces, ...(to && { to: join(folder, to) }) }),
  )
  const ends = copies.map((copy) => assert.rejects(copy, /enough/))
  await started.promise
  controller.abort(new Error('enough'))
  await Promise.all(ends)
  await assert.rejects(threads.copy({ from: handle.fd, pieces: [] }), /enough/)
})

test('whoever waits for a thread that has ended is told, and so is who asks it later', async (t) => {
  const { handle } = await source(t, MIB)
  const threads = startCopyThreads(1, IGNORE, NEVER)
  const ended = assert.rejects(threads.copy({ from: handle.fd, pieces: [{ offset: 0, length: MIB }] }), /have ended/)
  await threads[Symbol.asyncDispose]()
  await ended
  await assert.rejects(threads.copy({ from: handle.fd, pieces: [] }), /have ended/)
})
