import { ProvisionError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { ESXI_SECRETS } from './esxi/secrets.ts'

/** What operators may set for one kind of image, below the kind's name: `{"esxi": {"disk": "local"}}`. */
interface KindSettings {
  /** Keys whose values are shown to nobody, each with a value of the same form that can stand in its place. */
  readonly secrets: { readonly [key: string]: string }
}

/** The kinds that have settings. It loads none of what a kind is made of: listing hosts needs no more than this. */
const KIND_SETTINGS: { readonly [kind: string]: KindSettings } = {
  esxi: { secrets: ESXI_SECRETS },
}

/** What is printed in the place of a secret. */
export const HIDDEN = '(set)'

/** The names of the kinds that have settings. */
export const SETTING_KINDS: readonly string[] = Object.keys(KIND_SETTINGS)

/** Settings by kind as they may be shown to anybody: `(set)` for every secret. The same object when it holds none. */
export function hideSecrets(settings: JsonObject): JsonObject {
  return mapSecrets(settings, () => HIDDEN)
}

/** A host as it may be shown to anybody, and to templates. */
export function hideHostSecrets(host: Host): Host {
  const metadata = hideSecrets(host.metadata)
  return metadata === host.metadata ? host : { ...host, metadata }
}

/** Settings by kind with values of the right form that are no secrets, to show what would be made of the real ones. */
export function standInSecrets(settings: JsonObject): JsonObject {
  return mapSecrets(settings, (_value, standIn) => standIn)
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
  return mapSecrets(given, (value, _standIn, { kind, key }) => {
    if (value !== HIDDEN) return value
    const kept = innerOf(before, kind)?.[key]
    if (kept !== undefined) return kept
    throw new ProvisionError('invalid', `${kind}.${key} reads ${HIDDEN}, but it is not set; leave it out, or set it`)
  })
}

interface SecretPlace {
  readonly kind: string
  readonly key: string
}

function mapSecrets(
  settings: JsonObject,
  change: (value: Json, standIn: string, place: SecretPlace) => Json,
): JsonObject {
  let mapped = settings
  for (const [kind, { secrets }] of Object.entries(KIND_SETTINGS)) {
    for (const [key, standIn] of Object.entries(secrets)) {
      const inner = innerOf(mapped, kind)
      const value = inner?.[key]
      if (value === undefined) continue
      mapped = { ...mapped, [kind]: { ...inner, [key]: change(value, standIn, { kind, key }) } }
    }
  }
  return mapped
}

function innerOf(settings: JsonObject, kind: string): JsonObject | undefined {
  const inner = settings[kind]
  return inner !== undefined && isJsonObject(inner) ? inner : undefined
}
