import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { verifyImage } from '../../src/commands/verify-image.ts'
import { parsePlan } from '../../src/core/plan.ts'
import type { ImportProgress } from '../../src/images/progress.ts'
import { writeTar } from '../images/archive.ts'
import { mediumOf } from '../kinds/esxi/media.ts'
import { host, MAIN, place } from './program.ts'

const SCRIPT = '#!ipxe\nexit\n'

test('a directory is imported, listed, verified and removed', async (t) => {
  const here = await place(t)
  await here.write('alpine/vmlinuz', 'kernel')
  await here.write('alpine/initrd.img', 'initrd')
  const imported = await here.metalspray('import', 'alpine', './alpine', '--label', 'Alpine 3.22')
  assert.deepEqual([imported.code, imported.stderr], [0, ''])
  assert.match(imported.stdout, /^imported alpine \(Alpine 3.22\): linux, 2 files, \d+ B\n/)
  assert.match((await here.metalspray('images')).stdout, /\nalpine {2}linux .* Alpine 3.22\n$/)
  assert.match((await here.metalspray('images', 'verify', 'alpine')).stdout, /^alpine is as it was imported: 2 files\n/)
  assert.equal((await here.metalspray('images', 'rm', 'alpine')).stdout, 'removed alpine\n')
  assert.deepEqual(JSON.parse((await here.metalspray('images', '--json')).stdout), [])
})

test('what was changed since the import is told, with exit 1', async (t) => {
  const here = await place(t)
  await here.write('a/vmlinuz', 'kernel')
  await here.write('a/initrd.img', 'initrd')
  await here.metalspray('import', 'a', 'a')
  await here.write('images/a/vmlinuz', 'kernal')
  await here.write('images/a/extra', '')
  const { code, stdout, stderr } = await here.metalspray('images', 'verify', 'a')
  assert.deepEqual([code, stdout], [1, ''])
  assert.equal(
    stderr,
    [
      'error: a is not as it was imported:',
      '  vmlinuz is not what was imported',
      '  extra was added',
      'what mends it: metalspray import a SOURCE --replace',
      '',
    ].join('\n'),
  )
  const told = await here.metalspray('images', 'verify', 'a', '--json')
  assert.deepEqual([told.code, told.stderr], [1, ''])
  assert.deepEqual(JSON.parse(told.stdout), {
    name: 'a',
    isIntact: false,
    intact: 1,
    differences: ['vmlinuz is not what was imported', 'extra was added'],
    own: [],
    isNoted: true,
    warnings: [],
  })
})

test('every damaged file of an ESXi image is told at once, whatever is wrong with it', async (t) => {
  const here = await place(t)
  const files = Object.entries(mediumOf()).map(([file, text]) => [file, text === '' ? gzipSync(file) : text] as const)
  for (const [file, content] of files) await here.write(`esxi/${file}`, content)
  assert.equal((await here.metalspray('import', 'esxi8', 'esxi')).code, 0)
  const sound = await here.metalspray('images', 'verify', 'esxi8', '--json')
  assert.deepEqual(
    [sound.code, JSON.parse(sound.stdout).intact, JSON.parse(sound.stdout).isIntact],
    [0, files.length, true],
  )
  await here.write('images/esxi8/b.b00', 'no gzip')
  await here.write('images/esxi8/sb.v00', gzipSync('another'))
  await rm(join(here.folder, 'images/esxi8/tools.t00'))
  const { code, stderr } = await here.metalspray('images', 'verify', 'esxi8')
  assert.equal(code, 1)
  assert.deepEqual(stderr.split('\n').slice(0, -2).sort(), [
    '  b.b00 is not what was imported',
    '  its efi/boot/boot.cfg names a file that is not there: tools.t00',
    '  sb.v00 is not what was imported',
    '  tools.t00 is gone',
    'error: esxi8 is not as it was imported:',
  ])
  assert.match((await here.metalspray('images')).stdout, /\nesxi8 {2}no image .*\n {6}its efi\/boot\/boot\.cfg names/)
})

test('all that contradict the checksum files of an image that was copied in are told', async (t) => {
  const here = await place(t)
  for (const file of ['vmlinuz', 'initrd']) {
    await here.write(`images/a/${file}`, file)
    await here.write(`images/a/${file}.sha256`, `${'0'.repeat(64)}  ${file}\n`)
  }
  const { code, stderr } = await here.metalspray('images', 'verify', 'a')
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: a is damaged:\n {2}initrd is not what initrd\.sha256 says: .*\n {2}vmlinuz is not what vmlinuz\.sha256 says: .*\nwhat mends it/,
  )
})

test('an image is verified with one count of bytes for all of its files', async (t) => {
  const here = await place(t)
  await here.write('a/vmlinuz', 'x'.repeat(300_000))
  await here.write('a/initrd.img', 'y'.repeat(200_000))
  await here.metalspray('import', 'a', 'a')
  const seen: ImportProgress[] = []
  const deps = { imagesRoot: join(here.folder, 'images'), onProgress: (one: ImportProgress) => void seen.push(one) }
  await verifyImage(deps, 'a', new AbortController().signal)
  assert.deepEqual(
    seen.map(({ done }) => done).toSorted((a, b) => a - b),
    seen.map(({ done }) => done),
  )
  assert.deepEqual([...new Set(seen.map(({ total }) => total))], [500_000])
  assert.equal(seen.at(-1)?.done, 500_000)
})

