import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { esxiFiles, makeIso } from '../images/esxi-media.ts'
import { craftMedium } from '../images/iso9660/craft-medium.ts'
import { MAIN, place } from './program.ts'

test("VMware's ISO is imported in one command, and again it is told that it is there", async (t) => {
  const here = await place(t)
  const iso = await makeIso(here.folder, esxiFiles())
  const what = /^VMware ESXi 8\.0\.3 build 24280767\): esxi, 120 files, 111 modules, [\d.]+ kB$/
  const first = await here.metalspray('import', 'esxi8', iso)
  assert.equal(first.code, 0, first.stderr)
  const [told = '', next = ''] = first.stdout.split('\n')
  assert.match(told.replace('imported esxi8 (', ''), what)
  assert.equal(next, 'assign it with: edit-host -i ID -s esxi8')
  const again = await here.metalspray('import', 'esxi8', iso)
  assert.equal(again.code, 0)
  assert.match(again.stdout.split('\n')[0]?.replace('there is esxi8 (', '') ?? '', what)
  assert.match(again.stdout, /\nit was imported from these very files; nothing to do \(--replace imports it again\)\n$/)
  const sum = createHash('sha256')
    .update(await readFile(iso))
    .digest('hex')
  const asked = await here.metalspray('import', 'other', iso, '--sha256', sum)
  assert.match(asked.stdout, new RegExp(`^sha256 of its source: ${sum}$`, 'm'))
  assert.match((await here.metalspray('images', 'verify', 'esxi8')).stdout, /^esxi8 is as it was imported: 120 files\n/)
})

test('an ISO that the disk has no room for is refused in one line, and leaves nothing', async (t) => {
  const here = await place(t)
  await craftMedium(join(here.folder, 'x.iso'), 3_000_000)
  // The kernel's limit on a file's size stands for a full disk, which would need a mount.
  const limited = `trap '' XFSZ; ulimit -f 1000; exec "$@"`
  const settings = { cwd: here.folder, encoding: 'utf8' } as const
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', limited, '-', process.execPath, MAIN, 'import', 'a', 'x.iso'],
    settings,
  )
  assert.match(stderr, /^error: its member "BIG\.V00" does not fit: .*\n$/)
  assert.equal(status, 1)
  assert.deepEqual(await readdir(join(here.folder, 'images/.staging')), [])
})

for (const [signal, expected, left] of [
  ['SIGTERM', [143, null], 0],
  ['SIGINT', [130, null], 0],
  ['SIGKILL', [null, 'SIGKILL'], 1],
] as const) {
  test(`an import of an ISO that is stopped by ${signal} publishes nothing, and is cleared away by the next at the latest`, async (t) => {
    const here = await place(t)
    await craftMedium(join(here.folder, 'x.iso'), 20_000_000_000)
    const child = spawn(process.execPath, [MAIN, 'import', 'a', 'x.iso'], { cwd: here.folder, stdio: 'ignore' })
    t.after(() => child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    const isWriting = async () => (await here.files()).some((file) => file.endsWith('tree/BIG.V00'))
    while (child.exitCode === null && !(await isWriting())) await setTimeout(10)
    child.kill(signal)
    assert.deepEqual(await ended, expected)
    assert.deepEqual(await readdir(join(here.folder, 'images')), ['.staging'])
    assert.equal((await readdir(join(here.folder, 'images/.staging'))).length, left)
    await here.write('src/vmlinuz', 'kernel')
    await here.write('src/initrd', 'initrd')
    assert.equal((await here.metalspray('import', 'b', 'src')).code, 0)
    assert.deepEqual(await readdir(join(here.folder, 'images/.staging')), [])
  })
}
