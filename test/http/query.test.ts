import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Query } from '../../src/http/boot/query.ts'

test('a parameter is the last of its name that is not empty', () => {
  const query = new Query('net0=a&net1=&net0=b&net0=&=x&mac&v=2')
  assert.deepEqual(
    ['net0', 'net1', 'mac', 'v', 'none'].map((name) => query.last(name)),
    ['b', undefined, undefined, '2', undefined],
  )
  assert.equal(query.count, 7)
  assert.equal(new Query('').count, 0)
})

test('what was percent-encoded is read as forms are, and what was not stays as it is', () => {
  const query = new Query('serial=a%20b+c&note=50%&e%71=%3D%26')
  assert.deepEqual(
    ['serial', 'note', 'eq'].map((name) => query.last(name)),
    ['a b c', '50%', '=&'],
  )
})

test('it reads what others write', () => {
  const pairs = fc.array(fc.tuple(fc.constantFrom('mac', 'net0', 'serial', 'ü'), fc.string({ unit: 'grapheme' })))
  fc.assert(
    fc.property(pairs, (list) => {
      const written = new URLSearchParams(list)
      const query = new Query(written.toString())
      for (const name of ['mac', 'net0', 'serial', 'ü']) {
        assert.equal(
          query.last(name),
          written.getAll(name).findLast((value) => value !== ''),
        )
      }
    }),
  )
})
