import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { ProvisionError } from '../../src/core/errors.ts'
import { findLimits } from '../../src/kinds/esxi/boot-cfg/limits.ts'
import { parseBootCfg } from '../../src/kinds/esxi/boot-cfg/parse.ts'
import { directoryOf, resolvePath } from '../../src/kinds/esxi/boot-cfg/paths.ts'
import { printBootCfg } from '../../src/kinds/esxi/boot-cfg/print.ts'
import { rewriteBootCfg } from '../../src/kinds/esxi/boot-cfg/rewrite.ts'
import { firmwareBoot } from '../../src/kinds/esxi/firmware-boot.ts'
import { packModule } from '../../src/kinds/esxi/module/tar.ts'
import { RELEASES, stockBootCfg } from '../kinds/esxi/releases.ts'
import { runs } from '../support/runs.ts'
import { runStandInAwk } from './esxi/run-busybox.ts'

/** Our own reading of mboot's rules against the stand-in's, which was written apart from it: where they differ, one is wrong. */

const URL = 'http://h:8080/d/boot.cfg'

function theirs(text: string): readonly string[] {
  return runStandInAwk('boot-cfg.awk', text, { url: URL, extra: '' }).lines.filter((line) => !line.startsWith('limit '))
}

function ours(text: string): readonly string[] {
  try {
    const cfg = parseBootCfg(text)
    if (cfg.kernel === undefined) return ['fatal 32 (Syntax): kernel=<FILEPATH> must be set']
    const prefix = cfg.prefix ?? directoryOf(URL)
    const kernel = resolvePath(prefix, cfg.kernel)
    const said = (name: string, value: string | number | undefined) => (value === undefined ? [] : [`${name} ${value}`])
    return [
      ...said('title', cfg.title),
      ...said('timeout', cfg.numbers.timeout),
      ...said('errtimeout', cfg.numbers.errtimeout),
      ...said('nobootif', cfg.numbers.nobootif),
      ...said('crypto', cfg.crypto),
      `prefix ${prefix}`,
      `kernel ${kernel}`,
      ...cfg.modules.map(({ path, options }) => `module ${resolvePath(prefix, path)}${options && ' '}${options}`),
      `cmdline ${kernel}${cfg.kernelopt === undefined ? '' : ` ${cfg.kernelopt}`}`,
    ]
  } catch (error) {
    assert.ok(error instanceof ProvisionError)
    return ['fatal 32 (Syntax)']
  }
}

/** What a refused number is called is each one's own affair. */
const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/^(fatal 32 \(Syntax\)): [a-z]+=.*/, '$1'))

const blank = fc.constantFrom(' ', '\t', '  ', '\r', ' \f')
const piece = fc.oneof(
  fc.constantFrom(
    'a.b00',
    'X.V01',
    '/',
    '\\',
    '://',
    'http://',
    '//',
    '---',
    '--',
    '-',
    '=',
    '#',
    '?',
    '&',
    '%20',
    '"',
  ),
  fc.constantFrom('0', '5', '-3', '007', 'kernel', 'BOOTIF=', 'ks=', '.', '..'),
  blank,
)
const key = fc.oneof(
  fc.constantFrom('kernel', 'kernelopt', 'modules', 'title', 'prefix', 'nobootif', 'timeout', 'crypto', 'errtimeout'),
  fc.constantFrom(
    'k',
    '',
    'm',
    't',
    'p',
    'n',
    'c',
    'e',
    'KERNEL',
    'Mod',
    'ti',
    'kernelx',
    'build',
    'skip',
    'run',
    '#k',
  ),
)
const value = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.constantFrom('', '1', '-1'),
)
const line = fc
  .tuple(
    fc.option(blank, { nil: '' }),
    key,
    fc.option(blank, { nil: '', freq: 8 }),
    fc.constantFrom('=', '=', '=', ''),
    value,
  )
  .map((parts) => parts.join(''))
