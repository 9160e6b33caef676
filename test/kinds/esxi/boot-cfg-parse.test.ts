import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BootCfg } from '../../../src/kinds/esxi/boot-cfg/boot-cfg.ts'
import { parseBootCfg, parseList } from '../../../src/kinds/esxi/boot-cfg/parse.ts'
import { directoryOf, resolvePath } from '../../../src/kinds/esxi/boot-cfg/paths.ts'
import { RELEASES, stockBootCfg } from './releases.ts'

const EMPTY: BootCfg = {
  kernel: undefined,
  kernelopt: undefined,
  title: undefined,
  prefix: undefined,
  crypto: undefined,
  modules: [],
  acpitables: [],
  numbers: {},
  others: [],
}

const kernel = { kernel: 'b.b00' }
const files = (...paths: string[]) => paths.map((path) => ({ path, options: '' }))

/** What mboot makes of single lines; found by running its own parser. */
const LINES: readonly (readonly [string, Partial<BootCfg>])[] = [
  ['kernel=b.b00', kernel],
  ['KERNEL=b.b00', kernel],
  ['  kernel=b.b00  ', kernel],
  ['kernel= b.b00', kernel],
  ['kernel=b.b00\r', kernel],
  ['kernel =b.b00', { others: ['kernel =b.b00'] }],
  ['kernel\t=foo', { others: ['kernel =foo'] }],
  ['kernelx=foo', { others: ['kernelx=foo'] }],
  ['kernelopt', { others: ['kernelopt'] }],
  ['noequals', { others: ['noequals'] }],
  ['#kernel=x', {}],
  ['  # kernel=x', {}],
  ['build=7.0.3-0.55.20328353', { others: ['build=7.0.3-0.55.20328353'] }],
  ['updated=0', { others: ['updated=0'] }],
  ['bootstate=0', { others: ['bootstate=0'] }],
  ['quickboot=1', { others: ['quickboot=1'] }],
  ['k=foo', { kernel: 'foo' }],
  ['=foo', { kernel: 'foo' }],
  ['mod=abc', { modules: files('abc') }],
  ['t=hello', { title: 'hello' }],
  ['p=/x', { prefix: '/x' }],
  ['n=2', { numbers: { nobootif: 2 } }],
  ['s=1', { numbers: { skip: 1 } }],
  ['e=3', { numbers: { errtimeout: 3 } }],
  ['err=7', { numbers: { errtimeout: 7 } }],
  ['run=1', { numbers: { runtimewd: 1 } }],
  ['timeout=', { numbers: { timeout: 0 } }],
  ['timeout=-3', { numbers: { timeout: -3 } }],
  ['timeout=5 ', { numbers: { timeout: 5 } }],
  [
    'kernelopt=runweasel ks=http://x/ks.cfg?a=b&c=d   foo\tbar',
    { kernelopt: 'runweasel ks=http://x/ks.cfg?a=b&c=d foo bar' },
  ],
  ['kernelopt=', {}],
  ['title=a # is no comment here', { title: 'a # is no comment here' }],
  ['\ufeffkernel=b.b00', { others: ['\ufeffkernel=b.b00'] }],
  ['\u00a0kernel=b.b00', { others: ['\u00a0kernel=b.b00'] }],
]

describe('a line of boot.cfg means to us what it means to mboot', () => {
  for (const [line, expected] of LINES) {
    test(JSON.stringify(line), () => assert.deepEqual(parseBootCfg(line), { ...EMPTY, ...expected }))
  }
})

test('a number that is none spoils the whole file, as it does for mboot', () => {
  for (const line of [
    'timeout=abc',
    'timeout=5s',
    'timeout=0x5',
    'timeout=1.5',
    'timeout=- 1',
    'nobootif=99999999999',
  ]) {
    assert.throws(() => parseBootCfg(`kernel=b.b00\n${line}\n`), { kind: 'invalid', message: /^line 2 of boot\.cfg: / })
  }
})

test('the last line of a key wins, also over one with its name cut short', () => {
  const cfg = parseBootCfg('modules=a.v00\nkernel=one\nmod=b.v00 --- c.v00\nKER=two\nkernelopt=x\nkernelopt=\n')
  assert.deepEqual(cfg, { ...EMPTY, kernel: 'two', modules: files('b.v00', 'c.v00') })
})

