import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { changeSettings, readSettingChange, readSettingPath, settingAt } from '../../src/core/setting.ts'

describe('a setting as it is typed', () => {
  for (const [text, value] of [
    ['disk=local', 'local'],
    ['disk="local"', 'local'],
    ['disk=', ''],
    ['disk=a=b', 'a=b'],
    ['disk= local', ' local'],
    ['vlan=20', 20],
    ['vlan="20"', '20'],
    ['vlan=-1', -1],
    ['release=1.10', '1.10'],
    ['serial=007', '007'],
    ['serial=12345678901234567890', '12345678901234567890'],
    ['serial=1e3', '1e3'],
    ['on=true', true],
    ['on=True', 'True'],
    ['on=null', null],
    ['list=["a", 1]', ['a', 1]],
    ['net={"ip": "10.0.0.1"}', { ip: '10.0.0.1' }],
    ['net={"ip": }', '{"ip": }'],
  ] as const) {
    test(`${text} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(readSettingChange(text).value, value)
    })
  }

  for (const [text, message] of [
    ['esxi.disk', /^has no value/],
    ['=a', /^has an empty key/],
    ['.a=1', /^has an empty key/],
    ['a..b=1', /^has an empty key/],
    ['a.=1', /^has an empty key/],
    ['__proto__=1', /^has the key __proto__/],
    ['a.__proto__.b=1', /^has the key __proto__/],
    ['a.constructor.prototype.b=1', /^has the key constructor/],
    ['a={"b": [{"__proto__": 1}]}', /^has the key __proto__/],
    [`${'a.'.repeat(32)}a=1`, /^is deeper than 32 keys/],
    [`a=${'['.repeat(40)}${']'.repeat(40)}`, /^is nested deeper than 32/],
    [`${'a'.repeat(201)}=1`, /^has a key longer/],
  ] as const) {
    test(`${text.slice(0, 40)} is refused`, () => {
      assert.throws(() => readSettingChange(text), { kind: 'invalid', message })
    })
  }
})

const set = (settings: JsonObject, path: string, value: Json) =>
  changeSettings(settings, [{ path: readSettingPath(path), value }])
const unset = (settings: JsonObject, path: string) => changeSettings(settings, [{ path: readSettingPath(path) }])

test('a value is put where its path leads, and the rest stays', () => {
  const settings = { rack: 'b4', esxi: { disk: 'local' } }
  assert.deepEqual(set(settings, 'esxi.network.ip', '10.0.0.1'), {
    rack: 'b4',
    esxi: { disk: 'local', network: { ip: '10.0.0.1' } },
  })
  assert.deepEqual(settings, { rack: 'b4', esxi: { disk: 'local' } })
})

test('a value in the way is refused and named', () => {
  assert.throws(() => set({ esxi: { disk: 'local' } }, 'esxi.disk.name', 'a'), {
    kind: 'conflict',
    message: /^"esxi\.disk" is a value, so that "esxi\.disk\.name" cannot be/,
  })
  assert.throws(() => set({ list: [1] }, 'list.0', 2), { kind: 'conflict' })
})

test('objects that a removal leaves empty are gone, and others stay', () => {
  assert.deepEqual(unset({ esxi: { network: { ip: 'a' } }, rack: 'b4' }, 'esxi.network.ip'), { rack: 'b4' })
  assert.deepEqual(unset({ esxi: { network: { ip: 'a' }, disk: 'b' } }, 'esxi.network.ip'), { esxi: { disk: 'b' } })
  assert.deepEqual(unset({ empty: {}, a: 1 }, 'a'), { empty: {} })
})

test('what is not there is taken away without a change', () => {
  const settings = { esxi: { disk: 'local' }, list: [1] }
  for (const path of ['rack', 'esxi.vlan', 'esxi.disk.name', 'list.0', 'toString']) {
    assert.equal(unset(settings, path), settings)
  }
})

const keys = fc.array(fc.stringMatching(/^[a-d]$/), { minLength: 1, maxLength: 4 })
const tree = fc.letrec<{ object: JsonObject }>((tie) => ({
  object: fc.dictionary(fc.stringMatching(/^[a-d]$/), fc.oneof({ maxDepth: 3 }, fc.integer(), tie('object'))),
})).object

test('what was set is found there, and taken away again it is not', () => {
  fc.assert(
    fc.property(tree, keys, fc.jsonValue(), (settings, path, value) => {
      // Whatever is in the way is taken away first.
      const clear = path.map((_, index) => ({ path: path.slice(0, index + 1) })).slice(0, -1)
      const changed = changeSettings(settings, [...clear, { path, value: value as Json }])
      assert.deepEqual(settingAt(changed, path), value)
      assert.equal(settingAt(changeSettings(changed, [{ path }]), path), undefined)
    }),
  )
})
