import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hideHostSecrets, hideSecrets, keepSecrets, standInKindSecrets } from '../../src/kinds/settings.ts'
import { hostOf } from '../support/hosts.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`

test('a secret is hidden, and what is beside it is not', () => {
  const settings = { rack: 'b4', rootPassword: 'not of a kind', esxi: { disk: 'local', rootPassword: HASH } }
  assert.deepEqual(hideSecrets(settings), { ...settings, esxi: { disk: 'local', rootPassword: '(set)' } })
  assert.equal(hideHostSecrets(hostOf({ metadata: settings })).metadata['rack'], 'b4')
  assert.equal(settings.esxi.rootPassword, HASH)
})

test('a secret of any type is hidden', () => {
  for (const value of [null, 0, '', ['a'], { hash: HASH }]) {
    assert.deepEqual(hideSecrets({ esxi: { rootPassword: value } }), { esxi: { rootPassword: '(set)' } })
  }
})

test('what holds no secret is the same object, for every machine passes here', () => {
  for (const metadata of [{}, { esxi: 'a' }, { esxi: { disk: 'local' } }, { esxi: null }]) {
    const host = hostOf({ metadata })
    assert.equal(hideHostSecrets(host), host)
  }
})

test('what was printed and comes back keeps its secret', () => {
  const before = { esxi: { rootPassword: HASH } }
  const printed = { ...hideSecrets(before), rack: 'b4' }
  assert.deepEqual(keepSecrets(before, printed), { ...before, rack: 'b4' })
  assert.deepEqual(keepSecrets(before, { rack: 'b4' }), { rack: 'b4' })
  assert.throws(() => keepSecrets({}, printed), { kind: 'invalid', message: /^esxi\.rootPassword reads \(set\)/ })
})

test('a stand-in has the form of what it stands for', () => {
  assert.match(
    String(standInKindSecrets('esxi', { rootPassword: HASH })['rootPassword']),
    /^\$6\$[\w.]{1,16}\$[\w./]{86}$/,
  )
  assert.deepEqual(standInKindSecrets('esxi', { disk: 'local' }), { disk: 'local' })
  assert.deepEqual(standInKindSecrets('kiwi', { rootPassword: HASH }), { rootPassword: HASH })
})

test('secrets in lists and deep below are hidden, and kept by name when their places change', () => {
  const other = `$6$othersal$${'b'.repeat(86)}`
  const before = {
    config: {
      hostname: 'esx01',
      root: { passwordHash: HASH, sshKeys: [] },
      users: [
        { name: 'a', passwordHash: HASH },
        { name: 'b', passwordHash: other },
      ],
    },
  }
  const hidden = hideSecrets(before)
  assert.deepEqual(hidden, {
    config: {
      hostname: 'esx01',
      root: { passwordHash: '(set)', sshKeys: [] },
      users: [
        { name: 'a', passwordHash: '(set)' },
        { name: 'b', passwordHash: '(set)' },
      ],
    },
  })
  const swapped = { config: { users: [{ name: 'b', passwordHash: '(set)' }, { name: 'a' }] } }
  assert.deepEqual(keepSecrets(before, swapped), {
    config: { users: [{ name: 'b', passwordHash: other }, { name: 'a' }] },
  })
  assert.throws(() => keepSecrets(before, { config: { users: [{ name: 'c', passwordHash: '(set)' }] } }), {
    message: /^config\.users\[0\]\.passwordHash reads \(set\)/,
  })
})
