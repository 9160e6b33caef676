import { filled } from '../../core/config/filled.ts'
import type { HostConfig, Link, Network } from '../../core/config/model.ts'
import { tryHostConfig } from '../../core/config/read-config.ts'
import { nameOfHost } from '../../core/config/to/names.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { InstallRequest } from '../kind.ts'

/**
 * What is set for an install, with what its kickstart can do of the host's description below it: whoever sets `esxi.rootPassword` means
 * that, whoever sets `config.root.passwordHash` means it for whatever is installed. Both stand at the same places, the strongest first.
 */
export function esxiLayers({ settings, description, host }: InstallRequest): readonly JsonObject[] {
  const { config, problems } = tryHostConfig(description)
  const places = Math.max(settings.length, description.length)
  const network =
    problems.length === 0 && !settings.some(saysNetwork) ? networkOf(config, nameOfHost(host, config)) : undefined
  const first = description.findIndex((layer) => layer['networks'] !== undefined)
  return Array.from({ length: places }, (_, at) => {
    const own = settings[at] ?? {}
    const described = {
      ...loginOf(description[at] ?? {}),
      ...(at === first && network !== undefined ? { network } : {}),
    }
    return { ...described, ...own, ...merged(described['network'], own['network']) }
  })
}

function merged(below: Json | undefined, above: Json | undefined): JsonObject {
  if (below === undefined || above === undefined || !isJsonObject(below) || !isJsonObject(above)) return {}
  return { network: { ...below, ...above } }
}

function loginOf({ root, licence }: JsonObject): JsonObject {
  const rootPassword = root !== undefined && isJsonObject(root) ? root['passwordHash'] : undefined
  return filled({ rootPassword, serial: licence })
}

/** Whether somebody says himself what the installer makes of the network. */
function saysNetwork({ network }: JsonObject): boolean {
  if (network === undefined || !isJsonObject(network)) return false
  return network['ip'] !== undefined || network['bootproto'] !== undefined
}

/**
 * The network that the installer itself can set up: one card, IPv4, at most tagged. The rest is done when ESXi runs.
 * A bond has one of its cards here.
 */
function networkOf(config: HostConfig, hostname: string): JsonObject | undefined {
  const management = config.networks.find((network) => network.management)
  if (management === undefined) return undefined
  const link = config.links.find(({ name }) => name === management.link)
  if (link === undefined) return undefined
  const place = filled({ device: deviceOf(link, config.links), vlan: link.type === 'vlan' ? link.id : undefined })
  return { ...place, ...filled({ hostname }), ...addressOf(management, config.dns.servers) }
}

function deviceOf(link: Link, links: readonly Link[]): string | undefined {
  if (link.type === 'nic') return link.mac ?? link.device
  const below = link.type === 'vlan' ? link.link : link.members[0]
  const found = links.find(({ name }) => name === below)
  return found === undefined ? undefined : deviceOf(found, links)
}

/** Without a gateway the installer takes no address, and IPv6 it does not know. */
function addressOf({ method, address, gateway, dns }: Network, servers: readonly string[]): JsonObject {
  const [ip = '', prefix = ''] = (address ?? '').split('/')
  if (method !== 'static' || gateway === undefined || ip.includes(':')) return { bootproto: 'dhcp' }
  const bits = Number(prefix) === 0 ? 0 : (0xff_ff_ff_ff << (32 - Number(prefix))) >>> 0
  const netmask = [24, 16, 8, 0].map((by) => (bits >>> by) & 255).join('.')
  const nameserver = [...dns.servers, ...servers].filter((server) => !server.includes(':'))
  return { bootproto: 'static', ip, netmask, gateway, ...filled({ nameserver: [...new Set(nameserver)] }) }
}
