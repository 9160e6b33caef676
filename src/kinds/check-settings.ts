import { quoted } from '../core/identity.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { ESXI_KEYS, layerProblems } from './esxi/settings.ts'
import { SETTING_KINDS } from './settings.ts'

/** What is wrong with the settings of one kind, set in one place and looked at alone. */
type CheckLayer = (settings: JsonObject) => readonly string[]

/** One for each of {@link SETTING_KINDS}. */
const CHECKS: { readonly [kind: string]: CheckLayer } = { esxi: layerProblems }

/** The first keys of each kind's settings, for hints. */
const KEYS: { readonly [kind: string]: readonly string[] } = { esxi: ESXI_KEYS }

/**
 * Looks at what somebody sets for installs, `{"esxi": {"disk": "local"}}`, without waiting for a host that it is for.
 * @returns a sentence for each key that there is not and each value that cannot be; other keys of a host's metadata are the operator's own
 */
export function settingProblems(settings: JsonObject): readonly string[] {
  return [
    ...Object.keys(settings).flatMap(misspelt),
    ...SETTING_KINDS.flatMap((kind) => kindProblems(kind, settings[kind] ?? null)),
  ]
}

function kindProblems(kind: string, settings: Json): readonly string[] {
  if (settings === null) return []
  if (isJsonObject(settings)) return CHECKS[kind]?.(settings) ?? []
  return [`${kind} holds the settings of an install, and is no object: ${kind}.KEY=VALUE sets one`]
}

/** In another case it would be the operator's own key, which no install reads. */
function misspelt(key: string): readonly string[] {
  const kind = SETTING_KINDS.find((one) => one !== key && one === key.toLowerCase())
  return kind === undefined ? [] : [`${key} sets nothing for installs: it is called ${kind}`]
}

/**
 * Looks at what somebody sets for all hosts or for an image: settings of kinds of images, and nothing else.
 * @param kind the image's, when it is for one
 */
export function defaultsProblems(settings: JsonObject, kind?: string): readonly string[] {
  const kinds = kind === undefined ? SETTING_KINDS : SETTING_KINDS.filter((one) => one === kind)
  const strangers = Object.keys(settings).filter((key) => !kinds.includes(key) && misspelt(key).length === 0)
  return [...strangers.map((key) => strangerProblem(key, kinds, kind)), ...settingProblems(settings)]
}

function strangerProblem(key: string, kinds: readonly string[], kind: string | undefined): string {
  if (kinds.length === 0) return `images of kind ${kind} have no settings`
  const owner = kinds.find((one) => KEYS[one]?.includes(key))
  if (owner !== undefined) return `${key} is a setting of ${owner}: it is called ${owner}.${key}`
  return `${quoted(key)} is no kind of image that has settings; there is ${kinds.join(', ')}: esxi.disk=local`
}
