import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../../src/core/json.ts'
import { changeSettings } from '../../src/core/setting.ts'
import { tryEsxiSettings } from '../../src/kinds/esxi/settings.ts'
import { settingOrigins } from '../../src/kinds/setting-origins.ts'

const HASH = `$6$saltsalt$${'a'.repeat(86)}`

const shown = (layers: readonly JsonObject[]) =>
  settingOrigins('esxi', layers).map(({ path, value, layer }) => `${path} ${JSON.stringify(value)} ${layer}`)

test('of each setting the strongest layer counts, and of the network of each of its keys', () => {
  const layers = [
    { vmfs: 'none', network: { ip: '10.0.0.5' } },
    { disk: { minGb: 5 }, rootPassword: HASH },
    { vmfs: 'preserve', disk: 'local', network: { ip: '10.0.0.6', vlan: 5 } },
  ]
  assert.deepEqual(shown(layers), [
    'esxi.disk {"minGb":5} 1',
    'esxi.network.ip "10.0.0.5" 0',
    'esxi.network.vlan 5 2',
    'esxi.rootPassword "(set)" 1',
    'esxi.vmfs "none" 0',
  ])
})

test('what is taken away in one layer is not taken from a weaker one', () => {
  assert.deepEqual(shown([{ disk: null }, { disk: 'local' }]), ['esxi.disk null 0'])
  assert.deepEqual(shown([{ network: { vlan: null } }, { network: null }, { network: { ip: '10.0.0.5' } }]), [
    'esxi.network.vlan null 0',
  ])
  assert.deepEqual(shown([{ network: null }, { network: { ip: '10.0.0.5' } }]), ['esxi.network null 0'])
})

test('what is said to count is what an install is made of', () => {
  const network = fc.record(
    { ip: fc.constantFrom('10.0.0.5', null), vlan: fc.constantFrom(1, 2, null), hostname: fc.constantFrom('a', 'b') },
    { requiredKeys: [] },
  )
  const layer = fc.record(
    {
      vmfs: fc.constantFrom('none', 'preserve', null),
      disk: fc.constantFrom('local', 'firstdisk=usb', null),
      network: fc.option(network),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 4 }), (layers) => {
      const changes = settingOrigins('esxi', layers).map(({ path, value }) => ({
        path: path.split('.').slice(1),
        value,
      }))
      assert.deepEqual(tryEsxiSettings([changeSettings({}, changes)]), tryEsxiSettings(layers))
    }),
  )
})
