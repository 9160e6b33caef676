import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkClock } from '../../../src/commands/doctor/check-clock.ts'
import { checkDatabase } from '../../../src/commands/doctor/check-database.ts'
import { checkDisk } from '../../../src/commands/doctor/check-disk.ts'
import { checkFolders } from '../../../src/commands/doctor/check-folders.ts'
import { checkImages } from '../../../src/commands/doctor/check-images.ts'
import { checkTemplates } from '../../../src/commands/doctor/check-templates.ts'
import { importImage } from '../../../src/commands/import-image.ts'
import { databaseFile, makeStore } from '../../../src/commands/open-store.ts'
import { brief, findingOf, setting } from './setting.ts'

const never = new AbortController().signal

test('a clock before this program, or before its own files, is wrong', async (t) => {
  const { deps, write } = setting(t)
  const at = (when: string) => checkClock({ ...deps, now: () => Date.parse(when) })
  assert.deepEqual(brief(await at('2026-06-01T00:00Z')), ['ok clock'])
  assert.deepEqual(brief(await at('1970-01-01T00:10Z')), ['fail clock'])
  assert.deepEqual(brief(await at('2106-02-07T06:28Z')), ['fail clock'])
  const database = write('data/metalspray.sqlite', '')
  utimesSync(database, new Date('2026-06-02T00:00Z'), new Date('2026-06-02T00:00Z'))
  const [back] = await at('2026-06-01T00:00Z')
  assert.equal(back?.level, 'warn')
  assert.match(back?.what ?? '', /2026-06-01 00:00 UTC, and the database was written at 2026-06-02 00:00: it went back/)
})

test('folders that are there have their room told, and so have those to come', async (t) => {
  const { deps } = setting(t)
  rmSync(deps.images, { recursive: true })
  const findings = await checkDisk(deps)
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['disk-data', 'disk-images'],
  )
  for (const { what } of findings) assert.match(what, /has (\d+\.\d GB left|room for \d+ more files)/)
})

test('a folder that everybody may change is told, one that is not there is not held against anybody', async (t) => {
  const { deps } = setting(t)
  chmodSync(deps.images, 0o777)
  mkdirSync(join(deps.data, 'ipxe'))
  assert.deepEqual(brief(await checkFolders(deps)).slice(0, 2), ['ok folder-data', 'warn folder-images'])
  const absent = await checkFolders({ ...deps, images: join(deps.images, 'not', 'yet') })
  assert.equal(findingOf(absent, 'folder-images').level, 'note')
})

test('a folder of somebody else is told', { skip: process.getuid?.() === 0 && 'root may do anything' }, async (t) => {
  const { deps } = setting(t)
  chmodSync(deps.data, 0o500)
  t.after(() => chmodSync(deps.data, 0o700))
  assert.equal(findingOf(await checkFolders(deps), 'folder-data').level, 'fail')
})

test('a database is whole, damaged, none, or of a newer metalspray', async (t) => {
  const { deps, write } = setting(t)
  const file = databaseFile(deps.data)
  assert.deepEqual(brief(await checkDatabase(deps, never)), ['note database'])
  await makeStore(deps.data)[Symbol.asyncDispose]()
  assert.deepEqual(brief(await checkDatabase(deps, never)), ['ok database'])
  truncateSync(file, 8192)
  const [damaged] = await checkDatabase(deps, never)
  assert.equal(damaged?.level, 'fail')
  write('data/metalspray.sqlite', 'this is no database, but a text of some length '.repeat(20))
  const [text] = await checkDatabase(deps, never)
  assert.match(text?.what ?? '', /cannot be read: file is not a database/)
})

test('an image is looked at by its sizes and by what its kind needs', async (t) => {
  const { deps, write } = setting(t)
  assert.deepEqual(brief(await checkImages(deps, never)), ['note images'])
  write('source/vmlinuz', Buffer.alloc(3000, 1))
  write('source/initrd', Buffer.alloc(2000, 2))
  const source = join(deps.images, '../source')
  await importImage({ imagesRoot: deps.images }, { name: 'tool', source, kind: 'linux', importedAt: 1 }, never)
  assert.deepEqual(brief(await checkImages(deps, never)), ['ok image-tool'])
  truncateSync(join(deps.images, 'tool', 'initrd'), 1999)
  const [short] = await checkImages(deps, never)
  assert.match(short?.what ?? '', /^tool is damaged: initrd has 1999 bytes instead of 2000/)
  assert.match(short?.mend ?? '', /metalspray import tool SOURCE --replace/)
  rmSync(join(deps.images, 'tool', 'vmlinuz'))
  const [gone] = await checkImages(deps, never)
  assert.equal(gone?.level, 'fail')
})

test('a folder that is no image is told with the reason', async (t) => {
  const { deps, write } = setting(t)
  write('images/odd/readme.txt', 'nothing to boot')
  const [odd] = await checkImages(deps, never)
  assert.equal(odd?.level, 'fail')
  assert.match(odd?.what ?? '', /^odd is no image: /)
})

test('a template that does not compile is told by its place', async (t) => {
  const { deps } = setting(t)
  assert.deepEqual(brief(await checkTemplates(deps)), ['ok templates'])
  const templates = join(deps.data, 'templates')
  mkdirSync(join(templates, 'boot'), { recursive: true })
  writeFileSync(join(templates, 'boot', 'wait.eta'), '#!ipxe\n<% if (%>\n')
  const [fault] = await checkTemplates({ ...deps, templates })
  assert.equal(fault?.level, 'fail')
  assert.match(fault?.what ?? '', /boot\/wait\.eta/)
})
