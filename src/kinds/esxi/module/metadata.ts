import type { Host } from '../../../core/host.ts'
import { isJsonObject, type JsonObject } from '../../../core/json.ts'

/** What the host's metadata says in OpenStack's form, as config drives have it. */
function given(host: Host, key: string): JsonObject | undefined {
  const openstack = host.metadata['openstack']
  const found = openstack !== undefined && isJsonObject(openstack) ? openstack[key] : undefined
  return found !== undefined && isJsonObject(found) ? found : undefined
}

/** `meta_data.json`: the operator's own in `openstack.meta_data`, or what is known of the host. */
export function hostMetaData(host: Host): JsonObject {
  const name = host.hostname ?? `host-${host.id}`
  return given(host, 'meta_data') ?? { uuid: host.uuid ?? null, hostname: name, name }
}

/** `network_data.json`: the operator's own in `openstack.network_data`, or DHCP on the first card. */
export function hostNetworkData(host: Host): JsonObject {
  const own = given(host, 'network_data')
  if (own !== undefined) return own
  const links = host.macs.map((mac, index) => ({
    id: `nic${index}`,
    type: 'phy',
    ethernet_mac_address: mac,
    mtu: null,
  }))
  const networks = links.slice(0, 1).map(({ id }) => ({ id: 'network0', type: 'ipv4_dhcp', link: id }))
  return { links, networks, services: [] }
}
