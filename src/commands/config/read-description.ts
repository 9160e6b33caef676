import { type Converted, joined } from '../../core/config/from/converted.ts'
import { fromCurtinStorage } from '../../core/config/from/curtin-storage.ts'
import { fromNetplan } from '../../core/config/from/netplan.ts'
import { fromNetworkV1 } from '../../core/config/from/network-v1.ts'
import { fromOpenStack } from '../../core/config/from/openstack.ts'
import { CONFIG_KEY } from '../../core/config/model.ts'
import { CONFIG_KEYS } from '../../core/config/read-config.ts'
import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { parseYaml } from './parse-yaml.ts'
import { overVendor, readUserData, readVendorData } from './read-user-data.ts'

/** A host's description in whatever form it was found. */
export interface Description extends Converted {
  /** What it was taken for, in words. */
  readonly form: string
}

/** The files of a description by their paths below what was given; a single file has its name. */
export type Files = ReadonlyMap<string, string>

/**
 * Recognises in which form a host is described, and reads it.
 * @throws {ProvisionError} invalid, when it is none that is known, or with what is wrong in it
 */
export function readDescription(files: Files): Description {
  const drive = findDrive(files)
  if (drive !== undefined) return drive
  const seed = findSeed(files)
  if (seed !== undefined) return seed
  const [only, ...more] = files
  if (only !== undefined && more.length === 0) return readFile(...only)
  throw new ProvisionError('invalid', `it holds no description of a host that is known: ${KNOWN}`)
}

const KNOWN = [
  'an OpenStack config drive has openstack/latest/meta_data.json or network_data.json',
  "cloud-init's seed has meta-data, user-data or network-config",
  'one file is network config v1 or v2, netplan, curtin with storage, user-data that begins with #cloud-config, network_data.json, or our own form',
].join('; ')

function findDrive(files: Files): Description | undefined {
  const find = (name: string) => [`openstack/latest/${name}`, `latest/${name}`, name].find((path) => files.has(path))
  const paths = {
    metaData: find('meta_data.json'),
    networkData: find('network_data.json'),
    userData: find('user_data'),
    vendorData: find('vendor_data.json'),
  }
  if (paths.metaData === undefined && paths.networkData === undefined) return undefined
  const read = (path: string) => parseYaml(files.get(path) ?? '', path, '1.2')
  const drive = fromOpenStack({
    ...(paths.metaData === undefined ? {} : { metaData: read(paths.metaData) }),
    ...(paths.networkData === undefined ? {} : { networkData: read(paths.networkData) }),
  })
  return { form: 'an OpenStack config drive', ...joined([drive, ...forCloudInit(files, paths)]) }
}

/** What of them is cloud-init's own, and not of a network or a name. */
function forCloudInit(
  files: Files,
  { userData, vendorData }: { readonly userData?: string | undefined; readonly vendorData?: string | undefined },
): readonly Converted[] {
  const textOf = (file: string) => ({ file, text: files.get(file) ?? '' })
  const user = userData === undefined ? { config: {}, warnings: [] } : readUserData(textOf(userData))
  return [vendorData === undefined ? user : overVendor(user, readVendorData(textOf(vendorData)))]
}

function findSeed(files: Files): Description | undefined {
  const parts: Converted[] = []
  const metaData = files.get('meta-data')
  const network = files.get('network-config')
  if (metaData === undefined && network === undefined && !files.has('user-data')) return undefined
  if (metaData !== undefined) parts.push(readMetaData(parseYaml(metaData, 'meta-data', '1.1')))
  if (network !== undefined) parts.push(readNetwork(parseYaml(network, 'network-config', '1.1'), 'network-config'))
  const has = (name: string) => (files.has(name) ? name : undefined)
  parts.push(...forCloudInit(files, { userData: has('user-data'), vendorData: has('vendor-data') }))
  const left = [...files.keys()].filter(
    (name) => !['meta-data', 'network-config', 'user-data', 'vendor-data'].includes(name),
  )
  const warnings = left.map((name) => `${name} is no part of a seed, and is left out`)
  return { form: 'a cloud-init seed', ...joined([...parts, { config: {}, warnings }]) }
}

