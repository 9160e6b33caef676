import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const TESTS = import.meta.dirname
const PAGE = join(TESTS, '../docs/host-configuration.md')
const GOLDEN = join(TESTS, 'kinds/esxi/configure/golden')

/** The rows of the tables that say what shows each of their lines. */
function rows(): readonly { readonly name: string; readonly proof: string }[] {
  const table = readFileSync(PAGE, 'utf8').split('\n## What other tools do for ESXi').at(1) ?? assert.fail('no tables')
  return table
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| \| (?:esxi-netinit|packer-maas|go-via)|^\|---/.test(line))
    .map((line) => line.split(' | '))
    .map(([name = '', , , proof = '']) => ({ name: name.replace(/^\| ?/, ''), proof: proof.replace(/ \|$/, '') }))
}

test('the tables of other tools’ features have every line', () => {
  const two = (number: number) => String(number).padStart(2, '0')
  const range = (from: number, to: number, prefix: string) =>
    Array.from({ length: to - from + 1 }, (_, at) => `${prefix}-${two(from + at)}`)
  const names = rows().flatMap(({ name }) => (name === '' ? [] : [name]))
  assert.deepEqual(names, [...range(1, 18, 'EN'), ...range(5, 22, 'PM'), 'GV-15'])
})

for (const { name, proof } of rows()) {
  test(`what is said to show ${name || 'a part of the line before'} is there: ${proof}`, () => {
    if (proof === 'no test') return
    const files = [...proof.matchAll(/`([^`]+\.test\.ts)`((?:,? "[^"]+")+)/g)]
    for (const [, file = '', names = ''] of files) {
      const text = readFileSync(join(TESTS, file), 'utf8')
      for (const [, title = ''] of names.matchAll(/"([^"]+)"/g)) {
        assert.ok(isNamed(text, title), `${file} has no test "${title}"`)
      }
    }
    const cases = [...proof.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word).filter((word) => !word.endsWith('.ts'))
    for (const each of cases) assert.ok(existsSync(join(GOLDEN, `${each}.txt`)), `there is no case ${each}`)
    assert.ok(files.length + cases.length > 0, 'nothing shows it')
    assert.equal(proof.match(/\.test\.ts/g)?.length ?? 0, files.length, 'a test has a name')
  })
}

/** A title stands in quotes, or is a key of what a test goes through. */
function isNamed(text: string, title: string): boolean {
  return text.includes(`'${title}'`) || new RegExp(`^\\s*${title}: `, 'm').test(text)
}
