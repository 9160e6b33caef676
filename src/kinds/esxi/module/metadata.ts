import { readHostConfig } from '../../../core/config/read-config.ts'
import { toMetaData, toNetworkData } from '../../../core/config/to/openstack.ts'
import type { Host } from '../../../core/host.ts'
import { isJsonObject, type JsonObject } from '../../../core/json.ts'
import type { InstallRequest } from '../../kind.ts'

/** What the host's metadata says in OpenStack's form, as config drives have it. */
function given(host: Host, key: string): JsonObject | undefined {
  const openstack = host.metadata['openstack']
  const found = openstack !== undefined && isJsonObject(openstack) ? openstack[key] : undefined
  return found !== undefined && isJsonObject(found) ? found : undefined
}

/** `meta_data.json`: the operator's own in `openstack.meta_data`, or what the host is to be. @throws {ProvisionError} invalid */
export function hostMetaData({ host, description }: Pick<InstallRequest, 'host' | 'description'>): JsonObject {
  return given(host, 'meta_data') ?? toMetaData(host, readHostConfig(description))
}

/**
 * `network_data.json`: the operator's own in `openstack.network_data`, or what the host is to be, or DHCP on the first card.
 * @throws {ProvisionError} invalid
 */
export function hostNetworkData({ host, description }: Pick<InstallRequest, 'host' | 'description'>): JsonObject {
  return given(host, 'network_data') ?? toNetworkData(host, readHostConfig(description))
}
