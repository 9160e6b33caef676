import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runStandInAwk } from './esxi/run-busybox.ts'

const URL = 'http://h:8080/d/boot.cfg'

/** What the stand-in's loader makes of a boot.cfg: `title hello`, `kernel http://…`, a line each. */
function read(text: string, url = URL): readonly string[] {
  return runStandInAwk('boot-cfg.awk', text, { url, extra: '' }).lines
}

/** What one line does, beside a kernel when it names none itself. */
function effect(line: string): readonly string[] {
  return read(`kernel=http://h/k\nprefix=http://h/p\n${line}\n`).filter(
    (said) => !['kernel http://h/k', 'prefix http://h/p', 'cmdline http://h/k'].includes(said),
  )
}

describe('the stand-in’s loader reads a line of boot.cfg as mboot does', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ...[
      'kernel =b.b00',
      'kernel\t=foo',
      'kernelx=foo',
      'kernelopt',
      'noequals',
      '#kernel=x',
      'build=1',
      'updated=0',
    ].map((line) => [line, []] as const),
    ...['kernel=b', 'KERNEL=b', '  kernel=b  ', 'kernel= b', 'kernel=b\r', 'k=b', '=b'].map(
      (line) => [line, ['kernel http://h/p/b', 'cmdline http://h/p/b']] as const,
    ),
    ['mod=abc', ['module http://h/p/abc']],
    ['t=hello', ['title hello']],
    ['n=2', ['nobootif 2']],
    ['e=3', ['errtimeout 3']],
    ['err=7', ['errtimeout 7']],
    ['timeout=', ['timeout 0']],
    ['timeout=-3', ['timeout -3']],
    ['timeout=5 ', ['timeout 5']],
    ['timeout=abc', ['fatal 32 (Syntax): timeout=abc']],
    ['run=x', ['fatal 32 (Syntax): runtimewd=x']],
    [
      'kernelopt=runweasel ks=http://x/k?a=b&c=d   foo\tbar',
      ['cmdline http://h/k runweasel ks=http://x/k?a=b&c=d foo bar'],
    ],
    ['kernelopt=', []],
  ]
  for (const [line, expected] of cases) {
    test(JSON.stringify(line), () => assert.deepEqual(effect(line), expected))
  }
  test('p=/x is the prefix', () => assert.ok(read('kernel=b\np=/x\n').includes('kernel /x/b')))
  test('without a kernel nothing is booted', () =>
    assert.deepEqual(read('kernel =b\n'), ['fatal 32 (Syntax): kernel=<FILEPATH> must be set']))
  test('the last of two counts', () => assert.deepEqual(effect('modules=a\nmodules=b'), ['module http://h/p/b']))
})

describe('the stand-in’s loader takes a list of modules apart as mboot does', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['http://h/e/8', 'a.b00---b.b00 --- c.b00', ['http://h/e/8/a.b00', 'http://h/e/8/b.b00', 'http://h/e/8/c.b00']],
    ['http://h/x', '/a.b00', ['/a.b00']],
    ['http://h', 'b.b00 opt1 opt2', ['http://h/b.b00 opt1 opt2']],
    ['http://h', 'http://m/h/meta.tgz?token=a=b', ['http://m/h/meta.tgz?token=a=b']],
    ['http://h/x/', 'a.b00 --- ', ['http://h/x/a.b00']],
    ['http://h//x', '--- a.b00 --- --- b.b00', ['http://h/x/a.b00', 'http://h/x/b.b00']],
    ['http://h', 'my-file---x.v00', ['http://h/my-file', 'http://h/x.v00']],
    ['http://h', 'dash--.v00', ['http://h/dash--.v00']],
    ['/vmfs', 'HTTP://H/x.gz --- sub\\dir\\x.gz', ['HTTP://H/x.gz', '/vmfs/sub/dir/x.gz']],
    ['http://h//a//b/', 'http://h//a//b?u=http://z//y', ['http://h/a/b?u=http:/z/y']],
    ['tftp://1.2.3.4//esxi', 'k.b00', ['tftp://1.2.3.4/esxi/k.b00']],
  ]
  for (const [prefix, modules, expected] of cases) {
    test(`${prefix} + ${modules}`, () => {
      const said = read(`kernel=k\nprefix=${prefix}\nmodules=${modules}\n`)
      const found = said.filter((line) => line.startsWith('module ')).map((line) => line.slice('module '.length))
      assert.deepEqual(found, expected)
    })
  }
  test('without a prefix they lie beside boot.cfg', () => {
    assert.ok(read('kernel=b\n').includes('kernel http://h:8080/d/b'))
    assert.ok(read('kernel=b\n', 'http://h/boot?x=/a/b').includes('kernel http://h/boot?x=/a/b'))
  })
})

describe('the stand-in’s loader has mboot’s limits', () => {
  const long = (length: number, prefix: string) => `${prefix}${'x'.repeat(length - prefix.length)}`
  const limits = (text: string) => read(text).filter((line) => line.startsWith('limit '))
  test('255 characters of a module, options included', () => {
    assert.deepEqual(limits(`kernel=k\nmodules=${long(250, 'http://h/')} o123\n`), [])
    assert.equal(limits(`kernel=k\nmodules=${long(250, 'http://h/')} o1234\n`).length, 1)
  })
  test('4095 characters of the command line', () => {
    assert.deepEqual(limits(`kernel=http://h/k\nkernelopt=${'x'.repeat(4095 - 'http://h/k '.length)}\n`), [])
    assert.equal(limits(`kernel=http://h/k\nkernelopt=${'x'.repeat(4096 - 'http://h/k '.length)}\n`).length, 1)
  })
})
