import { ProvisionError } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { lineLike } from '../setting-rules.ts'
import { CONFIG_KEY, type HostConfig, type WrittenFile } from './model.ts'
import { lines, list, object, one, type Problems, type ReadPart, wrong } from './parts.ts'
import { link, orderLinks } from './read-links.ts'
import { dns, network, placeNetworks, portGroup } from './read-networks.ts'
import { certificate, datastore, file, login, service, user, values } from './read-system.ts'
import { hostname, server, text } from './values.ts'

type Commands = HostConfig['commands']
type Servers = { readonly servers: readonly string[] }

const syslogServer = lineLike(
  /^(?:(?:udp|tcp|ssl):\/\/)?(?:[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/,
  'a server like udp://192.0.2.1:514',
)

const CONFIG = object<HostConfig>({
  hostname: one(hostname),
  domain: one(hostname),
  timezone: one(lineLike(/^[A-Z][\w+-]*(?:\/[\w+-]+){0,2}$/, 'a time zone like Europe/Berlin')),
  dns,
  ntp: servers(one(server)),
  links: list(link),
  networks: list(network),
  portGroups: list(portGroup),
  root: login,
  users: list(user),
  ssh: service,
  shell: service,
  syslog: servers(one(syslogServer)),
  certificate,
  licence: one(lineLike(/^[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}$/i, 'five groups of five letters or digits')),
  installDisk: one(lineLike(/^(?!.*\/\.)\/dev\/[\w.:+@/-]{1,200}$/, 'a disk like /dev/sda or /dev/disk/by-id/...')),
  datastores: list(datastore),
  kernelSettings: values,
  advancedSettings: values,
  // Written twice, a file is what was written last; a second run would write both again.
  files: (value, path, problems) => lastOf(list(file)(value, path, problems) ?? []),
  commands: (value, path, problems) => {
    const read = object<Commands>({ before: lines(one(text)), after: lines(one(text)) })(value, path, problems)
    return { before: read?.before ?? [], after: read?.after ?? [] }
  },
})

/** The keys that can be set, for messages, completion and the schema. */
export const CONFIG_KEYS = [
  ...[
    'hostname',
    'domain',
    'timezone',
    'dns',
    'ntp',
    'links',
    'networks',
    'portGroups',
    'root',
    'users',
    'ssh',
    'shell',
  ],
  ...[
    'syslog',
    'certificate',
    'licence',
    'installDisk',
    'datastores',
    'kernelSettings',
    'advancedSettings',
    'files',
    'commands',
  ],
] as const satisfies readonly (keyof HostConfig)[]

function lastOf(files: readonly WrittenFile[]): readonly WrittenFile[] {
  return files.filter(({ path }, at) => !files.slice(at + 1).some((later) => later.path === path))
}

function servers(part: ReadPart<string>): ReadPart<Servers> {
  const read = object<Servers>({ servers: list(part) })
  return (value, path, problems) => ({ servers: read(value, path, problems)?.servers ?? [] })
}

/**
 * Reads what a host is to be.
 * @param layers the strongest first: lists and values are the strongest's, objects are put together key by key, null stands for what
 *   nobody set
 * @throws {ProvisionError} invalid, with all that is wrong, each with its path
 */
export function readHostConfig(layers: readonly Json[]): HostConfig {
  const { config, problems } = tryHostConfig(layers)
  if (problems.length > 0) throw new ProvisionError('invalid', problems.join('; '))
  return config
}

/** The same for those who want all problems one by one; with any, the configuration is only what is left. */
export function tryHostConfig(layers: readonly Json[]): {
  readonly config: HostConfig
  readonly problems: readonly string[]
} {
  const problems: Problems = []
  if (!layers.every(isJsonObject)) wrong(CONFIG_KEY, 'must be an object', problems)
  const read = CONFIG(mergeConfigs(layers), CONFIG_KEY, problems) ?? {}
  const links = orderLinks(read.links ?? [], `${CONFIG_KEY}.links`, problems)
  const portGroups = read.portGroups ?? []
  // With a link that could not be read, whatever stands on it would be told to stand on none.
  const isWhole = problems.length === 0
  const placed = isWhole
    ? placeNetworks({ networks: read.networks ?? [], portGroups, links }, CONFIG_KEY, problems)
    : (read.networks ?? [])
  const config: HostConfig = { ...EMPTY, ...read, links, portGroups, networks: placed }
  return { config, problems }
}

/** Puts layers together, the strongest first. */
export function mergeConfigs(layers: readonly Json[]): JsonObject {
  return layers.filter(isJsonObject).reduceRight<JsonObject>(laidOver, {})
}

function laidOver(below: JsonObject, above: JsonObject): JsonObject {
  const merged: { [key: string]: Json } = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key]
    merged[key] = isJsonObject(value) && isJsonObject(under) ? laidOver(under, value) : value
  }
  return merged
}

const NO_LOGIN = { passwordHash: undefined, sshKeys: [] }

const EMPTY: HostConfig = {
  hostname: undefined,
  domain: undefined,
  timezone: undefined,
  dns: { servers: [], search: [] },
  ntp: { servers: [] },
  links: [],
  networks: [],
  portGroups: [],
  root: NO_LOGIN,
  users: [],
  ssh: { enabled: undefined },
  shell: { enabled: undefined },
  syslog: { servers: [] },
  certificate: undefined,
  licence: undefined,
  installDisk: undefined,
  datastores: [],
  kernelSettings: {},
  advancedSettings: {},
  files: [],
  commands: { before: [], after: [] },
}
