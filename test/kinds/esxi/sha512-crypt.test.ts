import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashRootPassword, isRootHash } from '../../../src/kinds/esxi/password.ts'
import { saltOf, sha512Crypt } from '../../../src/kinds/esxi/sha512-crypt.ts'

/** What another program makes of the same. */
function openssl(password: string, salt: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], { input: `${password}\n` })
    .toString()
    .trim()
}

for (const [what, password] of [
  ['one letter', 'a'],
  ['a usual one', 'VMware1!'],
  ['the longest that ESXi takes', 'x'.repeat(40)],
  ['as long as a digest', 'y'.repeat(64)],
  ['longer than a digest', 'z'.repeat(130)],
  ['other characters than ASCII', 'pässwörd€'],
] as const) {
  test(`a password of ${what} is hashed as OpenSSL does it`, () => {
    for (const salt of ['a', 'saltstring', saltOf(randomBytes(12))]) {
      assert.equal(sha512Crypt(password, salt), openssl(password, salt))
    }
  })
}

test('any password that ESXi takes has a hash that it takes, and another one each time', () => {
  const passwords = fc.stringMatching(/^[\x20-\x7e]{7,40}$/)
  fc.assert(
    fc.property(passwords, (password) => {
      const [one, other] = [hashRootPassword(password, randomBytes(12)), hashRootPassword(password, randomBytes(12))]
      assert.ok(isRootHash(one))
      assert.notEqual(one, other)
      assert.equal(one, sha512Crypt(password, one.split('$')[2] ?? ''))
    }),
    { numRuns: 10 },
  )
})

test('a salt has sixteen letters, and every letter of the alphabet comes in some', () => {
  const salts = Array.from({ length: 400 }, () => saltOf(randomBytes(12)))
  for (const salt of salts) assert.match(salt, /^[./0-9A-Za-z]{16}$/)
  assert.equal(new Set(salts.join('')).size, 64)
})
