import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, truncate, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import type { CachedFile } from '../../src/images/cached-file.ts'
import { FileCache, type Loan } from '../../src/images/file-cache.ts'
import { type LocatedFile, locateFile } from '../../src/images/locate.ts'

const OLD = new Date(2020, 0)

async function folder(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'metalspray-cache-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const path = (name: string) => join(directory, name)
  const find = (name: string) => locateFile({ directory, root: directory }, name)
  const put = async (name: string, content: string | Buffer): Promise<LocatedFile> => {
    await writeFile(path(name), content)
    await utimes(path(name), OLD, OLD)
    return find(name)
  }
  return { path, find, put }
}

/** All bytes from a place on, as an answer asks for them. */
async function readAll(file: CachedFile, start = 0, most = 1 << 20): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let at = start; at < file.size; ) {
    const piece = await file.piece(at, file.size, most)
    assert.ok(piece.length > 0 && piece.length <= most)
    pieces.push(Buffer.from(piece))
    at += piece.length
  }
  return Buffer.concat(pieces)
}

/** Asks twice: the second one gets it. */
function borrowTwice(cache: FileCache, file: LocatedFile): Loan | undefined {
  cache.borrow(file)?.[Symbol.dispose]()
  return cache.borrow(file)
}

test('a file is kept from the second time on that somebody wants all of it', async (t) => {
  const { put } = await folder(t)
  const cache = new FileCache(1000)
  const file = await put('a', 'content')
  assert.equal(cache.borrow(file), undefined)
  assert.equal(cache.borrow(file, 3), undefined)
  using loan = cache.borrow(file)
  assert.ok(loan)
  assert.deepEqual(cache.state, { bytes: 7, limit: 1000, files: 1 })
  assert.equal(String(await readAll(loan.file)), 'content')
  using part = cache.borrow(file, 3)
  assert.equal(part?.file, loan.file)
  assert.equal(String(await loan.file.piece(3, 5, 100)), 'te')
})

test('many that want a file at once read it once, while it comes, each at his own pace', async (t) => {
  const { put } = await folder(t)
  const cache = new FileCache(1 << 30)
  const content = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 31) % 251))
  const file = await put('large', content)
  cache.borrow(file)
  const loans = Array.from({ length: 20 }, () => cache.borrow(file))
  assert.equal(new Set(loans.map((loan) => loan?.file)).size, 1)
  const seen = await Promise.all(
    loans.map((loan, i) => (loan === undefined ? undefined : readAll(loan.file, i * 1000, 10_000 + i * 100_000))),
  )
  for (const [i, bytes] of seen.entries()) assert.ok(bytes?.equals(content.subarray(i * 1000)))
  for (const loan of loans) loan?.[Symbol.dispose]()
})

test('the one that was used least recently leaves for another, and its memory is given back', async (t) => {
  const { put } = await folder(t)
  const cache = new FileCache(1000)
  const [a, b, c] = [
    await put('a', Buffer.alloc(400)),
    await put('b', Buffer.alloc(400)),
    await put('c', Buffer.alloc(400)),
  ]
  const held = new Map<LocatedFile, CachedFile>()
  for (const one of [a, b, a, c]) {
    using loan = borrowTwice(cache, one)
    assert.ok(loan)
    await readAll(loan.file)
    held.set(one, loan.file)
    await untilFilled(loan.file)
  }
  assert.deepEqual(cache.state, { bytes: 800, limit: 1000, files: 2 })
  // Nobody may use it any more, and whoever does is told.
  await assert.rejects(held.get(b)?.piece(0, 400, 400) ?? assert.fail(), /detached/)
  using again = cache.borrow(a)
  assert.equal(again?.file, held.get(a))
})

test('what is being sent does not leave, and then nothing else gets in', async (t) => {
  const { put } = await folder(t)
  const cache = new FileCache(1000)
  const [a, b] = [await put('a', Buffer.alloc(500, 'a')), await put('b', Buffer.alloc(500, 'b'))]
  const c = await put('c', Buffer.alloc(500, 'c'))
  const [ofA, ofB] = [borrowTwice(cache, a), borrowTwice(cache, b)]
  assert.ok(ofA && ofB)
  assert.equal(borrowTwice(cache, c), undefined)
  assert.equal(String(await readAll(ofA.file)), 'a'.repeat(500))
  ofA[Symbol.dispose]()
  ofA[Symbol.dispose]()
  await untilFilled(ofA.file)
  using ofC = cache.borrow(c)
  assert.equal(String(await readAll(ofC?.file ?? assert.fail())), 'c'.repeat(500))
  assert.equal(String(await readAll(ofB.file)), 'b'.repeat(500))
  ofB[Symbol.dispose]()
})

