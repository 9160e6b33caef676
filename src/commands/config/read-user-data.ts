import { fromCloudConfig } from '../../core/config/from/cloud-config.ts'
import type { Converted } from '../../core/config/from/converted.ts'
import { mergeConfigs } from '../../core/config/read-config.ts'
import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type Json } from '../../core/json.ts'
import { parseYaml } from './parse-yaml.ts'

/** A text for cloud-init, and what it is called where it comes from. */
interface Text {
  readonly file: string
  readonly text: string
}

/**
 * Reads user data: a script runs when everything else is done; anything but that and cloud-config is refused by name.
 * @throws {ProvisionError} invalid
 */
export function readUserData({ file, text }: Text): Converted {
  const [first = ''] = text.split('\n')
  if (text.trim() === '') return { config: {}, warnings: [] }
  if (/^#cloud-config\s*$/.test(first)) return fromCloudConfig(parseYaml(text, file, '1.1') ?? {}, file)
  if (first.startsWith('#!')) return { config: { commands: { after: [text] } }, warnings: [] }
  throw new ProvisionError(
    'invalid',
    `${file} begins with ${JSON.stringify(first.slice(0, 40))}; #cloud-config and scripts can be read`,
  )
}

/**
 * Reads what the operator of a cloud gives to all its machines: cloud-config, or an object that has it below `cloud-init`, as OpenStack and
 * MAAS give it.
 * @throws {ProvisionError} invalid
 */
export function readVendorData({ file, text }: Text): Converted {
  const isPlain = text.trim() === '' || /^#/.test(text)
  const whole = isPlain ? null : parseYaml(text, file, '1.1')
  if (!isJsonObject(whole)) return readUserData({ file, text })
  const { 'cloud-init': inner = '', ...rest } = whole
  const read = readInner(inner, `${file}.cloud-init`)
  const left = Object.keys(rest).map((key) => `${file}.${key} means nothing here, and is left out`)
  return { ...read, warnings: [...read.warnings, ...left] }
}

function readInner(inner: Json, file: string): Converted {
  if (typeof inner === 'string') return readUserData({ file, text: inner })
  return fromCloudConfig(inner ?? {}, file)
}

/** Puts both together as cloud-init does: what the user says counts. */
export function overVendor(user: Converted, vendor: Converted): Converted {
  return { config: mergeConfigs([user.config, vendor.config]), warnings: [...vendor.warnings, ...user.warnings] }
}
