import { CONFIG_KEY } from '../core/config/model.ts'
import { CONFIG_SECRETS } from '../core/config/secrets.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { WATCH_KEY } from '../core/watch/settings.ts'
import { ESXI_SECRETS } from './esxi/secrets.ts'

/**
 * What operators may set below a key of its own, each with the paths of values that are shown to nobody and a value of the same form
 * that can stand in the place of each. `*` is every item of a list.
 */
type Secrets = { readonly [path: string]: string }

/**
 * The settings of the kinds that have some, `{"esxi": {"disk": "local"}}`, what a host is to be, whatever is installed, and how it is watched. It loads
 * none of what a kind is made of: listing hosts needs no more than this.
 */
const SETTINGS: { readonly [section: string]: Secrets } = {
  esxi: ESXI_SECRETS,
  [CONFIG_KEY]: CONFIG_SECRETS,
  [WATCH_KEY]: {},
}

/** The way to each secret, by section. */
const WAYS = Object.entries(SETTINGS).map(([section, secrets]) => ({
  section,
  secrets: Object.entries(secrets).map(([path, standIn]) => ({ left: [section, ...path.split('.')], standIn })),
}))

/** What is printed in the place of a secret. */
export const HIDDEN = '(set)'

/** The keys of metadata, and of what is set for images and the server, that hold settings. */
export const SETTING_SECTIONS: readonly string[] = Object.keys(SETTINGS)

/** Settings as they may be shown to anybody: `(set)` for every secret. The same object when it holds none. */
export function hideSecrets(settings: JsonObject): JsonObject {
  return mapSecrets(settings, () => HIDDEN)
}

/** A host as it may be shown to anybody, and to templates. */
export function hideHostSecrets(host: Host): Host {
  const metadata = hideSecrets(host.metadata)
  return metadata === host.metadata ? host : { ...host, metadata }
}

/** Settings with values of the right form that are no secrets, to show what would be made of the real ones. */
export function standInSecrets(settings: JsonObject): JsonObject {
  return mapSecrets(settings, (_value, { standIn }) => standIn)
}

/** As {@link standInSecrets}, for the settings of one kind. */
export function standInKindSecrets(kind: string, settings: JsonObject): JsonObject {
  const shown = standInSecrets({ [kind]: settings })[kind]
  return shown !== undefined && isJsonObject(shown) ? shown : {}
}

/**
 * Settings that somebody printed, changed and gives back: a secret that reads `(set)` is what it was.
 * @throws {ProvisionError} invalid, when it was not set
 */
export function keepSecrets(before: JsonObject, given: JsonObject): JsonObject {
  return mapSecrets(
    given,
    (value, { path, kept }) => {
      if (value !== HIDDEN) return value
      if (kept !== undefined) return kept
      throw new ProvisionError('invalid', `${path} reads ${HIDDEN}, but it is not set; leave it out, or set it`)
    },
    before,
  )
}

interface Secret {
  readonly path: string
  readonly standIn: string
  /** What is in its place in other settings. */
  readonly kept: Json | undefined
}

type Change = (value: Json, secret: Secret) => Json

function mapSecrets(settings: JsonObject, change: Change, before: JsonObject = {}): JsonObject {
  let mapped: Json = settings
  for (const { section, secrets } of WAYS) {
    // Most hosts have none: these are looked through whenever a machine boots.
    if (!Object.hasOwn(settings, section)) continue
    for (const { left, standIn } of secrets) mapped = mapAt(mapped, before, { done: '', left, standIn, change })
  }
  return isJsonObject(mapped) ? mapped : settings
}

interface Way {
  readonly done: string
  readonly left: readonly string[]
  readonly standIn: string
  readonly change: Change
}

/** Changes whatever is at the end of a way. @returns the same value when nothing is */
function mapAt(value: Json, before: Json | undefined, way: Way): Json {
  const [key, ...left] = way.left
  if (key === undefined) return way.change(value, { path: way.done, standIn: way.standIn, kept: before })
  if (key === '*') return Array.isArray(value) ? mapItems(value, before, { ...way, left }) : value
  if (!isJsonObject(value)) return value
  const inner = Object.hasOwn(value, key) ? value[key] : undefined
  if (inner === undefined) return value
  const known = before !== undefined && isJsonObject(before) && Object.hasOwn(before, key) ? before[key] : undefined
  const changed = mapAt(inner, known, { ...way, done: way.done === '' ? key : `${way.done}.${key}`, left })
  return changed === inner ? value : { ...value, [key]: changed }
}

/** Items of two lists belong together by their names: their places may have changed. */
function mapItems(items: readonly Json[], before: Json | undefined, way: Way): Json {
  const known: readonly Json[] = Array.isArray(before) ? before : []
  const changed = items.map((item, at) => {
    const same = known.find((one) => isJsonObject(one) && isJsonObject(item) && one['name'] === item['name'])
    return mapAt(item, same, { ...way, done: `${way.done}[${at}]` })
  })
  return changed.every((item, at) => item === items[at]) ? items : changed
}
