import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashRootPassword, isRootHash } from '../../../src/kinds/esxi/password.ts'

/** What another program makes of the same. */
function openssl(password: string, salt: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], { input: `${password}\n` })
    .toString()
    .trim()
}

test('any password that ESXi takes has a hash that it takes, the one that OpenSSL makes, and another one each time', () => {
  const passwords = fc.stringMatching(/^[\x20-\x7e]{7,40}$/)
  fc.assert(
    fc.property(passwords, (password) => {
      const [one, other] = [hashRootPassword(password, randomBytes(12)), hashRootPassword(password, randomBytes(12))]
      assert.ok(isRootHash(one))
      assert.notEqual(one, other)
      assert.equal(one, openssl(password, one.split('$')[2] ?? ''))
    }),
    { numRuns: 20 },
  )
})

test('a salt has sixteen letters, and every letter of the alphabet comes in some', () => {
  const values = Buffer.from(
    Array.from({ length: 48 }, (_, at) => {
      // Three bytes hold four letters: this is one after the other of the 64.
      const [first = 0, second = 0] = [Math.floor(at / 3) * 4 + (at % 3), Math.floor(at / 3) * 4 + (at % 3) + 1]
      return ((first << (2 + 2 * (at % 3))) | (second >> (4 - 2 * (at % 3)))) & 0xff
    }),
  )
  const salts = [0, 12, 24, 36].map(
    (at) => hashRootPassword('VMware1!', values.subarray(at, at + 12)).split('$')[2] ?? '',
  )
  for (const salt of salts) assert.match(salt, /^[./0-9A-Za-z]{16}$/)
  assert.equal(new Set(salts.join('')).size, 64)
})
