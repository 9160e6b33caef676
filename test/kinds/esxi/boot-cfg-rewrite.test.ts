import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseMac } from '../../../src/core/identity.ts'
import type { BootCfg, ListedFile } from '../../../src/kinds/esxi/boot-cfg/boot-cfg.ts'
import { hasOpenQuote } from '../../../src/kinds/esxi/boot-cfg/kernel-options.ts'
import { findKey, KEYS, type NumberKey } from '../../../src/kinds/esxi/boot-cfg/keys.ts'
import { findLimits } from '../../../src/kinds/esxi/boot-cfg/limits.ts'
import { parseBootCfg, squeeze } from '../../../src/kinds/esxi/boot-cfg/parse.ts'
import { resolvePath } from '../../../src/kinds/esxi/boot-cfg/paths.ts'
import { printBootCfg, printFile } from '../../../src/kinds/esxi/boot-cfg/print.ts'
import { type BootCfgChanges, rewriteBootCfg } from '../../../src/kinds/esxi/boot-cfg/rewrite.ts'
import { RELEASES, releaseNamed, stockBootCfg } from './releases.ts'

const BASE = 'http://192.0.2.10:5000/b/0123456789abcdef0123456789abcdef'

const CHANGES: BootCfgChanges = {
  prefix: `${BASE}/tree`,
  title: 'Loading ESXi installer - esx01',
  timeout: 3,
  norts: false,
  moduleName: 'hostmeta.tgz',
  module: `${BASE}/hostmeta.tgz`,
  ks: `${BASE}/ks.cfg`,
  mac: parseMac('52:54:00:e5:00:01'),
  own: [],
}

const rewrite = (text: string, changes: Partial<BootCfgChanges> = {}) =>
  rewriteBootCfg(parseBootCfg(text), { ...CHANGES, ...changes })

const optionsOf = (kernelopt: string, changes: Partial<BootCfgChanges> = {}) =>
  rewrite(`kernel=b.b00\nkernelopt=${kernelopt}\n`, changes).kernelopt

