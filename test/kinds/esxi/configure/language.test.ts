import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { BONDS } from './cases/bonds.ts'
import { NETINIT } from './cases/netinit.ts'
import { NETWORKS } from './cases/networks.ts'
import { STORAGE } from './cases/storage.ts'
import { SYSTEMS } from './cases/systems.ts'
import { TROUBLES } from './cases/troubles.ts'
import { PROGRAM, simulate } from './simulate.ts'
import { view } from './view.ts'

function problems(paths: readonly string[]): string {
  return execFileSync('python3', ['-B', join(import.meta.dirname, 'language.py'), ...paths], { encoding: 'utf8' })
}

test("keeps to the Python of ESXi 6.5 and to its modules' names", () => {
  const files = readdirSync(PROGRAM).filter((name) => name.endsWith('.py'))
  assert.ok(files.includes('__main__.py'))
  assert.equal(problems(files.map((name) => join(PROGRAM, name))), '')
})

const FOLDERS = (process.env['PATH'] ?? '').split(':')

/** A program on the path. pyenv's shims answer for releases that are not there: its own folders say what is. */
function find(program: string): string | undefined {
  const folders = FOLDERS.flatMap((folder) =>
    folder.endsWith('/shims') ? globSync(join(folder, '../versions/*/bin')) : [folder],
  )
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

const vermin = find('vermin')
test('keeps to the Python of ESXi 6.5 in the eyes of vermin', {
  skip: vermin === undefined && 'it is not here',
}, () => {
  const { status, stdout } = spawnSync(vermin ?? '', ['--no-tips', '--violations', '-t=3.5-', PROGRAM], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
})

/** Two of each sort: where releases of Python differ, they differ in all of one. */
const SOME = [NETINIT, NETWORKS, BONDS, TROUBLES, SYSTEMS, STORAGE].flatMap((cases) => cases.slice(0, 2))

describe('does the same in each Python that there is', { concurrency: true }, () => {
  for (const name of Array.from({ length: 10 }, (_, at) => `python3.${at + 5}`)) {
    const python = find(name)
    test(name, { skip: python === undefined && 'it is not here' }, async () => {
      const results = await simulate(SOME, python)
      for (const each of SOME) {
        const golden = readFileSync(join(import.meta.dirname, 'golden', `${each.name}.txt`), 'utf8')
        assert.equal(view(results.get(each.name) ?? assert.fail(each.name)), golden, each.name)
      }
    })
  }
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
