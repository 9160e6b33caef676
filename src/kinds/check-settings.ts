import { CONFIG_KEY } from '../core/config/model.ts'
import { CONFIG_KEYS, tryHostConfig } from '../core/config/read-config.ts'
import { quoted } from '../core/identity.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { WATCH_KEY, WATCH_KEYS, watchProblems } from '../core/watch/settings.ts'
import { ESXI_KEYS, layerProblems } from './esxi/settings.ts'
import { SETTING_SECTIONS } from './settings.ts'

/** What is wrong with settings that stand in one place, looked at alone. */
type CheckLayer = (settings: JsonObject) => readonly string[]

/** One for each of {@link SETTING_SECTIONS}. */
const CHECKS: { readonly [section: string]: CheckLayer } = {
  esxi: layerProblems,
  // Its parts stand in several places, but each is whole: links and the networks on them are set together.
  [CONFIG_KEY]: (settings) => tryHostConfig([settings]).problems,
  [WATCH_KEY]: watchProblems,
}

/** The first keys of each, for hints. */
const KEYS: { readonly [section: string]: readonly string[] } = {
  esxi: ESXI_KEYS,
  [CONFIG_KEY]: CONFIG_KEYS,
  [WATCH_KEY]: WATCH_KEYS,
}
/** What can be set for images of every kind. */
const OF_EVERY_KIND: readonly string[] = [CONFIG_KEY, WATCH_KEY]

/**
 * Looks at what somebody sets for installs, `{"esxi": {"disk": "local"}}`, without waiting for a host that it is for.
 * @returns a sentence for each key that there is not and each value that cannot be; other keys of a host's metadata are the operator's own
 */
export function settingProblems(settings: JsonObject): readonly string[] {
  return [
    ...Object.keys(settings).flatMap(misspelt),
    ...SETTING_SECTIONS.flatMap((kind) => kindProblems(kind, settings[kind] ?? null)),
  ]
}

function kindProblems(kind: string, settings: Json): readonly string[] {
  if (settings === null) return []
  if (isJsonObject(settings)) return CHECKS[kind]?.(settings) ?? []
  return [`${kind} holds the settings of an install, and is no object: ${kind}.KEY=VALUE sets one`]
}

/** In another case it would be the operator's own key, which no install reads. */
function misspelt(key: string): readonly string[] {
  const kind = SETTING_SECTIONS.find((one) => one !== key && one === key.toLowerCase())
  return kind === undefined ? [] : [`${key} sets nothing for installs: it is called ${kind}`]
}

/**
 * Looks at what somebody sets for all hosts or for an image: settings of kinds of images, and nothing else.
 * @param kind the image's, when it is for one
 */
export function defaultsProblems(settings: JsonObject, kind?: string): readonly string[] {
  const kinds =
    kind === undefined
      ? SETTING_SECTIONS
      : SETTING_SECTIONS.filter((one) => one === kind || OF_EVERY_KIND.includes(one))
  const strangers = Object.keys(settings).filter((key) => !kinds.includes(key) && misspelt(key).length === 0)
  return [...strangers.map((key) => strangerProblem(key, kinds, kind)), ...settingProblems(settings)]
}

function strangerProblem(key: string, kinds: readonly string[], kind: string | undefined): string {
  if (kind !== undefined && SETTING_SECTIONS.includes(key)) return `images of kind ${kind} have no settings of ${key}`
  const owner = kinds.find((one) => KEYS[one]?.includes(key))
  if (owner !== undefined) return `${key} is a setting of ${owner}: it is called ${owner}.${key}`
  return `${quoted(key)} holds no settings; there are ${kinds.join(', ')}: esxi.disk=local`
}