test('a file that would take more than half of it, or has nothing, stays out', async (t) => {
  const { put } = await folder(t)
  const cache = new FileCache(1000)
  for (const size of [0, 501]) assert.equal(borrowTwice(cache, await put('a', Buffer.alloc(size))), undefined)
  assert.deepEqual(cache.state, { bytes: 0, limit: 1000, files: 0 })
})

test('a file that was written this very moment waits: it may change once more without a trace', async (t) => {
  const { put, path, find } = await folder(t)
  const cache = new FileCache(1000)
  await put('a', 'content')
  const now = new Date()
  await utimes(path('a'), now, new Date(Date.now() + 50))
  assert.equal(borrowTwice(cache, await find('a')), undefined)
})

test('a file that was replaced or written anew is another one', async (t) => {
  const { put, path, find } = await folder(t)
  const cache = new FileCache(1000)
  using old = borrowTwice(cache, await put('a', 'old one'))
  assert.ok(old)
  assert.equal(String(await readAll(old.file)), 'old one')
  await put('b', 'new one')
  await rename(path('b'), path('a'))
  const file = await find('a')
  using loan = borrowTwice(cache, file)
  assert.equal(String(await readAll(loan?.file ?? assert.fail())), 'new one')
  assert.equal(String(await readAll(old.file)), 'old one')
})

test('a file that is not the one any more that was found is refused to all that wait for it, and not kept', async (t) => {
  const changes: readonly ((path: string) => Promise<void>)[] = [
    (path) => truncate(path, 3),
    (path) => writeFile(path, 'x'.repeat(300)),
    (path) => unlink(path),
  ]
  for (const change of changes) {
    const { put, path } = await folder(t)
    const cache = new FileCache(1000)
    const file = await put('a', 'y'.repeat(300))
    cache.borrow(file)
    await change(path('a'))
    const [one, two] = [cache.borrow(file), cache.borrow(file)]
    const [first, second] = await Promise.allSettled([one, two].map((loan) => loan?.file.piece(0, 300, 300)))
    for (const outcome of [first, second]) {
      assert.equal(outcome?.status, 'rejected')
      assert.match(String(outcome.reason), /changed just now|ENOENT/)
    }
    assert.deepEqual(cache.state, { bytes: 0, limit: 1000, files: 0 })
  }
})

test('never holds more than its limit, whatever is asked, held and given back; and every byte is right', async (t) => {
  const { put } = await folder(t)
  const files = await Promise.all(
    Array.from({ length: 12 }, (_, i) => put(`f${i}`, Buffer.alloc(20 + i * 40, letter(i)))),
  )
  const step = fc.record({ of: fc.nat(11), isKept: fc.boolean(), givesBack: fc.boolean() })
  const run = async (steps: readonly { of: number; isKept: boolean; givesBack: boolean }[]): Promise<void> => {
    const cache = new FileCache(1000)
    const kept: Kept[] = []
    for (const { of, isKept, givesBack } of steps) {
      const loan = cache.borrow(files[of] ?? assert.fail())
      assert.ok(cache.state.bytes <= 1000)
      kept.push({ loan, of })
      if (!isKept) await finish(kept.pop())
      if (givesBack) await finish(kept.shift())
    }
    await Promise.all(kept.map(finish))
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), run), { numRuns: 50 })
})

interface Kept {
  readonly loan: Loan | undefined
  readonly of: number
}

async function finish(one: Kept | undefined): Promise<void> {
  if (one?.loan === undefined) return
  using loan = one.loan
  assert.equal(String(await readAll(loan.file)), letter(one.of).repeat(20 + one.of * 40))
}

const letter = (i: number): string => String.fromCharCode(97 + i)

async function untilFilled(file: CachedFile): Promise<void> {
  while (file.isFilling) await new Promise((resolve) => setImmediate(resolve))
}
