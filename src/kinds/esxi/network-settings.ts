import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { type KeysRead, type Rules, readKeys } from '../../core/read-keys.ts'
import { flag, line, listOf, oneOf, type ReadValue, refuse, wholeNumber } from '../../core/setting-rules.ts'
import {
  addressFault,
  deviceFault,
  gatewayFault,
  hostAddressFault,
  hostnameFault,
  netmaskFault,
  VLANS,
} from './kickstart/network-rules.ts'

/** The management network of the installed host, on its first virtual switch. */
export interface NetworkSettings {
  /** `static` when there is an `ip`, else `dhcp`. */
  readonly bootproto: 'dhcp' | 'static'
  readonly ip: string | undefined
  readonly netmask: string | undefined
  readonly gateway: string | undefined
  /** DNS servers, for `static`; DHCP brings its own. */
  readonly nameserver: readonly string[]
  readonly vlan: number | undefined
  /** `vmnicN` or a MAC address; by default the card that the host booted from. */
  readonly device: string | undefined
  /** By default the host's name. */
  readonly hostname: string | undefined
  /** Whether there is a port group for virtual machines too; as the installer itself by default: yes. */
  readonly addVmPortgroup: boolean | undefined
}

const RULES: Rules<NetworkSettings> = {
  bootproto: oneOf('dhcp', 'static'),
  ip: fitting(addressFault),
  netmask: fitting(netmaskFault),
  gateway: fitting(addressFault),
  nameserver: listOf(fitting(addressFault)),
  vlan: wholeNumber(VLANS.least, VLANS.most),
  device: (value) =>
    fitting(deviceFault)(
      typeof value === 'string' ? value.replace(/^([0-9a-f]{2})[-:]/i, '$1:').replaceAll('-', ':') : value,
    ),
  hostname: fitting((text) => hostnameFault(text)?.text),
  addVmPortgroup: flag,
}

/** Reads what is set of the network. @param path `esxi.network.` */
export function readNetwork(
  path: string,
  object: JsonObject,
): KeysRead<NetworkSettings> & { readonly network: NetworkSettings } {
  const { values, problems } = readKeys<NetworkSettings>(path, object, RULES)
  const network: NetworkSettings = {
    bootproto: values.bootproto ?? (values.ip === undefined ? 'dhcp' : 'static'),
    ip: values.ip,
    netmask: values.netmask,
    gateway: values.gateway,
    nameserver: values.nameserver ?? [],
    vlan: values.vlan,
    device: values.device,
    hostname: values.hostname,
    addVmPortgroup: values.addVmPortgroup,
  }
  const together = problems.length > 0 ? [] : togetherFaults(network, values.bootproto !== undefined)
  return { values, network, problems: [...problems, ...together.map((fault) => `${path}${fault}`)] }
}

/** What is wrong with the keys and values of one layer, each by itself. @param path `esxi.network.` */
export function networkProblems(path: string, object: JsonObject): readonly string[] {
  return readKeys<NetworkSettings>(path, object, RULES).problems
}

/** What is wrong with values that are right one by one. The installer would guess what is missing, and guess wrong. */
function togetherFaults(network: NetworkSettings, isChosen: boolean): readonly string[] {
  if (network.bootproto === 'static') return staticFaults(network)
  if (network.ip !== undefined) return ['ip goes with bootproto static; take one of the two away (null does)']
  if (isChosen) return []
  const lonely = (['netmask', 'gateway', 'nameserver'] as const).filter((key) => (network[key] ?? []).length > 0)
  return lonely.map((key) => `${key} needs an ip, or bootproto dhcp, which does without it`)
}

function staticFaults({ ip, netmask, gateway }: NetworkSettings): readonly string[] {
  const missing = Object.entries({ ip, netmask, gateway }).filter(([, value]) => value === undefined)
  if (ip === undefined || netmask === undefined || gateway === undefined) {
    return missing.map(([key]) => `${key} is missing, which bootproto static needs`)
  }
  const own = hostAddressFault({ ip, netmask })
  const way = gatewayFault(gateway, { ip, netmask })
  return [
    ...(own === undefined ? [] : [`ip ${ip} ${own}`]),
    ...(way === undefined ? [] : [`gateway ${gateway} ${way}`]),
  ]
}

function fitting(fault: (text: string) => string | undefined): ReadValue<string> {
  return (value) => {
    const text = line(value)
    const wrong = fault(text)
    if (wrong === undefined) return text
    if (!wrong.startsWith('is ')) return refuse(value, wrong)
    throw new ProvisionError('invalid', `is ${quoted(text)}, which ${wrong}`)
  }
}

/** The objects at one key, the strongest first, as one: each key from the first that has it. */
export function mergeLayers(layers: readonly Json[]): JsonObject {
  return Object.assign({}, ...layers.filter(isJsonObject).toReversed())
}
