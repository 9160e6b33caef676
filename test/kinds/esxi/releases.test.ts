import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RELEASES } from './releases.ts'

test('the module lists have as many modules as their releases, each once, in names that any medium can hold', () => {
  const counts = RELEASES.map(({ name, modules }) => `${name} ${modules.length}`)
  assert.deepEqual(counts, ['6.5U1 136', '6.7U1 158', '7.0.0b 89', '7.0U3g 98', '8.0U2 108', '8.0U3b 111', '9.1.1 132'])
  for (const { modules } of RELEASES) {
    assert.equal(new Set(modules).size, modules.length)
    for (const module of modules) assert.match(module, /^[a-z0-9_]{1,8}\.[a-z0-9]{2,3}$/)
  }
})