const file = fc.array(line, { maxLength: 6 }).map((lines) => ['kernel=b.b00', ...lines].join('\n'))

test('any boot.cfg says the same to us and to the stand-in', () => {
  fc.assert(
    fc.property(file, (text) => {
      assert.deepEqual(plain(ours(text)), plain(theirs(text)))
    }),
    { numRuns: runs(400) },
  )
})

for (const release of RELEASES) {
  test(`the boot.cfg that we make for ${release.name} loads every module of its medium, in order, from the tree`, () => {
    const tree = 'http://192.0.2.10:5000/b/0123456789abcdef0123456789abcdef/tree'
    const module = 'http://192.0.2.10:5000/b/0123456789abcdef0123456789abcdef/hostmeta.tgz'
    const cfg = rewriteBootCfg(parseBootCfg(stockBootCfg(release)), {
      prefix: tree,
      title: 'Loading ESXi installer - esx01',
      timeout: 3,
      norts: false,
      moduleName: 'hostmeta.tgz',
      module,
      ks: 'http://192.0.2.10:5000/b/0123456789abcdef0123456789abcdef/ks.cfg',
      mac: '52:54:00:e5:00:01' as never,
      own: [],
    })
    assert.deepEqual(findLimits(cfg), [])
    const said = theirs(printBootCfg(cfg))
    const loaded = said.filter((one) => /^(kernel|module) /.test(one)).map((one) => one.replace(/^\S+ /, ''))
    assert.deepEqual(loaded, [...[release.kernel, ...release.modules].map((name) => `${tree}/${name}`), module])
    const commandLine = said.find((one) => one.startsWith('cmdline '))?.split(' ') ?? []
    assert.ok(
      commandLine.includes('runweasel') && commandLine.includes('BOOTIF=01-52-54-00-e5-00-01'),
      `${commandLine}`,
    )
    assert.ok(!commandLine.includes('cdromBoot'))
    assert.ok(Number(said.find((one) => one.startsWith('errtimeout '))?.split(' ')[1]) > 0)
  })
}

test('the stand-in’s kernel mounts every module that we pack', async () => {
  const name = fc
    .array(fc.stringMatching(/^[a-z0-9_]{1,8}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'))
  const files = fc.dictionary(
    name.map((path) => `m/${path}.txt`),
    fc.string({ unit: 'binary', maxLength: 700 }),
    { maxKeys: 6, minKeys: 1 },
  )
  await fc.assert(
    fc.asyncProperty(files, async (packed) => {
      const tar = gunzipSync(await packModule(new Map(Object.entries(packed))))
      const { lines } = runStandInAwk('visorfs.awk', tar.toString('hex').replace(/.{1024}/g, '$&\n'))
      const mounted = lines.filter((one) => one.startsWith('f ')).map((one) => one.slice(2))
      assert.deepEqual(mounted.toSorted(), Object.keys(packed).toSorted(), lines.join('\n'))
    }),
    { numRuns: 40 },
  )
})

test('a boot.cfg by which a loader leaves again is one that it takes, with a kernel that is nowhere and a time to leave', () => {
  const texts = ['host 3 (esx3) waits for a plan', 'n\u00e4me\nkernel=evil --- x\r\terrtimeout=0', 'x'.repeat(500), '']
  for (const text of texts) {
    const { body } = firmwareBoot.leave(text, 'http://10.77.0.1:5000')
    const said = theirs(String(body)).filter((line) => !line.startsWith('title '))
    assert.deepEqual(said, [
      'timeout 0',
      'errtimeout 10',
      'prefix http://10.77.0.1:5000/uefi/nothing',
      'kernel http://10.77.0.1:5000/uefi/nothing/none',
      'cmdline http://10.77.0.1:5000/uefi/nothing/none',
    ])
    assert.deepEqual(ours(String(body)), theirs(String(body)))
  }
})
