import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PROGRAM } from './simulate.ts'

function problems(paths: readonly string[]): string {
  return execFileSync('python3', ['-B', join(import.meta.dirname, 'language.py'), ...paths], { encoding: 'utf8' })
}

test("keeps to the Python of ESXi 6.5 and to its modules' names", () => {
  const files = readdirSync(PROGRAM).filter((name) => name.endsWith('.py'))
  assert.ok(files.includes('__main__.py'))
  assert.equal(problems(files.map((name) => join(PROGRAM, name))), '')
})

const planted = [
  ["a = f'{1}'", 'Format strings'],
  ['a: int = 1', 'Variable annotation'],
  ['def a(b: int): pass', 'annotation: not wanted'],
  ['import yaml', 'import of yaml'],
  ['a = 1_000', 'Underscores in numeric literals'],
  ["import subprocess\nsubprocess.run(['a'], capture_output=True)", 'capture_output: later than 3.5'],
] as const
for (const [text, problem] of planted) {
  test(`finds ${JSON.stringify(text)}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
    t.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'a.py'), `${text}\n`)
    assert.ok(problems([join(folder, 'a.py')]).includes(problem))
  })
}
