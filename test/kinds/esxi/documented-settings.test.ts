import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Json, JsonObject } from '../../../src/core/json.ts'
import { readSettingChange } from '../../../src/core/setting.ts'
import { ESXI_KEYS, readEsxiSettings, tryEsxiSettings } from '../../../src/kinds/esxi/settings.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/esxi.md'), 'utf8')

/** A setting as docs/esxi.md has it. */
interface Row {
  readonly key: string
  /** Values in code alone; `undefined` where it says something in words. */
  readonly fallback: string | undefined
  readonly example: string | undefined
}

/** The table whose first heading is this. */
function tableOf(heading: string): readonly Row[] {
  const lines = PAGE.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| \`${heading}\` |`))
  assert.notEqual(start, -1, `there is no table of ${heading}`)
  const rest = lines.slice(start + 2)
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => {
      const cells = line.split('|').map((cell) => /^\s*`([^`]+)`\s*$/.exec(cell)?.[1])
      const [, key, , fallback, example] = cells
      return { key: key ?? assert.fail(`no key in ${line}`), fallback, example }
    })
}

/** What there is, by the message for a key that is not. */
function keysOf(layer: JsonObject): readonly string[] {
  const [, keys] = /There are ([\w, ]+)$/.exec(tryEsxiSettings([layer]).problems.join()) ?? []
  return keys?.split(', ') ?? assert.fail('the message lists no keys')
}

/** A value as `--set` takes it. */
const read = (text: string): Json => readSettingChange(`x=${text}`).value

const names = (rows: readonly Row[]) => rows.map(({ key }) => key).sort()

test('docs/esxi.md has every setting, and none that is not', () => {
  assert.deepEqual(names(tableOf('esxi.')), [...ESXI_KEYS].sort())
  assert.deepEqual(names(tableOf('esxi.network.')), [...keysOf({ network: { zzz: 1 } })].sort())
  assert.deepEqual(names(tableOf('esxi.disk.')), [...keysOf({ disk: { zzz: 1 } })].sort())
})

test('every example there is accepted, and every default is what nobody set', () => {
  const fixed = { ip: '10.77.0.51', netmask: '255.255.255.0', gateway: '10.77.0.1' }
  const layers: readonly (readonly [string, (key: string, value: Json) => readonly JsonObject[]])[] = [
    ['esxi.', (key, value) => [{ [key]: value }]],
    ['esxi.network.', (key, value) => [{ network: { [key]: value } }, key === 'bootproto' ? {} : { network: fixed }]],
    ['esxi.disk.', (key, value) => [{ disk: { [key]: value } }]],
  ]
  for (const [heading, layersOf] of layers) {
    for (const { key, fallback, example } of tableOf(heading)) {
      const about = `${heading}${key}`
      if (example !== undefined) assert.deepEqual(tryEsxiSettings(layersOf(key, read(example))).problems, [], about)
      if (fallback === undefined || heading !== 'esxi.') continue
      assert.deepEqual(readEsxiSettings([{ [key]: read(fallback) }]), readEsxiSettings([]), about)
      assert.notDeepEqual(readEsxiSettings([{ [key]: read(example ?? '') }]), readEsxiSettings([]), about)
    }
  }
})