/** Keys and names are the same there as on a config drive, but for their dashes. */
function readMetaData(value: Json): Converted {
  if (!isJsonObject(value)) return { config: {}, warnings: [] }
  const { 'local-hostname': local, hostname, 'public-keys': keys, public_keys: old } = value
  const named = keys ?? old ?? []
  const list = isJsonObject(named) ? Object.values(named) : typeof named === 'string' ? [named] : named
  const metaData: { [key: string]: Json } = {}
  const name = hostname ?? local
  if (name !== undefined) metaData['hostname'] = name
  metaData['keys'] = (Array.isArray(list) ? list : []).flat().map((data) => ({ type: 'ssh', data }))
  return fromOpenStack({ metaData })
}

function readNetwork(value: Json, file: string): Converted {
  const network = isJsonObject(value) && isJsonObject(value['network'] ?? null) ? value['network'] : value
  const version = isJsonObject(network ?? null) ? (network as JsonObject)['version'] : undefined
  if (version === 1) return fromNetworkV1(value)
  if (version === 2) return fromNetplan(value)
  throw new ProvisionError(
    'invalid',
    `${file} has version ${JSON.stringify(version ?? null)}; versions 1 and 2 can be read`,
  )
}

function readFile(name: string, text: string): Description {
  if (/^#cloud-config\s*$/m.test(text.split('\n')[0] ?? ''))
    return { form: "cloud-init's user data", ...readUserData({ file: name, text }) }
  const foreign = parseYaml(text, name, '1.1')
  if (!isJsonObject(foreign)) throw new ProvisionError('invalid', `${name} is no object of YAML or JSON`)
  if (isStorage(foreign['storage'] ?? null) || isStorage(foreign)) return readCurtin(foreign, name)
  const network = isJsonObject(foreign['network'] ?? null) ? (foreign['network'] as JsonObject) : foreign
  if (network['version'] === 1) return { form: 'network config v1', ...fromNetworkV1(foreign) }
  if (network['version'] === 2) return { form: 'netplan', ...fromNetplan(foreign) }
  const isDrive =
    Array.isArray(foreign['links']) &&
    foreign['links'].some((link) => isJsonObject(link) && 'id' in link && !('name' in link))
  if (isDrive) return { form: "OpenStack's network_data.json", ...fromOpenStack({ networkData: foreign }) }
  return readOwn(name, parseYaml(text, name, '1.2'))
}

/** Whether it is curtin's configuration of storage, which has disks where that of networks has cards. */
function isStorage(value: Json): boolean {
  const items = isJsonObject(value) ? value['config'] : undefined
  const types = ['disk', 'partition', 'vmfs6']
  return (
    Array.isArray(items) && items.some((item: Json) => isJsonObject(item) && types.some((one) => item['type'] === one))
  )
}

/** What MAAS gives to the installer of a machine: storage, perhaps networks, and much that is for Linux alone. */
function readCurtin(document: JsonObject, name: string): Description {
  const { storage, network, ...rest } = document
  if (storage === undefined) return { form: "curtin's storage configuration", ...fromCurtinStorage(document) }
  const parts = [
    fromCurtinStorage({ storage }),
    ...(network === undefined ? [] : [readNetwork({ network }, name)]),
    { config: {}, warnings: Object.keys(rest).map((key) => `${key} means nothing here, and is left out`) },
  ]
  return { form: "curtin's configuration", ...joined(parts) }
}

function readOwn(name: string, value: Json): Description {
  const outer = isJsonObject(value) ? value : {}
  const inner = outer[CONFIG_KEY]
  const config = inner !== undefined && isJsonObject(inner) ? inner : outer
  const known: readonly string[] = CONFIG_KEYS
  if (!Object.keys(config).some((key) => known.includes(key))) {
    throw new ProvisionError('invalid', `${name} is in no form that is known: ${KNOWN}`)
  }
  const beside = config === outer ? [] : Object.keys(outer).filter((key) => key !== CONFIG_KEY)
  const warnings = beside.map((key) => `${key} is no part of the description, and is left out`)
  return { form: 'a description of our own form', config, warnings }
}
