import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { importImage } from '../../src/commands/import-image.ts'
import { openImageLibrary } from '../../src/images/library.ts'
import { currentOwner, formatOwner, ownerState, parseOwner } from '../../src/images/owner.ts'
import { openStaging, sweepStaging } from '../../src/images/staging.ts'
import { recogniseImage } from '../../src/kinds/kinds.ts'
import { writeTar } from './archive.ts'
import { fill, LINUX, listAll, temporaryFolder } from './folder.ts'

const NEVER = new AbortController().signal

/** A process that no longer runs: the pid is this one's, the start another. */
const GONE = formatOwner({ ...currentOwner(), started: '1' })

async function killedImport(t: TestContext, step: string) {
  const folder = await temporaryFolder(t)
  const imagesRoot = await fill(join(folder, 'images'), { 'one/vmlinuz': 'old', 'one/initrd': 'old' })
  const source = await writeTar(join(folder, 'x.tar'), [...Object.entries(LINUX), ['big', Buffer.alloc(2_000_000)]])
  const script = join(import.meta.dirname, 'import-and-hang.ts')
  const child = spawn(process.execPath, [script, imagesRoot, 'one', source, step], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  assert.equal(String(said), 'there\n')
  // Alive: it must not be cleared away under its feet.
  assert.deepEqual(await sweepStaging(imagesRoot, Date.now()), [])
  assert.equal((await listAll(join(imagesRoot, '.staging'))).filter((name) => !name.includes('/')).length, 1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return { imagesRoot, source }
}

for (const step of ['read', 'write']) {
  test(`an import that is killed at the step ${step} publishes nothing, and the next one clears it away`, async (t) => {
    const { imagesRoot, source } = await killedImport(t, step)
    assert.notDeepEqual(await listAll(join(imagesRoot, '.staging')), [])
    const library = openImageLibrary(imagesRoot, recogniseImage)
    assert.deepEqual(
      (await library.refresh()).list.map(({ name }) => name),
      ['one'],
    )
    assert.equal(await readFile(join(imagesRoot, 'one/vmlinuz'), 'utf8'), 'old')
    const { swept } = await importImage({ imagesRoot }, { name: 'two', source, importedAt: Date.now() }, NEVER)
    assert.deepEqual(swept, ['one'])
    assert.deepEqual(await listAll(join(imagesRoot, '.staging')), [])
  })
}

test('an image that was about to be replaced when its import died is put back', async (t) => {
  const root = await fill(await temporaryFolder(t), { 'one/vmlinuz': 'old' })
  const left = join(root, '.staging', `one,${GONE},0a0b0c0d`)
  await fill(left, { 'tree/vmlinuz': 'new' })
  await rename(join(root, 'one'), join(left, 'old'))
  assert.deepEqual(await sweepStaging(root, Date.now()), ['one'])
  assert.deepEqual(await listAll(root), ['.staging', 'one', 'one/vmlinuz'])
  assert.equal(await readFile(join(root, 'one/vmlinuz'), 'utf8'), 'old')
})

test('an old image whose replacement was published is not put back', async (t) => {
  const root = await fill(await temporaryFolder(t), { 'one/vmlinuz': 'new' })
  await fill(join(root, '.staging', `one,${GONE},0a0b0c0d`), { 'old/vmlinuz': 'old' })
  await sweepStaging(root, Date.now())
  assert.equal(await readFile(join(root, 'one/vmlinuz'), 'utf8'), 'new')
  assert.deepEqual(await listAll(join(root, '.staging')), [])
})

test('what cannot be known is left alone for a day', async (t) => {
  const root = await temporaryFolder(t)
  const elsewhere = formatOwner({ ...currentOwner(), host: 'another-server', started: '1' })
  const neighbour = formatOwner({ ...currentOwner(), space: '1', started: '1' })
  const names = [`a,${elsewhere},00`, `b,${neighbour},00`, 'c']
  for (const name of names) await mkdir(join(root, '.staging', name), { recursive: true })
  const now = Date.now()
  for (const name of names) await utimes(join(root, '.staging', name), now / 1000, now / 1000)
  assert.deepEqual(await sweepStaging(root, now + 23 * 3_600_000), [])
  assert.deepEqual((await sweepStaging(root, now + 25 * 3_600_000)).sort(), ['a', 'b', 'c'])
})

test('what was begun before the machine was started anew is cleared away at once', async (t) => {
  const root = await temporaryFolder(t)
  await mkdir(join(root, '.staging', `a,${formatOwner({ ...currentOwner(), boot: 'ffffffff' })},00`), {
    recursive: true,
  })
  assert.deepEqual(await sweepStaging(root, Date.now()), ['a'])
})

test('an owner is told by its pid and its start, and reads back as it was written', () => {
  const here = currentOwner()
  assert.deepEqual(parseOwner(formatOwner(here)), here)
  assert.equal(ownerState(here), 'alive')
  assert.equal(ownerState({ ...here, started: '1' }), 'gone')
  assert.equal(ownerState({ ...here, host: 'other' }), 'unknown')
  assert.equal(parseOwner('a,b'), undefined)
  assert.equal(parseOwner(''), undefined)
})

test('a staging directory is gone with its scope, whether it was published or not', async (t) => {
  const root = join(await temporaryFolder(t), 'images')
  {
    await using staging = await openStaging(root, 'one')
    await writeFile(join(staging.path, 'vmlinuz'), '')
    await staging.publish(false)
  }
  {
    await using staging = await openStaging(root, 'two')
    await writeFile(join(staging.path, 'vmlinuz'), '')
  }
  assert.deepEqual(await listAll(root), ['.staging', 'one', 'one/vmlinuz'])
})

test('an image that appears while another of its name is being made is not overwritten', async (t) => {
  const root = join(await temporaryFolder(t), 'images')
  await using staging = await openStaging(root, 'one')
  await fill(join(root, 'one'), { theirs: '' })
  await assert.rejects(staging.publish(false), { kind: 'conflict' })
  assert.deepEqual(await listAll(join(root, 'one')), ['theirs'])
})

test('an images folder that cannot be made says so', async (t) => {
  const folder = await fill(await temporaryFolder(t), { file: '' })
  await assert.rejects(openStaging(join(folder, 'file/images'), 'one'), { name: 'ProvisionError' })
})
