import assert from 'node:assert/strict'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { ProvisionError } from '../../src/core/errors.ts'
import { openImageLibrary } from '../../src/images/library.ts'
import { recogniseImage } from '../../src/kinds/kinds.ts'
import { runs } from '../support/runs.ts'
import { fill, temporaryFolder } from './folder.ts'

async function libraryOf(t: TestContext) {
  const folder = await temporaryFolder(t)
  const root = join(folder, 'images')
  await fill(folder, { secret: 'secret', 'images-2/one': 'secret' })
  await fill(join(root, 'one'), {
    kernel: 'kernel',
    'a/b': 'deep',
    '.env': 'secret',
    'a/.git/c': 'secret',
    'a b#?%41': 'odd',
  })
  await fill(join(root, 'two'), { disk: 'shared' })
  await fill(join(root, '.staging/x'), { kernel: 'secret' })
  await symlink('../two/disk', join(root, 'one/disk'))
  await symlink('../../secret', join(root, 'one/out'))
  await symlink('../../images-2/one', join(root, 'one/beside'))
  await symlink('/', join(root, 'one/slash'))
  await symlink('.env', join(root, 'one/env'))
  await symlink('../.staging/x/kernel', join(root, 'one/staged'))
  await symlink('self', join(root, 'one/self'))
  return { folder, root, library: openImageLibrary(root, recogniseImage) }
}

test('a file is found with its size and time', async (t) => {
  const { library, root } = await libraryOf(t)
  const located = await library.locate('one', 'a/b')
  assert.equal(located.size, 4)
  assert.equal(await readFile(located.path, 'utf8'), 'deep')
  assert.ok(located.path.startsWith(root))
  assert.ok(located.mtimeNs > 0n)
  assert.match(located.stamp, /^[0-9.]+$/)
})

test('a link to a file of another image is followed', async (t) => {
  const { library } = await libraryOf(t)
  assert.equal(await readFile((await library.locate('one', 'disk')).path, 'utf8'), 'shared')
})

test('a name is taken as it is, not decoded once more', async (t) => {
  const { library } = await libraryOf(t)
  assert.equal((await library.locate('one', 'a b#?%41')).size, 3)
  await assert.rejects(library.locate('one', '%2e%2e/two/disk'), { kind: 'not-found' })
})

test('what is no name of a file is refused', async (t) => {
  const { library } = await libraryOf(t)
  for (const file of [
    '',
    '.',
    '..',
    '../two/disk',
    'a/../kernel',
    '/etc/passwd',
    'a//b',
    'a/',
    'kernel\0',
    'a\nb',
    '.env',
    'a/.git/c',
  ]) {
    await assert.rejects(library.locate('one', file), { name: 'ProvisionError', kind: 'invalid' }, JSON.stringify(file))
  }
  for (const name of ['', '.', '..', '.staging', 'one/a', '../images/one', 'one\0', 'new']) {
    await assert.rejects(
      library.locate(name, 'kernel'),
      { name: 'ProvisionError', kind: 'invalid' },
      JSON.stringify(name),
    )
  }
})

test('what is no regular file within bounds is not found', async (t) => {
  const { library } = await libraryOf(t)
  const absent = [
    'none',
    'a',
    'kernel/x',
    'out',
    'beside',
    'slash/etc/passwd',
    'env',
    'staged',
    'self',
    'x'.repeat(300),
  ]
  for (const file of absent) {
    await assert.rejects(library.locate('one', file), { name: 'ProvisionError', kind: 'not-found' }, file)
  }
  await assert.rejects(library.locate('three', 'kernel'), { kind: 'not-found' })
})

test('no name leads out of the images folder', async (t) => {
  const { library, root } = await libraryOf(t)
  const part = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'one',
      'two',
      'a',
      'b',
      'kernel',
      'disk',
      'out',
      'slash',
      'etc',
      'passwd',
      '.env',
      '.staging',
      '\0',
      '\\',
      '%2e%2e',
      '..%2f',
      'secret',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const path = fc.array(part, { maxLength: 8 }).map((parts) => parts.join('/'))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constant('one'), part), path, async (name, file) => {
      try {
        const located = await library.locate(name, file)
        assert.ok(located.path.startsWith(`${root}/`) && !located.path.includes('/.'))
        assert.notEqual(await readFile(located.path, 'utf8'), 'secret')
      } catch (error) {
        assert.ok(error instanceof ProvisionError && ['invalid', 'not-found'].includes(error.kind), String(error))
      }
    }),
    { numRuns: runs(3000) },
  )
})

test('an images folder that is itself a link is as good as any', async (t) => {
  const { folder, root } = await libraryOf(t)
  await mkdir(join(folder, 'srv'))
  await symlink(root, join(folder, 'srv/images'))
  const library = openImageLibrary(join(folder, 'srv/images'), recogniseImage)
  assert.equal((await library.locate('one', 'disk')).size, 6)
})