const LISTS: readonly (readonly [prefix: string, list: string, expected: readonly string[]])[] = [
  [
    'http://h/esxi/8',
    'a.b00---b.b00 --- c.b00',
    ['http://h/esxi/8/a.b00', 'http://h/esxi/8/b.b00', 'http://h/esxi/8/c.b00'],
  ],
  ['http://h/x', '/a.b00', ['/a.b00']],
  ['', 'b.b00 opt1 opt2', ['b.b00']],
  ['', 'http://m/h/meta.tgz?token=a=b', ['http://m/h/meta.tgz?token=a=b']],
  ['http://h/x/', 'a.b00 --- ', ['http://h/x/a.b00']],
  ['http://h//x', '--- a.b00 --- --- b.b00', ['http://h/x/a.b00', 'http://h/x/b.b00']],
  ['', 'my-file---x.v00', ['my-file', 'x.v00']],
  ['', 'dash--.v00', ['dash--.v00']],
  ['/vmfs', 'HTTP://H/x.gz', ['HTTP://H/x.gz']],
  ['/vmfs', 'sub\\dir\\x.gz', ['/vmfs/sub/dir/x.gz']],
]

test('a list of modules is cut and its names are completed as mboot does', () => {
  for (const [prefix, list, expected] of LISTS) {
    assert.deepEqual(
      parseList(list).map(({ path }) => resolvePath(prefix, path)),
      expected,
      `${prefix} ${list}`,
    )
  }
  assert.deepEqual(parseList('x.v00 opt1   opt2---y.v00'), [
    { path: 'x.v00', options: 'opt1 opt2' },
    { path: 'y.v00', options: '' },
  ])
})

test('names become addresses as mboot makes them', () => {
  const cases = [
    ['http://h/a', 'b c.v00', 'http://h/a/bc.v00'],
    ['http://h/a//b/', '/c', '/c'],
    ['x', 'http://h//a//b?u=http://z//y', 'http://h/a/b?u=http:/z/y'],
    ['tftp://1.2.3.4//esxi', 'k.b00', 'tftp://1.2.3.4/esxi/k.b00'],
  ] as const
  for (const [prefix, path, expected] of cases) assert.equal(resolvePath(prefix, path), expected)
})

test('without a prefix, names are completed by the directory of boot.cfg', () => {
  const cases = [
    ['http://h:8080/hosts/abc/boot.cfg', 'http://h:8080/hosts/abc'],
    ['boot.cfg', ''],
    ['/boot.cfg', ''],
    ['http://h/boot?x=/a/b', 'http://h/boot?x=/a'],
  ] as const
  for (const [file, expected] of cases) assert.equal(directoryOf(file), expected)
})

describe('boot.cfg of installer media', () => {
  for (const release of RELEASES) {
    test(`${release.name}: kernel, options and modules are found`, () => {
      const cfg = parseBootCfg(stockBootCfg(release))
      assert.equal(cfg.kernel, `/${release.kernel}`)
      assert.equal(cfg.kernelopt, release.kernelopt)
      assert.equal(cfg.prefix, undefined)
      assert.deepEqual(cfg.numbers, { timeout: 5 })
      assert.deepEqual(cfg.others, ['bootstate=0', `build=${release.buildLine}`, 'updated=0'])
      assert.deepEqual(
        cfg.modules.map(({ path }) => path.replace(/^\//, '')),
        release.modules,
      )
    })
  }

  test('is the same with the line ends of Windows, with tabs, comments and indented lines, and without its last newline', () => {
    const stock =
      '#!boot\nkernel=/b.b00\nkernelopt=runweasel  cdromBoot\n\nmodules=/a.v00 --- /b.v00 one two\ntimeout=5\n'
    const expected = parseBootCfg(stock)
    assert.equal(expected.modules.length, 2)
    for (const other of [
      stock.replaceAll('\n', '\r\n'),
      stock.replaceAll(' ', '\t'),
      stock.replaceAll('\n', '\n\t'),
      stock.trimEnd(),
      `# a comment\n\n${stock}`,
      stock.replace('kernel=', 'KERNEL='),
    ]) {
      assert.deepEqual(parseBootCfg(other), expected, JSON.stringify(other))
    }
  })
})
