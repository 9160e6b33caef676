import { randomBytes } from 'node:crypto'
import type { SettingChange } from '../core/setting.ts'
import { checkRootPassword, hashRootPassword } from '../kinds/esxi/password.ts'

/** Where ESXi's root password stands among settings; only its hash is kept. */
export const ROOT_PASSWORD = ['esxi', 'rootPassword']

/**
 * Makes of a clear root password what is kept of it.
 * @throws {ProvisionError} invalid, for one that ESXi would refuse; nothing of it is repeated
 */
export function setRootPassword(clear: string): {
  readonly change: SettingChange
  readonly warnings: readonly string[]
} {
  const warnings = checkRootPassword(clear).map((advice) => `this is a weak root password: ${advice}`)
  return { change: { path: ROOT_PASSWORD, value: hashRootPassword(clear, randomBytes(12)) }, warnings }
}
