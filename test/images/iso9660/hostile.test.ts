import assert from 'node:assert/strict'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { ProvisionError } from '../../../src/core/errors.ts'
import { program } from '../archive.ts'
import { fill, listAll, temporaryFolder } from '../folder.ts'
import {
  type Crafted,
  ce,
  cl,
  craftIso,
  DIRECTORY,
  dots,
  GOES_ON,
  nm,
  ROOT,
  record,
  ridgeOf,
  rootOf,
  SECTOR,
  SP,
  sl,
  susp,
} from './craft.ts'
import { listBytes, unpack } from './unpacked.ts'

const folderAt = (block: number, name = 'D') => ({ name, block, length: SECTOR, flags: DIRECTORY })
const fileAt = (block: number, name = 'F.;1', length = 5) => ({ name, block, length })

/** Refused by its message; nothing of it is written. */
async function refused(t: TestContext, what: string, iso: Buffer, message: RegExp) {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'x.iso'), iso)
  const refusal = { name: 'ProvisionError', kind: 'invalid', message }
  await assert.rejects(unpack(join(folder, 'x.iso'), join(folder, 'deep/er/out')), refusal, what)
  const outside = (await listAll(folder)).filter((name) => !name.startsWith('deep/er/out'))
  assert.deepEqual(outside, ['deep', 'deep/er', 'x.iso'], what)
}

test('names that lead out, or are none, are refused in all three name spaces', async (t) => {
  const joliet = (name: string) => {
    const descriptor = Buffer.alloc(SECTOR)
    descriptor.write('\x02CD001\x01', 0, 'latin1')
    descriptor.write('%/E', 88, 'latin1')
    descriptor.writeUInt16LE(SECTOR, 128)
    record(folderAt(40, '\0')).copy(descriptor, 156)
    const end = Buffer.from('\xffCD001\x01', 'latin1')
    const bytes = Buffer.from(name, 'utf16le').swap16()
    return { 17: descriptor, 18: end, [ROOT]: rootOf(), 40: [...dots(40, 40), record({ ...fileAt(50), name: bytes })] }
  }
  const evil: { readonly [name: string]: RegExp } = {
    '..': /its member "\.{1,2}" leads out of its folder by its name/,
    '../../evil': /"\.\.\/\.\.\/evil" leads out of its folder/,
    '/etc/evil': /"\/etc\/evil" leads out of its folder/,
    'a/b': /leads out of its folder by its name/,
    'a\nb': /has control characters in its name/,
    'a\0b': /has control characters in its name/,
    ';1': /has no name/,
  }
  for (const [name, message] of Object.entries(evil)) {
    await refused(t, `plain ${name}`, craftIso({ [ROOT]: rootOf(fileAt(30, name)) }), message)
    await refused(t, `Joliet ${name}`, craftIso(joliet(name)), message)
    if (name === ';1') continue
    await refused(t, `RR ${name}`, craftIso({ [ROOT]: ridgeOf({ ...fileAt(30), systemUse: nm(name) }) }), message)
  }
  const split = Buffer.concat([susp('NM', [1, 46]), nm('.')])
  await refused(t, 'in two', craftIso({ [ROOT]: ridgeOf({ ...fileAt(30), systemUse: split }) }), /"\.\." leads out/)
})

test('links that lead out, devices, and what is not stored plainly are refused', async (t) => {
  const member = (...entries: Buffer[]) =>
    craftIso({ [ROOT]: ridgeOf(fileAt(30, 'OK.;1'), { name: 'X.;1', systemUse: Buffer.concat(entries) }) })
  const mode = (value: number) => {
    const bytes = Buffer.alloc(32)
    bytes.writeUInt32LE(value)
    return susp('PX', bytes)
  }
  await refused(t, 'up', member(sl([4, ''], [4, ''], [0, 'x'])), /link "X" leads out of the image, to "\.\.\/\.\.\/x"/)
  await refused(t, 'absolute', member(sl([8, ''], [0, 'etc'])), /link "X" leads out of the image, to "\/etc"/)
  await refused(t, 'in its text', member(sl([0, '../x'])), /link "X" leads out/)
  await refused(t, 'device', member(mode(0o60600)), /"X" is a block device; an image holds files and folders/)
  await refused(t, 'pipe', member(mode(0o10600)), /"X" is a fifo/)
  await refused(t, 'zisofs', member(susp('ZF', Buffer.alloc(12))), /"X" is compressed within the ISO/)
  await refused(t, 'holes', member(susp('SF', Buffer.alloc(17))), /"X" is stored with holes/)
  const interleaved = craftIso({ [ROOT]: rootOf({ ...fileAt(30), unit: 1 }) })
  await refused(t, 'interleaved', interleaved, /"F" is stored interleaved with others/)
})

