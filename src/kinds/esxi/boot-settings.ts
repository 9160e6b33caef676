import { ProvisionError } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import type { InstallRequest } from '../kind.ts'

/** What operators set for an install that its loader must know. */
export interface BootSettings {
  readonly kernelOptions: string
  readonly systemMediaSize: string | undefined
  /** For hosts with UEFI Secure Boot: without the metadata module, which their kernel refuses. */
  readonly secureBoot: boolean
  /** Without UEFI's runtime services. */
  readonly norts: boolean
}

/** @throws {ProvisionError} conflict, naming the setting that is none */
export function readBootSettings({ settings }: Pick<InstallRequest, 'settings'>): BootSettings {
  const value = (key: string): Json | undefined => settings.map((layer) => layer[key]).find((one) => one !== undefined)
  const text = (key: string) => {
    const found = value(key) ?? ''
    if (typeof found === 'string') return found
    throw new ProvisionError('conflict', `esxi.${key} is not a text`)
  }
  return {
    kernelOptions: text('kernelOptions'),
    systemMediaSize: text('systemMediaSize') || undefined,
    secureBoot: value('secureBoot') === true,
    norts: value('norts') === true,
  }
}
