import { CONFIG_KEY } from '../core/config/model.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { flatSettings } from '../core/setting.ts'
import { hideSecrets } from './settings.ts'

/** A setting of an install as it counts, and where it comes from. */
export interface SettingOrigin {
  /** With the kind in front: `esxi.network.vlan`. */
  readonly path: string
  /** `(set)` for a secret; null for what a host or an image is freed from. */
  readonly value: Json
  /** Which of the layers says so. */
  readonly layer: number
}

/** The settings that are objects of which every layer may say a part. */
const PUT_TOGETHER: { readonly [section: string]: readonly string[] } = {
  esxi: ['network'],
  [CONFIG_KEY]: [
    ...['dns', 'ntp', 'root', 'ssh', 'shell', 'syslog', 'certificate'],
    ...['kernelSettings', 'advancedSettings', 'commands'],
  ],
}

/** Says of each setting that any layer has, which one counts. @param layers the strongest first */
export function settingOrigins(kind: string, layers: readonly JsonObject[]): readonly SettingOrigin[] {
  const shown = layers.map((layer) => objectIn(hideSecrets({ [kind]: layer }), kind))
  const keys = [...new Set(shown.flatMap((layer) => Object.keys(layer)))]
  return keys
    .flatMap((key) => {
      const said = shown.flatMap((layer, index) =>
        Object.hasOwn(layer, key) ? [{ value: layer[key], layer: index }] : [],
      )
      return PUT_TOGETHER[kind]?.includes(key) === true ? together(key, said) : wholes(key, said.slice(0, 1))
    })
    .map((one) => ({ ...one, path: `${kind}.${one.path}` }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What one layer says of a key. */
interface Said {
  readonly value: Json | undefined
  readonly layer: number
}

function wholes(path: string, said: readonly Said[]): readonly SettingOrigin[] {
  return said.flatMap(({ value, layer }) => (value === undefined ? [] : [{ path, value, layer }]))
}

/** The parts of an object from the layers that say one, down to the first that says something else: below that, nobody is asked. */
function together(key: string, said: readonly Said[]): readonly SettingOrigin[] {
  const end = said.findIndex(({ value }) => !isObject(value))
  const asked = end < 0 ? said : said.slice(0, end)
  if (asked.length === 0) return wholes(key, said.slice(0, 1))
  const parts = asked.flatMap(({ value, layer }) =>
    flatSettings({ [key]: value ?? {} }).map(([path, part]) => ({ path, value: part, layer })),
  )
  return parts.filter(({ path }, index) => parts.findIndex((one) => one.path === path) === index)
}

function isObject(value: Json | undefined): boolean {
  return value !== undefined && isJsonObject(value)
}

function objectIn(settings: JsonObject, key: string): JsonObject {
  const inner = settings[key]
  return inner !== undefined && isJsonObject(inner) ? inner : {}
}