test('loops, folders within folders without end, and directories that are none are refused', async (t) => {
  const loops: { readonly [what: string]: readonly [RegExp, Parameters<typeof craftIso>[0]] } = {
    'into itself': [/lead back into themselves/, { [ROOT]: rootOf(folderAt(ROOT)) }],
    'two of each other': [
      /lead back into themselves/,
      { [ROOT]: rootOf(folderAt(30)), 30: [...dots(30, ROOT), record(folderAt(ROOT))] },
    ],
    'moved into itself': [
      /lead back into themselves/,
      { [ROOT]: ridgeOf({ name: 'D', systemUse: Buffer.concat([nm('d'), cl(ROOT)]) }) },
    ],
    'moved to no directory': [
      /one of its directories is none/,
      { [ROOT]: ridgeOf({ name: 'D', systemUse: cl(30) }), 30: record(fileAt(31)) },
    ],
    'no records': [/holds no directory records/, { [ROOT]: rootOf(folderAt(30)), 30: Buffer.alloc(SECTOR, 'x') }],
    'a record over the end of its sector': [
      /holds no directory records/,
      {
        [ROOT]: rootOf(...Array.from({ length: 45 }, (_, at) => fileAt(31, `F${at}.;1`)), fileAt(31, 'X'.repeat(200))),
      },
    ],
    'names without end': [
      /directories have no end|cannot be read/,
      { [ROOT]: ridgeOf({ ...fileAt(30), systemUse: ce(40, 0, 28) }), 40: ce(40, 0, 28) },
    ],
    'names of a length without end': [
      /names cannot be read/,
      { [ROOT]: ridgeOf({ ...fileAt(30), systemUse: ce(40, 0, 99_999) }) },
    ],
  }
  for (const [what, [message, sectors]] of Object.entries(loops)) await refused(t, what, craftIso(sectors), message)
  const deep = Object.fromEntries(
    Array.from({ length: 80 }, (_, at) => [ROOT + at, [...dots(ROOT + at, ROOT), record(folderAt(ROOT + at + 1))]]),
  )
  await refused(t, 'deep', craftIso(deep, 200), /nested too deeply/)
})

test('places that are not on the ISO, that overlap, or come to no end are refused', async (t) => {
  const cases: { readonly [what: string]: readonly [RegExp, ...Crafted[]] } = {
    'beyond the end': [/cut off or damaged: it speaks of byte 204805 and has 131072/, fileAt(100)],
    'over the end': [/cut off or damaged/, fileAt(63, 'F.;1', SECTOR + 1)],
    'at the end of all numbers': [/cut off or damaged/, fileAt(0xffffffff, 'F.;1', 0xffffffff)],
    'a directory beyond the end': [/cut off or damaged/, folderAt(100)],
    'a directory larger than the ISO': [/cut off or damaged/, { ...folderAt(63), length: 0xfffff800 }],
    'one in the other': [/"B" lies where another file does/, fileAt(30, 'A.;1', 3 * SECTOR), fileAt(31, 'B.;1', 5)],
    'pieces in between': [
      /lies where another file does/,
      { ...fileAt(30, 'A.;1', SECTOR), flags: GOES_ON },
      fileAt(32, 'A.;1'),
      fileAt(31, 'B.;1'),
    ],
    'pieces in the wrong order': [
      /lies where another file does/,
      { ...fileAt(32, 'A.;1', SECTOR), flags: GOES_ON },
      fileAt(30, 'A.;1'),
    ],
    'no last piece': [/the last piece of "A" is missing/, { ...fileAt(30, 'A.;1'), flags: GOES_ON }],
    'another file in between': [
      /the last piece of "A" is missing/,
      { ...fileAt(30, 'A.;1'), flags: GOES_ON },
      fileAt(32, 'B.;1'),
    ],
    'one name twice': [/"A" is there twice/, fileAt(30, 'A.;1'), fileAt(32, 'A.;2')],
  }
  for (const [what, [message, ...members]] of Object.entries(cases)) {
    await refused(t, what, craftIso({ [ROOT]: rootOf(...members) }), message)
  }
  await refused(t, 'no volume', craftIso({ 16: Buffer.alloc(SECTOR) }), /it is no ISO 9660/)
  await refused(t, 'odd blocks', craftIso({ 16: Buffer.from('\x01CD001\x01', 'latin1') }), /has blocks of 0 bytes/)
})

