import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hashSettings } from '../../src/commands/config/hash-changes.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { changeSettings, readSettingChange } from '../../src/core/setting.ts'

const ROOT = { password: 'Top-S3cret.x', sshKeys: ['a key'] }
const USERS = [{ name: 'ops', password: 'Top-S3cret.y' }, { name: 'plain' }]

/** What is kept of settings, in each hash its salt and all behind it left out. */
function kept(given: { readonly metadata?: JsonObject; readonly set?: readonly string[] }): Json {
  const { metadata = {}, settings = [] } = hashSettings({
    ...(given.metadata === undefined ? {} : { metadata: given.metadata }),
    ...(given.set === undefined ? {} : { settings: given.set.map(readSettingChange) }),
  })
  const all = JSON.stringify(changeSettings(metadata, settings))
  return JSON.parse(all.replace(/\$6\$[./\w]{16}\$[./\w]{86}/g, 'a hash'))
}

const HASHED = {
  config: {
    root: { sshKeys: ['a key'], passwordHash: 'a hash' },
    users: [{ name: 'ops', passwordHash: 'a hash' }, { name: 'plain' }],
  },
}

describe('a clear password of a description is a hash when it is kept', () => {
  test('in all metadata', () => {
    assert.deepEqual(kept({ metadata: { rack: 'b4', config: { root: ROOT, users: USERS } } }), {
      rack: 'b4',
      ...HASHED,
    })
  })

  const sets: { readonly [how: string]: readonly string[] } = {
    'set as a whole': [`config=${JSON.stringify({ root: ROOT, users: USERS })}`],
    'set object by object': [`config.root=${JSON.stringify(ROOT)}`, `config.users=${JSON.stringify(USERS)}`],
    'set alone': [
      'config.root.sshKeys=["a key"]',
      'config.root.password=Top-S3cret.x',
      `config.users=${JSON.stringify(USERS)}`,
    ],
  }
  for (const [how, set] of Object.entries(sets)) test(how, () => assert.deepEqual(kept({ set }), HASHED))

  test('when JSON has a meaning for it', () => {
    const hashed = { config: { root: { passwordHash: 'a hash' } } }
    assert.deepEqual(kept({ set: ['config.root.password=1234567890'] }), hashed)
  })
})

test('what holds no password stays as it is', () => {
  for (const set of ['config.root.password=null', 'config.hostname=a', 'esxi.password=12345678', 'config=7']) {
    assert.deepEqual(hashSettings({ settings: [readSettingChange(set)] }).settings, [readSettingChange(set)])
  }
  assert.deepEqual(hashSettings({ settings: [{ path: ['config', 'root'] }] }).settings, [{ path: ['config', 'root'] }])
  assert.deepEqual(hashSettings({ metadata: { config: 'no object' } }).metadata, { config: 'no object' })
})

test('one that no system should have is refused, and not repeated', () => {
  const refused = (set: string) => () => hashSettings({ settings: [readSettingChange(set)] })
  assert.throws(refused('config.root.password=abc17'), { message: /^the password of root has 5 characters(?!.*abc17)/ })
  assert.throws(refused('config.root.password={"a":"abc17"}'), { message: 'the password of root must be a text' })
})