for (const [what, args, code, message] of [
  ['an image that is not there', ['none'], 1, /^error: image none does not exist\n$/],
  ['a name that is none', ['../a'], 2, /^error: "\.\.\/a" cannot name an image/],
  ['nothing', [], 2, /missing required argument 'name'/],
] as const) {
  test(`verifying ${what} is refused with exit ${code}`, async (t) => {
    const here = await place(t)
    const told = await here.metalspray('images', 'verify', ...args)
    assert.match(told.stderr, message)
    assert.equal(told.code, code)
  })
}

test('an image that a plan names is removed only by force', async (t) => {
  const here = await place(t)
  await here.write('images/esxi8/host.tmpl', SCRIPT)
  await here.addHosts(host(1, { hostname: 'esx1', state: 'assigned', plan: parsePlan('esxi8') }))
  const kept = await here.metalspray('images', 'rm', 'esxi8')
  assert.equal(kept.code, 1)
  assert.match(kept.stderr, /host 1 \(esx1\)/)
  const gone = await here.metalspray('images', 'rm', 'esxi8', '--force')
  assert.deepEqual([gone.code, gone.stdout], [0, 'removed esxi8\nit is still in the plan of host 1 (esx1)\n'])
})

test('a folder that is no image is listed with what is wrong with it', async (t) => {
  const here = await place(t)
  await here.write('images/empty/README', '')
  const { stdout } = await here.metalspray('images')
  assert.match(stdout, /\nempty {2}no image .*\n {6}no kind of image recognises it/)
})

for (const [what, args, message, expected] of [
  ['a source that is not there', ['a', 'none.tar'], /does not exist/, 1],
  ['a source that is nothing known', ['a', 'notes.txt'], /neither a tar archive/, 1],
  ['a name that cannot be one', ['../a', 'notes.txt'], /cannot name an image/, 2],
  ['an unknown kind', ['a', 'notes.txt', '--kind', 'zfs'], /--kind zfs is not one of/, 2],
  ['a sum that is none', ['a', 'notes.txt', '--sha256', 'abc'], /--sha256 abc is no SHA-256 sum/, 2],
  ['no source', ['a'], /missing required argument 'source'/, 2],
] as const) {
  test(`importing ${what} is refused with exit ${expected} and leaves no image`, async (t) => {
    const here = await place(t)
    await here.write('notes.txt', 'these are notes, and not a tar archive')
    const { code, stderr } = await here.metalspray('import', ...args)
    assert.match(stderr, message)
    assert.equal(code, expected)
    const left = (await here.files()).filter((file) => file.startsWith('images/') && !file.startsWith('images/.'))
    assert.deepEqual(left, [])
  })
}

for (const source of ['a tarball', 'a directory'] as const) {
  test(`${source} that the disk has no room for is refused in one line, and leaves nothing`, async (t) => {
    const here = await place(t)
    await here.write('src/vmlinuz', 'kernel')
    await here.write('src/initrd', 'x'.repeat(3_000_000))
    await writeTar(join(here.folder, 'src.tar'), [
      ['vmlinuz', 'kernel'],
      ['initrd', Buffer.alloc(3_000_000)],
    ])
    // The kernel's limit on a file's size stands for a full disk, which would need a mount.
    const limited = `trap '' XFSZ; ulimit -f 1000; exec "$@"`
    const parameters = [MAIN, 'import', 'a', source === 'a tarball' ? 'src.tar' : 'src']
    const settings = { cwd: here.folder, encoding: 'utf8' } as const
    const { status, stderr } = spawnSync('bash', ['-c', limited, '-', process.execPath, ...parameters], settings)
    assert.match(stderr, /^error: its member "initrd" does not fit: .*\n$/)
    assert.equal(status, 1)
    assert.deepEqual(await readdir(join(here.folder, 'images/.staging')), [])
  })
}

for (const [signal, expected] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`an import that is stopped by ${signal} says so by its exit code, and leaves nothing`, async (t) => {
    const here = await place(t)
    await here.write('src/vmlinuz', 'kernel')
    await truncate(await here.write('src/initrd', ''), 20_000_000_000) // a hole: it takes no room, and long to read
    const child = spawn(process.execPath, [MAIN, 'import', 'a', 'src'], { cwd: here.folder, stdio: 'ignore' })
    t.after(() => child.kill('SIGKILL'))
    while (!(await here.files()).some((file) => file.endsWith('tree/initrd'))) await setTimeout(10)
    child.kill(signal)
    assert.deepEqual(await once(child, 'exit'), [expected, null])
    assert.deepEqual(await readdir(join(here.folder, 'images/.staging')), [])
  })
}