test('what is odd but harmless is read', async (t) => {
  const folder = await temporaryFolder(t)
  const fork = { ...fileAt(31, 'A.;1'), flags: 0x04 }
  const { files } = await listBytes(
    folder,
    craftIso({ [ROOT]: rootOf(fork, { ...fileAt(30, 'A.;1'), xar: 2 }, { name: 'EMPTY.;1', block: 0xffffffff }) }),
  )
  assert.deepEqual(files, [
    { name: 'A', size: 5, pieces: [{ offset: 32 * SECTOR, length: 5 }] },
    { name: 'EMPTY', size: 0, pieces: [] },
  ])
  const foreign = Buffer.concat([susp('ZZ', [1, 2, 3]), nm('grüße'), Buffer.alloc(3)])
  const ridge = await listBytes(folder, craftIso({ [ROOT]: ridgeOf({ ...fileAt(30), systemUse: foreign }) }))
  assert.equal(ridge.names, 'Rock Ridge')
  assert.deepEqual(
    ridge.files.map(({ name }) => name),
    ['grüße'],
  )
  const without = await listBytes(
    folder,
    craftIso({ [ROOT]: rootOf({ ...fileAt(30), systemUse: nm('not-asked-for') }) }),
  )
  assert.deepEqual(
    without.files.map(({ name }) => name),
    ['F'],
  )
  assert.ok(SP.length === 7)
})

test('a name patched into an image by hand, as bsdtar refuses it too', async (t) => {
  const folder = await temporaryFolder(t)
  const tree = await fill(join(folder, 'tree'), { '123456789PWN1': 'x' })
  await program('genisoimage', ['-quiet', '-relaxed-filenames', '-l', '-o', join(folder, 'x.iso'), tree])
  const iso = await readFile(join(folder, 'x.iso'))
  const at = iso.indexOf('123456789PWN1')
  iso.write('../../../PWN1', at, 'latin1')
  await refused(t, 'patched', iso, /"\.\.\/\.\.\/\.\.\/PWN1" leads out of its folder/)
})

test('an ISO that is cut off anywhere is refused', async (t) => {
  const folder = await temporaryFolder(t)
  const tree = await fill(join(folder, 'tree'), { A: 'a'.repeat(5000), B: 'b'.repeat(70_000), 'D/C': 'c' })
  const iso = join(folder, 'x.iso')
  await program('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-J', '-no-pad', '-o', iso, tree])
  const whole = await readFile(iso)
  for (const part of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    await truncate(iso, Math.floor(whole.length * part))
    await assert.rejects(unpack(iso, join(folder, `${part}`)), { kind: 'invalid', message: /cut off or damaged/ })
    await writeFile(iso, whole)
  }
})

test('whatever bytes are changed, an ISO is read or refused, and nothing else happens', async (t) => {
  const folder = await temporaryFolder(t)
  const tree = await fill(join(folder, 'tree'), { A: 'a', 'D/B': 'b'.repeat(3000), 'D/E/a-long-name-of-one': 'c' })
  const images: Buffer[] = []
  for (const options of [['-R', '-J'], ['--norock', '-J'], ['--norock']]) {
    const iso = join(folder, 'x.iso')
    await program('xorriso', ['-as', 'mkisofs', '-quiet', '-no-pad', ...options, '-o', iso, tree])
    images.push(await readFile(iso))
  }
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  })
  const property = fc.asyncProperty(
    fc.nat({ max: images.length - 1 }),
    fc.array(change, { minLength: 1, maxLength: 12 }),
    async (which, changes) => {
      const iso = Buffer.from(images[which] ?? Buffer.alloc(0))
      // Where the structure is: the descriptors, the directories and the path tables come before the content.
      for (const { at, bytes } of changes) iso.set(bytes, 16 * SECTOR + Math.floor(at * (iso.length - 17 * SECTOR)))
      const pieces = (await filesOrRefusal(folder, iso)).flatMap((file) => file.pieces)
      assert.ok(pieces.every(({ offset, length }) => offset + length <= iso.length))
    },
  )
  await fc.assert(property, { numRuns: process.env['METALSPRAY_FUZZ'] === 'quick' ? 300 : 3000, seed: 20260101 })
})

async function filesOrRefusal(folder: string, iso: Buffer) {
  try {
    return (await listBytes(folder, iso)).files
  } catch (error) {
    if (error instanceof ProvisionError && error.kind === 'invalid') return []
    throw error
  }
}
