import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { type Rules, readKeys } from '../../core/read-keys.ts'
import { flag, line, oneOf, refuse, wholeNumber } from '../../core/setting-rules.ts'
import { type DiskChoice, readDiskChoice } from './disk-choice.ts'
import { KEYBOARDS } from './kickstart/keyboards.ts'
import { isLicence } from './kickstart/licence.ts'
import { splitWords } from './kickstart/words.ts'
import { mergeLayers, type NetworkSettings, networkProblems, readNetwork } from './network-settings.ts'
import { isRootHash } from './password.ts'

/** What operators can set for installs of ESXi, with everything decided that is not said. */
export interface EsxiSettings {
  /** `install` by default; `upgrade` keeps the host's own password, network and keyboard. */
  readonly install: 'install' | 'upgrade' | 'installorupgrade'
  /** `firstdisk=local` by default. */
  readonly disk: DiskChoice
  /** What becomes of datastores on that disk: `overwrite` by default; `none` makes no new one either. */
  readonly vmfs: 'overwrite' | 'preserve' | 'none'
  /** Whether a disk of a vSAN may be taken; the installer refuses the option when it is of none. */
  readonly overwriteVsan: boolean
  /** Root's password as SHA-512 crypt hash, never the clear one. */
  readonly rootPassword: string | undefined
  readonly network: NetworkSettings
  /** One of the installer's names: `German`; `US Default` by default. */
  readonly keyboard: string | undefined
  /** The licence, `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`. */
  readonly serial: string | undefined
  /** How much of the boot disk ESXi 7.0 U1c and later take for themselves, a kernel option. */
  readonly systemMediaSize: 'min' | 'small' | 'default' | 'max' | undefined
  /** More options of ESXi's kernel for the install. */
  readonly kernelOptions: string
  /** For hosts with UEFI Secure Boot: no metadata module and no %firstboot, which such a kernel refuses. */
  readonly secureBoot: boolean
  readonly ignorePrereqWarnings: boolean
  /** Installs on processors that this ESXi does not support any more. */
  readonly forceUnsupported: boolean
  /** How many hosts may install this at the same time; no own limit by default. */
  readonly maxInstalls: number | undefined
  /** Without UEFI's runtime services, for firmware that hangs in them. */
  readonly norts: boolean
  /** Whether the host reboots at the end; else the installer waits for Enter. */
  readonly reboot: boolean
  /** Whether the installer stops at its own warnings. */
  readonly paranoid: boolean
}

type Plain = Omit<EsxiSettings, 'network'>

const RULES: Rules<Plain & { readonly network: JsonObject }> = {
  install: oneOf('install', 'upgrade', 'installorupgrade'),
  disk: readDiskChoice,
  vmfs: oneOf('overwrite', 'preserve', 'none'),
  overwriteVsan: flag,
  rootPassword: readHash,
  network: (value) =>
    isJsonObject(value)
      ? value
      : refuse(value, 'must be an object like {"vlan": 20}; its keys can be set one by one: esxi.network.vlan'),
  keyboard: readKeyboard,
  serial: (value) =>
    isLicence(line(value)) ? line(value) : refuse(value, 'must be five groups of five letters or digits'),
  systemMediaSize: oneOf('min', 'small', 'default', 'max'),
  kernelOptions: readKernelOptions,
  secureBoot: flag,
  ignorePrereqWarnings: flag,
  forceUnsupported: flag,
  maxInstalls: wholeNumber(1, 100_000),
  norts: flag,
  reboot: flag,
  paranoid: flag,
}

/** The keys that can be set, for messages and completion. */
export const ESXI_KEYS: readonly string[] = Object.keys(RULES)

/**
 * Reads what is set for an install.
 * @param layers the strongest first; `network` is put together key by key, and null stands for what nobody set
 * @throws {ProvisionError} invalid, with all that is wrong, each with its key
 */
export function readEsxiSettings(layers: readonly JsonObject[]): EsxiSettings {
  const { settings, problems } = tryEsxiSettings(layers)
  if (problems.length > 0) throw new ProvisionError('invalid', problems.join('; '))
  return settings
}

/**
 * What is wrong with one layer by itself: keys that there are not, values that no key can have. What only goes with others is
 * not looked at, since those may stand in another layer: an address for the host, its netmask for all.
 */
export function layerProblems(layer: JsonObject): readonly string[] {
  const network = layer['network']
  const ofNetwork = network !== undefined && isJsonObject(network) ? networkProblems('esxi.network.', network) : []
  return [...readKeys('esxi.', layer, RULES).problems, ...ofNetwork]
}

/** The same for those who want all problems one by one; with any, the settings are only what is left. */
export function tryEsxiSettings(layers: readonly JsonObject[]): {
  readonly settings: EsxiSettings
  readonly problems: readonly string[]
} {
  const networks = networksOf(layers)
  const merged = mergeLayers(layers)
  const { values, problems } = readKeys('esxi.', merged, RULES)
  const { network, problems: ofNetwork } = readNetwork('esxi.network.', mergeLayers(networks))
  const { network: _, ...plain } = values
  const settings: EsxiSettings = { ...DEFAULTS, ...plain, network }
  return { settings, problems: [...problems, ...ofNetwork, ...togetherFaults(settings)] }
}

/** What the layers say of the network, down to the one that makes it null: below that, nobody is asked. */
function networksOf(layers: readonly JsonObject[]): readonly Json[] {
  const end = layers.findIndex((layer) => layer['network'] === null)
  return (end < 0 ? layers : layers.slice(0, end)).map((layer) => layer['network'] ?? {})
}

const DEFAULTS: Plain = {
  install: 'install',
  disk: { by: 'first', filters: ['local'] },
  vmfs: 'overwrite',
  overwriteVsan: false,
  rootPassword: undefined,
  keyboard: undefined,
  serial: undefined,
  systemMediaSize: undefined,
  kernelOptions: '',
  secureBoot: false,
  ignorePrereqWarnings: false,
  forceUnsupported: false,
  maxInstalls: undefined,
  norts: false,
  reboot: true,
  paranoid: false,
}

/** What the installer would refuse of settings that are right one by one. */
function togetherFaults(settings: EsxiSettings): readonly string[] {
  const faults: string[] = []
  const only = (key: 'ignorePrereqWarnings' | 'forceUnsupported') => {
    if (settings[key]) faults.push(`esxi.${key} goes with esxi.install install only`)
  }
  if (settings.install !== 'install') {
    only('ignorePrereqWarnings')
    only('forceUnsupported')
  }
  if (settings.install === 'upgrade' && settings.overwriteVsan) {
    faults.push('esxi.overwriteVsan does not go with esxi.install upgrade')
  }
  if (settings.install === 'installorupgrade' && settings.vmfs === 'none') {
    faults.push('esxi.vmfs none does not go with esxi.install installorupgrade')
  }
  return faults
}

/** Nothing of a password is ever repeated in a message. */
function readHash(value: Json): string {
  if (typeof value === 'string' && isRootHash(value)) return value
  throw new ProvisionError(
    'invalid',
    'is no SHA-512 crypt hash ($6$SALT$..., without rounds=); --root-password makes one of a password that it asks for',
  )
}

function readKeyboard(value: Json): string {
  const name = line(value)
  const known = KEYBOARDS.find((keyboard) => keyboard.toLowerCase() === name.toLowerCase())
  return known ?? refuse(value, `must be one of ${KEYBOARDS.join(', ')}`)
}

function readKernelOptions(value: Json): string {
  const text = line(value).trim()
  return splitWords(text) === undefined ? refuse(value, 'must have its quotes closed') : text
}
