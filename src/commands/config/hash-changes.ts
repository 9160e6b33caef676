import { CONFIG_KEY } from '../../core/config/model.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { changeSettings, formatPath, type SettingChange, settingAt } from '../../core/setting.ts'
import { hashPasswords } from './hash-passwords.ts'

/** What somebody sets, with hashes in the place of clear passwords. */
export interface HashedSettings {
  readonly metadata?: JsonObject
  readonly settings?: readonly SettingChange[]
  /** What was wrong with weak passwords, a sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Makes hashes of the clear passwords of a description, wherever in metadata or in single changes they stand: none is kept.
 * @throws {ProvisionError} invalid, for a password that no system should have; nothing of it is repeated
 */
export function hashSettings({ metadata, settings }: Omit<HashedSettings, 'warnings'>): HashedSettings {
  const warnings: string[] = []
  return {
    ...(metadata === undefined ? {} : { metadata: hashedIn(metadata, warnings) }),
    ...(settings === undefined ? {} : { settings: settings.map((change) => hashChange(change, warnings)) }),
    warnings,
  }
}

function hashedIn(metadata: JsonObject, warnings: string[]): JsonObject {
  const config = metadata[CONFIG_KEY]
  if (config === undefined || !isJsonObject(config)) return metadata
  const hashed = hashPasswords(config)
  warnings.push(...hashed.warnings)
  return { ...metadata, [CONFIG_KEY]: hashed.config }
}

const CLEAR = `${CONFIG_KEY}.root.password`

function hashChange(change: SettingChange, warnings: string[]): SettingChange {
  const { path, value } = change
  if (path[0] !== CONFIG_KEY || value === undefined) return change
  const isClear = formatPath(path) === CLEAR
  const set = changeSettings({}, [{ path, value: isClear ? asTyped(value) : value }])
  const place = isClear ? [CONFIG_KEY, 'root', 'passwordHash'] : path
  const hashed = settingAt(hashedIn(set, warnings), place)
  // Null says that there is to be none.
  return hashed === undefined ? change : { path: place, value: hashed }
}

/** What JSON has a meaning for is the same word when it is a password. */
function asTyped(value: Json): Json {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}
