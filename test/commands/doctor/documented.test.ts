import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '../../..')
const SOURCES = join(ROOT, 'src/commands/doctor')

test('every finding is in docs/doctor.md', () => {
  const code = readdirSync(SOURCES).map((name) => readFileSync(join(SOURCES, name), 'utf8'))
  const named = code.flatMap((text) => [
    ...text.matchAll(/\b(?:ok|note|warn|fail|look|locked)\(\s*'([a-z0-9-]+)'/g),
    ...text.matchAll(/\bid(?:: | = )'([a-z0-9-]+)'/g),
  ])
  const ids = new Set(named.map(([, id = '']) => id))
  assert.ok(ids.size > 20, [...ids].join())
  const page = readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8')
  assert.deepEqual(
    [...ids].filter((id) => !page.includes(`\`${id}\``)),
    [],
  )
})
