import { CONFIG_KEY } from '../core/config/model.ts'
import { readHostConfig, tryHostConfig } from '../core/config/read-config.ts'
import { toCloudConfig } from '../core/config/to/cloud-config.ts'
import { nameOfHost } from '../core/config/to/names.ts'
import { toNetplan } from '../core/config/to/netplan.ts'
import { toMetaData, toNetworkData } from '../core/config/to/openstack.ts'
import type { Json } from '../core/json.ts'
import type { BootFile, InstallRequest } from './kind.ts'
import { hideSecrets } from './settings.ts'

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

type Make = (request: InstallRequest) => BootFile | undefined

/** What every boot has, whatever is installed: the host and what it is to be, in the forms that Linux installers and cloud-init read. */
const FILES: { readonly [name: string]: Make } = {
  'host.json': (request) => json({ ...hostOf(request), config: describedJson(request) }),
  'meta-data': (request) => json({ 'instance-id': instanceOf(request), 'local-hostname': nameOf(request) }),
  'user-data': cloudConfig,
  'vendor-data': () => ({ type: TEXT, body: '#cloud-config\n{}\n' }),
  'network-config': (request) => {
    const config = readHostConfig(request.description)
    // Without it cloud-init takes DHCP on the first card that has a link.
    return config.networks.length === 0 ? undefined : json(toNetplan(config))
  },
  // Where cloud-init looks first: which versions there are.
  openstack: () => ({ type: TEXT, body: 'latest\n' }),
  'openstack/latest/meta_data.json': (request) => json(toMetaData(request.host, readHostConfig(request.description))),
  'openstack/latest/network_data.json': (request) =>
    json(toNetworkData(request.host, readHostConfig(request.description))),
  'openstack/latest/user_data': cloudConfig,
  'openstack/latest/vendor_data.json': () => json({}),
}

/** The names of those that a boot has, for people that look. */
export function seedFiles({ description }: InstallRequest): readonly string[] {
  const hasNetworks = tryHostConfig(description).config.networks.length > 0
  return Object.keys(FILES).filter((name) => name !== 'network-config' || hasNetworks)
}

/**
 * Makes one of the files that every boot has.
 * @returns `undefined` when there is none of that name
 * @throws {ProvisionError} invalid, when what is set for the host is wrong
 */
export function seedFile(name: string, request: InstallRequest): BootFile | undefined {
  return Object.hasOwn(FILES, name) ? FILES[name]?.(request) : undefined
}

function cloudConfig(request: InstallRequest): BootFile {
  const config = toCloudConfig(request.host, readHostConfig(request.description))
  return { type: TEXT, body: `#cloud-config\n${text(config)}` }
}

function nameOf({ host, description }: InstallRequest): string {
  return nameOfHost(host, readHostConfig(description))
}

/** Another for each plan: cloud-init does its work once for each instance. */
function instanceOf({ host }: InstallRequest): string {
  return `metalspray-${host.id}-${host.revision}`
}

/** Who the host is, and where it reports to. Only its own boot reads it. */
function hostOf({ host, image, urls }: InstallRequest): { readonly [key: string]: Json } {
  return {
    id: host.id,
    hostname: host.hostname ?? null,
    macs: host.macs,
    serial: host.serial ?? null,
    uuid: host.uuid ?? null,
    image: image.name,
    urls: { boot: urls.boot, tree: urls.tree, finish: urls.finish, fail: urls.fail, report: urls.report },
  }
}

/** What the host is to be as JSON has it: without what nobody said, secrets hidden. @throws {ProvisionError} invalid */
export function describedJson({ description }: InstallRequest): Json {
  const config = JSON.parse(JSON.stringify(readHostConfig(description))) as Json
  return hideSecrets({ [CONFIG_KEY]: config })[CONFIG_KEY] ?? {}
}

/**
 * All of it, for the script of a boot that makes the host what it is to be: with the hashes of passwords, as cloud-init and installers have
 * them. `undefined` when it cannot be read.
 */
export function tryWholeJson({ description }: InstallRequest): Json | undefined {
  const { config, problems } = tryHostConfig(description)
  return problems.length > 0 ? undefined : (JSON.parse(JSON.stringify(config)) as Json)
}

function json(value: Json): BootFile {
  return { type: JSON_TYPE, body: text(value) }
}

function text(value: Json): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
