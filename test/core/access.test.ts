import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEnough, ROLES, usualRole } from '../../src/core/access.ts'

test('each role may do what the ones before it may, and no more', () => {
  const may = (role: (typeof ROLES)[number]) => ROLES.filter((needed) => isEnough(role, needed))
  assert.deepEqual(may('viewer'), ['viewer'])
  assert.deepEqual(may('operator'), ['viewer', 'operator'])
  assert.deepEqual(may('admin'), ['viewer', 'operator', 'admin'])
})

test('a route that says nothing lets everybody look and nobody but an admin change', () => {
  assert.deepEqual(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'].map(usualRole), [
    'viewer',
    'viewer',
    'admin',
    'admin',
    'admin',
    'admin',
    'admin',
    'admin',
  ])
})