const word = fc.stringMatching(/^[a-zA-Z0-9_.=&?%"'/-]{1,12}$/).filter((text) => !text.includes('---'))
const words = fc.array(word, { maxLength: 6 }).map((list) => list.join(' '))
const someText = fc.option(
  words.filter((text) => text !== ''),
  { nil: undefined },
)
const file: fc.Arbitrary<ListedFile> = fc.record({ path: word, options: words }, { noNullPrototype: true })
const numberKeys = [...KEYS].flatMap(([key, type]) => (type === 'number' ? [key as NumberKey] : []))

const anyCfg: fc.Arbitrary<BootCfg> = fc.record(
  {
    kernel: someText,
    kernelopt: someText,
    title: someText,
    prefix: someText,
    crypto: someText,
    modules: fc.array(file, { maxLength: 5 }),
    acpitables: fc.array(file, { maxLength: 2 }),
    numbers: fc.dictionary(fc.constantFrom(...numberKeys), fc.integer({ min: -9, max: 200 }), {
      noNullPrototype: true,
    }),
    others: fc.array(
      fc
        .string()
        .map((text) => squeeze(text.replaceAll('\n', '')))
        .filter(isOther),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
)

function isOther(line: string): boolean {
  const equals = line.indexOf('=')
  return line !== '' && !line.startsWith('#') && (equals < 0 || findKey(line.slice(0, equals)) === undefined)
}

test('what is printed is read as it was', () => {
  fc.assert(fc.property(anyCfg, (cfg) => assert.deepEqual(parseBootCfg(printBootCfg(cfg)), cfg)))
})

test('what was read from any text is printed and read again as it was', () => {
  const line = fc.oneof(
    fc.string(),
    fc.tuple(fc.constantFrom(...KEYS.keys()), fc.string()).map(([key, value]) => `${key}=${value}`),
  )
  const texts = fc.array(line).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(texts, (text) => {
      let cfg: BootCfg
      try {
        cfg = parseBootCfg(text)
      } catch {
        return
      }
      assert.deepEqual(parseBootCfg(printBootCfg(cfg)), cfg)
    }),
  )
})

test('a file that was rewritten is the same when it is rewritten again', () => {
  fc.assert(
    fc.property(anyCfg, fc.array(word), fc.boolean(), fc.boolean(), (cfg, own, norts, hasModule) => {
      fc.pre(![...own, cfg.kernelopt ?? ''].some(hasOpenQuote))
      const changes = { ...CHANGES, own, norts, module: hasModule ? CHANGES.module : undefined }
      const once = rewriteBootCfg(cfg, changes)
      assert.deepEqual(rewriteBootCfg(once, changes), once)
      assert.deepEqual(rewriteBootCfg(parseBootCfg(printBootCfg(once)), changes), once)
    }),
  )
})

test('the kernel stands in the last line, so that half a file does not start', () => {
  fc.assert(
    fc.property(fc.nat(), (nat) => {
      const text = printBootCfg(rewrite(stockBootCfg(releaseNamed('8.0U3b'))))
      assert.match(text, /\nkernel=b\.b00\n$/)
      const cut = text.slice(0, nat % text.lastIndexOf('kernel='))
      assert.equal(parseBootCfg(cut.replace(/\n[^\n]*$/, '\n')).kernel, undefined)
    }),
  )
})

describe('each release, rewritten for one boot,', () => {
  for (const release of RELEASES) {
    test(`${release.name} has absolute addresses, its modules in order, ours last, and is within every limit`, () => {
      const cfg = rewrite(stockBootCfg(release))
      assert.equal(cfg.kernelopt, `runweasel ks=${BASE}/ks.cfg BOOTIF=01-52-54-00-e5-00-01`)
      assert.equal(cfg.kernel, release.kernel)
      assert.deepEqual(
        cfg.modules.map((module) => resolvePath(cfg.prefix ?? '', module.path)),
        [...release.modules.map((module) => `${BASE}/tree/${module}`), `${BASE}/hostmeta.tgz`],
      )
      assert.deepEqual(cfg.numbers, { timeout: 3, errtimeout: 60 })
      assert.deepEqual(cfg.others, ['bootstate=0', `build=${release.buildLine}`, 'updated=0'])
      assert.deepEqual(findLimits(cfg), [])
      for (const module of cfg.modules) {
        assert.ok(printFile({ ...module, path: resolvePath(cfg.prefix ?? '', module.path) }).length <= 255)
      }
    })
  }
})

test('a boot.cfg for 6.7, to the letter', () => {
  const stock = 'bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nprefix=\nkernel=/b.b00\n'
  const text = `${stock}kernelopt=cdromBoot runweasel\nmodules=/jumpstrt.gz --- /s.v00 --- /imgpayld.tgz\nbuild=\nupdated=0\n`
  assert.equal(
    printBootCfg(rewrite(text, { own: ['systemMediaSize=min'], norts: true })),
    `bootstate=0
build=
updated=0
title=Loading ESXi installer - esx01
timeout=3
errtimeout=60
norts=1
prefix=${BASE}/tree
kernelopt=runweasel ks=${BASE}/ks.cfg BOOTIF=01-52-54-00-e5-00-01 systemMediaSize=min
modules=jumpstrt.gz --- s.v00 --- imgpayld.tgz --- ${BASE}/hostmeta.tgz
kernel=b.b00
`,
  )
})

test('names become lower case and lose their slashes, each for itself; addresses and options stay', () => {
  const cfg = rewrite('kernel=/B.B00\nmodules=A.V00 --- //sub/B.v00 One=Two --- http://Other/X.tgz --- \\C.V00\n')
  assert.equal(cfg.kernel, 'b.b00')
  assert.deepEqual(cfg.modules.slice(0, -1), [
    { path: 'a.v00', options: '' },
    { path: 'sub/b.v00', options: 'One=Two' },
    { path: 'http://Other/X.tgz', options: '' },
    { path: 'c.v00', options: '' },
  ])
})

test('the crypto module and tables of ACPI are looked for below the image as well', () => {
  const cfg = rewrite('kernel=/b.b00\ncrypto=/EFI/BOOT/CRYPTO64.EFI\nacpitables=/Ssdt.AML --- http://h/x.aml\n')
  assert.equal(cfg.crypto, 'efi/boot/crypto64.efi')
  assert.deepEqual(
    cfg.acpitables.map(({ path }) => path),
    ['ssdt.aml', 'http://h/x.aml'],
  )
})

test('the module of an earlier boot gives way to the one of this boot, or to none', () => {
  const text = `kernel=b.b00\nmodules=a.v00 --- http://old:5000/b/00/hostmeta.tgz\n`
  assert.deepEqual(
    rewrite(text).modules.map(({ path }) => path),
    ['a.v00', `${BASE}/hostmeta.tgz`],
  )
  assert.deepEqual(
    rewrite(text, { module: undefined }).modules.map(({ path }) => path),
    ['a.v00'],
  )
})

test('kernel options: what belongs to another boot goes, runweasel is there once and first, the rest stays', () => {
  const ours = `ks=${BASE}/ks.cfg BOOTIF=01-52-54-00-e5-00-01`
  const cases: readonly (readonly [string, string])[] = [
    ['', `runweasel ${ours}`],
    ['cdromBoot', `runweasel ${ours}`],
    ['noIOMMU runweasel cdromBoot runweasel', `runweasel noIOMMU ${ours}`],
    ['ks=cdrom:/KS.CFG BOOTIF=01-aa-bb-cc-dd-ee-ff KS=usb', `runweasel ${ours}`],
    ['netdevice=vmnic0 ksdevice=x ip=1.2.3.4 netmask=x gateway=y nameserver=z vlanid=5', `runweasel ${ours}`],
    ['foo="a b" ks="http://a b/c" x=\'ks=1 2\'', `runweasel foo="a b" x='ks=1 2' ${ours}`],
    [
      'installerDiskDumpSlotSize=2560 no-auto-partition',
      `runweasel installerDiskDumpSlotSize=2560 no-auto-partition ${ours}`,
    ],
  ]
  for (const [stock, expected] of cases) assert.equal(optionsOf(stock), expected, stock)
  assert.equal(optionsOf('', { mac: undefined }), `runweasel ks=${BASE}/ks.cfg`)
})

test("kernel options: the operator's words win over the image's, and may set the network of the installer", () => {
  const ours = `ks=${BASE}/ks.cfg BOOTIF=01-52-54-00-e5-00-01`
  assert.equal(
    optionsOf('systemMediaSize=max com1_baud=9600', {
      own: ['systemMediaSize=small', 'SystemMediaSize=min', 'vlanid=20'],
    }),
    `runweasel com1_baud=9600 ${ours} SystemMediaSize=min vlanid=20`,
  )
})

describe('a limit of mboot is told with what exceeds it', () => {
  const long = 'x'.repeat(300)
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['no kernel', 'modules=a.v00\n', /names no kernel/],
    ['a kernel behind a blank', 'kernel =b.b00\n', /names no kernel/],
    ['a long module', `kernel=b\nmodules=a.v00 --- ${long}.v00\n`, /^module x{97}\.\.\. has 304 bytes .* at most 255$/],
    [
      'long module options',
      `kernel=b\nprefix=http://h\nmodules=a.v00 ${'x'.repeat(250)}\n`,
      /^module a\.v00 has 265 bytes/,
    ],
    ['many modules', `kernel=b\nmodules=${'a.v00 --- '.repeat(481)}\n`, /names 481 modules; mboot takes at most 480/],
    ['a long command line', `kernel=b\nkernelopt=${'x'.repeat(4094)} BOOTIF=01\n`, /has 4106 bytes/],
    ['an open quote', 'kernel=b\nkernelopt=a="b c\n', /a quote without its end/],
    ['a title', `kernel=b\ntitle=${'é'.repeat(64)}\n`, /title has 128 bytes; mboot shows at most 127/],
    ['a timeout', 'kernel=b\ntimeout=128\n', /timeout is 128; mboot takes 0 to 127/],
    ['a negative timeout', 'kernel=b\ntimeout=-1\n', /timeout is -1/],
    ['an end without a start', 'kernel=b\nskip=1\n', /skip is 1; mboot then ends without starting/],
    ['a byte order mark', '\ufeffbootstate=0\nkernel=b\n', /byte order mark/],
  ]
  for (const [name, text, message] of cases) {
    test(name, () => {
      const found = findLimits(parseBootCfg(text))
      assert.equal(found.length, 1)
      assert.match(found[0] ?? '', message)
    })
  }

  test('and one byte less is no limit', () => {
    const module = `m${'x'.repeat(255 - 'http://h/m'.length)}`
    const options = 'x'.repeat(4095 - 'http://h/b '.length - ' BOOTIF=01-00-00-00-00-00-00'.length)
    const text = (extra: string) =>
      `prefix=http://h\nkernel=b\nmodules=${module}${extra}\nkernelopt=${options}${extra}\ntitle=${'x'.repeat(127)}${extra}\n`
    assert.deepEqual(findLimits(parseBootCfg(text(''))), [])
    assert.equal(findLimits(parseBootCfg(text('x'))).length, 3)
    assert.deepEqual(findLimits(parseBootCfg(`kernel=b\nmodules=${'a.v00 --- '.repeat(480)}\n`)), [])
  })
})
