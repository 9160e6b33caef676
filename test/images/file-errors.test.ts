import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProvisionError } from '../../src/core/errors.ts'
import { fileError } from '../../src/images/file-errors.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: something, write`), { code })

test('a failed file operation is told by its file and in words, with its cause', () => {
  const cause = failure('ENOSPC')
  const error = fileError(cause, 'disk.xz')
  assert.ok(error instanceof ProvisionError)
  assert.equal(error.kind, 'unavailable')
  assert.equal(error.message, 'disk.xz does not fit: no space is left on the disk')
  assert.equal(error.cause, cause)
})

test('what no operator can mend stays what it is', () => {
  for (const error of [
    failure('EBADF'),
    new TypeError('a bug'),
    new ProvisionError('conflict', 'x'),
    'text',
    undefined,
  ]) {
    assert.equal(fileError(error, 'disk.xz'), error)
  }
})
