import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { breaches, loadedBy } from './support/architecture.ts'

test('src keeps to its layers', () => {
  assert.deepEqual(breaches(join(import.meta.dirname, '../src')), [])
})

test('a server that only boots machines has nothing loaded of what people come for', () => {
  const src = join(import.meta.dirname, '../src')
  const loaded = [...loadedBy(src, 'cli/main.ts'), ...loadedBy(src, 'serve.ts')]
  const isForPeople = /^http\/admin\/(?:api|pages|live)\/|^commands\/(?:doctor|config)\/|^admin-app\.ts$/
  const packages = ['typebox', 'ajv', 'ajv-formats', 'prom-client', 'yaml', 'diff', '@fastify/swagger', 'node:http']
  assert.deepEqual(
    loaded.filter((one) => isForPeople.test(one) || packages.includes(one)),
    [],
  )
  const expected = ['http/boot/door.ts', 'http/admin/health.ts', 'fastify', 'better-sqlite3']
  assert.deepEqual(
    expected.filter((one) => !loaded.includes(one)),
    [],
  )
})

describe('the layers', () => {
  const planted: readonly (readonly [string, string, readonly string[]])[] = [
    ['core/a.ts', `import { b } from './b.ts'\nexport type { C } from './c.ts'`, []],
    ['core/a.ts', `import type { B } from '../store/b.ts'`, ['core/a.ts imports store/b.ts']],
    ['core/a.ts', `export { b } from '../serve.ts'`, ['core/a.ts imports serve.ts']],
    ['core/a.ts', `import {\n  b,\n  c,\n} from '../http/b.ts'`, ['core/a.ts imports http/b.ts']],
    ['core/a.ts', `import fs from 'node:fs'`, ['core/a.ts imports node:fs; core stands alone']],
    ['core/a.ts', `const ms = await import('ms')`, ['core/a.ts imports ms; core stands alone']],
    ['core/a.ts', `const { b } = await import('../store/b.ts')`, ['core/a.ts imports store/b.ts']],
    ['serve.ts', `const b = () => import('./cli/b.ts')`, ['serve.ts imports cli/b.ts']],
    ['core/a.ts', `import 'ms'`, ['core/a.ts imports ms; core stands alone']],
    ['core/a.ts', `import { b } from './b'`, ['core/a.ts imports ./b without .ts']],
    ['core/a.ts', `import { b } from './b.js'`, ['core/a.ts imports ./b.js without .ts']],
    ['core/a.ts', `// import { b } from '../store/b.ts'\n/* from 'ms' */ const u = 'https://x//y'`, []],
    ['store/a.ts', `import { b } from '../core/b.ts'\nimport Database from 'better-sqlite3'`, []],
    ['store/a.ts', `import { b } from '../render/b.ts'`, ['store/a.ts imports render/b.ts']],
    ['store/deep/a.ts', `import { b } from '../../kinds/b.ts'`, ['store/deep/a.ts imports kinds/b.ts']],
    ['store/a.ts', `import settings from '../../package.json'`, ['store/a.ts imports ../../package.json without .ts']],
    ['store/a.ts', `import { b } from '../../test/b.ts'`, ['store/a.ts imports ../test/b.ts']],
    ['kinds/esxi/a.ts', `import { b } from '../../images/b.ts'\nimport { c } from '../kind.ts'`, []],
    ['kinds/a.ts', `import { b } from '../store/b.ts'`, ['kinds/a.ts imports store/b.ts']],
    ['commands/a.ts', `import { b } from '../http/b.ts'`, ['commands/a.ts imports http/b.ts']],
    ['http/boot/a.ts', `import { b } from '../../commands/b.ts'`, []],
    ['http/boot/a.ts', `import { b } from '../../serve.ts'`, ['http/boot/a.ts imports serve.ts']],
    ['serve.ts', `import { b } from './http/b.ts'`, []],
    ['serve.ts', `import { b } from './cli/b.ts'`, ['serve.ts imports cli/b.ts']],
    ['cli/a.ts', `import { b } from '../serve.ts'\nconsole.log(process.env, process.exit)`, []],
    [
      'http/a.ts',
      `console.log(process.env['X'])`,
      ['console.log', 'process.env'].map((name) => `http/a.ts uses ${name}, which is for cli/`),
    ],
    ['serve.ts', `if (bad) process.exit(1)`, ['serve.ts uses process.exit, which is for cli/']],
    ['serve.ts', `import { env } from 'node:process'`, ['serve.ts imports node:process, which is for cli/']],
    ['http/a.ts', `/** Goes to its console. Not process.env. */\nconst pid = process.pid`, []],
    ['core/a.ts', `const at = Date.now()`, ['core/a.ts uses Date.now; core is pure']],
    ['core/a.ts', `const text = new Date(at).toISOString()`, []],
    ['core/a.ts', `const id = crypto.randomUUID()`, ['core/a.ts uses crypto.randomUUID; core is pure']],
    ['utils/a.ts', `export const a = 1`, ['utils/a.ts is in the folder utils, which is in no layer']],
    ['core/a.ts', 'const a = 1\n'.repeat(250), []],
    ['core/a.ts', 'const a = 1\n'.repeat(251), ['core/a.ts has 251 lines']],
  ]
  for (const [file, text, expected] of planted) {
    const what = JSON.stringify(text.slice(0, 60))
    test(`${expected.length === 0 ? 'allow' : 'refuse'} ${what} in ${file}${expected.length === 0 ? '' : `: ${expected[0]}`}`, (t) => {
      const src = mkdtempSync(join(tmpdir(), 'metalspray-'))
      t.after(() => rmSync(src, { recursive: true }))
      mkdirSync(dirname(join(src, file)), { recursive: true })
      writeFileSync(join(src, file), text)
      assert.deepEqual(breaches(src), expected)
    })
  }
})
