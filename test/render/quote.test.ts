// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE's settings look like that.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProvisionError } from '../../src/core/errors.ts'
import { ipxeOptions, ipxeText, ipxeWord, shellQuote } from '../../src/render/quote.ts'
import { runs } from '../support/runs.ts'
import { commandsOf, EXPANDED } from './ipxe-model.ts'

/** Texts with many of the characters and tokens that iPXE knows. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '${',
        '}',
        '$',
        '{',
        '||',
        '&&',
        '|',
        '&',
        ';',
        '#',
        '\\',
        '-',
        '--',
        ':',
        ' ',
        '\n',
        '\r',
        '\t',
        '\0',
      ),
      fc.constantFrom('chain', 'http://evil/', 'a', "'", '"', '=', '${net0/mac}'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

const ORDERS = [{ expandFirst: true }, { expandFirst: false }]

test('a text after echo is always one echo, with no setting expanded, and the next line stays its own', () => {
  fc.assert(
    fc.property(hostile, hostile, (first, second) => {
      for (const order of ORDERS) {
        const commands = commandsOf(`echo ${ipxeText(first)}${ipxeText(second)}\nnext`, order)
        assert.equal(commands.length, 2)
        assert.equal(commands[0]?.[0], 'echo')
        assert.ok(!commands[0]?.join(' ').includes(EXPANDED))
        // An option that echo does not know would end the script.
        assert.ok(commands[0]?.[1]?.startsWith('-') !== true)
        assert.deepEqual(commands[1], ['next'])
      }
    }),
    { numRuns: runs(3000) },
  )
})

test('a harmless text is written as it is', () => {
  for (const text of [
    'QEMU Standard PC (i440FX + PIIX, 1996)',
    'S/N 12-34',
    'a|b',
    'x&y',
    '50% off',
    'a;b',
    'C#',
    '5$',
  ]) {
    assert.equal(ipxeText(text).trimEnd(), text)
  }
})

test('a text is cut to one line of bearable length', () => {
  assert.equal(ipxeText('a\nb'), 'a?b')
  assert.equal(ipxeText('x'.repeat(1000)).length, 300)
  assert.equal(ipxeText('x'.repeat(1000), 20), `${'x'.repeat(17)}...`)
})

test('a word is one argument wherever it stands, or it is refused', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const word = attempt(() => ipxeWord(text))
      if (word === undefined) return
      for (const order of ORDERS) {
        assert.deepEqual(commandsOf(`chain ${word}\nnext`, order), [['chain', text], ['next']])
        assert.ok(!word.startsWith('-'))
      }
    }),
    { numRuns: runs(3000) },
  )
})

test('the URLs that we write are words', () => {
  for (const url of [
    'http://10.77.0.1:5000/b/0f/tree/a%20b',
    'http://h/post-install?id=1&bootid=ab',
    'http://[fe80::1]:5000',
  ]) {
    assert.equal(ipxeWord(url), url)
  }
})

test('kernel options stay the options of one kernel command, or they are refused', () => {
  fc.assert(
    fc.property(fc.array(hostile), (options) => {
      const line = attempt(() => ipxeOptions(options))
      if (line === undefined) return
      for (const order of ORDERS) {
        const commands = commandsOf(`kernel url ${line}\nnext`, order)
        assert.equal(commands.length, 2)
        assert.deepEqual(commands[0]?.slice(0, 2), ['kernel', 'url'])
      }
    }),
    { numRuns: runs(3000) },
  )
})

test('of the settings only those with harmless values may stand among kernel options', () => {
  const good = ['BOOTIF=01-${mac:hexhyp}', 'a=${net0/mac}', 'b=${uuid}', 'c=${serial:hexraw}', 'ip=${ip}:::${netmask}']
  assert.equal(ipxeOptions(good), good.join(' '))
  for (const bad of ['h=${hostname}', '${filename}', 'x=${serial}', 'x=${${uuid}}', '${unclosed', '${dhcp/17}']) {
    assert.throws(() => ipxeOptions([bad]), /would be replaced by an iPXE setting/, bad)
  }
})

test('what Linux would cut off is refused', () => {
  assert.throws(() => ipxeOptions(['x'.repeat(2048)]), /has 2048 characters; Linux reads 2047/)
})

test('an option may begin with a dash', () => {
  assert.equal(ipxeOptions(['quiet  splash', '--', '-v']), 'quiet splash -- -v')
})

test('a real shell reads back what was quoted', () => {
  const text = fc.oneof(hostile, fc.string({ unit: 'grapheme' })).map((value) => value.replaceAll('\0', ''))
  fc.assert(
    fc.property(fc.array(text, { minLength: 20, maxLength: 60 }), (texts) => {
      const script = texts.map((value) => `printf '%s\\0' ${shellQuote(value)}`).join('\n')
      const { stdout, status } = spawnSync('sh', { input: script, encoding: 'utf8' })
      assert.equal(status, 0)
      const expected = texts.map((value) => Buffer.from(value).toString())
      assert.deepEqual(stdout.split('\0').slice(0, -1), expected)
    }),
    { numRuns: 60 },
  )
})

test('a NUL is refused: no shell can hold it', () => {
  assert.throws(() => shellQuote('a\0b'), ProvisionError)
})

function attempt(write: () => string): string | undefined {
  try {
    return write()
  } catch (error) {
    assert.ok(error instanceof ProvisionError)
    return undefined
  }
}
