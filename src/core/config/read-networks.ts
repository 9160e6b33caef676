import type { Json } from '../json.ts'
import { flag, oneOf } from '../setting-rules.ts'
import { type Cidr, type Ip, isIn, parseCidr, parseIp } from './ip.ts'
import type { Dns, Link, Network, PortGroup, Route } from './model.ts'
import { lacks, list, object, one, type Problems, type ReadPart, wrong } from './parts.ts'
import { address, addressWithPrefix, esxiName, hostname, linkName, network as networkValue } from './values.ts'

/** Servers and search domains. */
export const dns: ReadPart<Dns> = (value, path, problems) => {
  const read = object<Dns>({ servers: list(one(address)), search: list(one(hostname)) })(value, path, problems)
  return { servers: read?.servers ?? [], search: read?.search ?? [] }
}

const route: ReadPart<Route> = (value, path, problems) => {
  const { to, via } = object<Route>({ to: one(networkValue), via: one(address) })(value, path, problems) ?? {}
  if (to === undefined || via === undefined) return incomplete(value, path, { keys: ['to', 'via'], problems })
  if (parseCidr(to)?.version !== parseIp(via)?.version)
    return wrong(path, `leads to ${to} by ${via}, which is of another kind`, problems)
  return { to, via }
}

const NETWORK = object<Network>({
  link: one(linkName),
  method: one(oneOf('static', 'dhcp', 'dhcp6', 'slaac')),
  address: one(addressWithPrefix),
  gateway: one(address),
  routes: list(route),
  dns,
  management: one(flag),
  portGroup: one(esxiName),
})

/** Reads one network; which of them is for the management is another matter. */
export const network: ReadPart<Network> = (value, path, problems) => {
  const before = problems.length
  const read = NETWORK(value, path, problems) ?? {}
  const { link, address, gateway, portGroup } = read
  if (link === undefined) return incomplete(value, path, { keys: ['link'], problems })
  const method = read.method ?? (address === undefined ? 'dhcp' : 'static')
  const plain = { routes: [], dns: { servers: [], search: [] }, management: false, ...read }
  const made: Network = { ...plain, link, method, address, gateway, portGroup }
  // What is wrong with one value alone is not told twice.
  if (problems.length === before) for (const fault of togetherFaults(made)) problems.push(`${path}.${fault}`)
  return made
}

function togetherFaults({ method, address, gateway, routes }: Network): readonly string[] {
  if (method === 'static' && address === undefined) return ['address is missing, which a static network needs']
  if (method !== 'static' && address !== undefined) return [`address does not go with method ${method}`]
  const own = address === undefined ? undefined : parseCidr(address)
  const seen = { address, own, version: own?.version ?? (method === 'dhcp' ? 4 : 6) }
  const ways = [
    ...(gateway === undefined ? [] : [['gateway', gateway] as const]),
    ...routes.map(({ via }, at) => [`routes[${at}].via`, via] as const),
  ]
  return ways.flatMap(([key, via]) => {
    const fault = wayFault(via, seen)
    return fault === undefined ? [] : [`${key} ${via} ${fault}`]
  })
}

/** What keeps a host from sending by this address. */
function wayFault(
  via: string,
  { address, own, version }: { address: string | undefined; own: Cidr | undefined; version: 4 | 6 },
): string | undefined {
  const ip = parseIp(via)
  if (ip?.version !== version) return 'is not of the same kind as the network'
  if (own === undefined || isLinkLocal(ip)) return undefined
  if (ip.bits === own.bits) return 'is the host itself'
  return isIn(ip, own) ? undefined : `is outside of ${address}`
}

/** Every router of IPv6 has such an address, and mostly gives that one (RFC 4291, §2.5.6). */
function isLinkLocal({ version, bits }: Ip): boolean {
  return version === 6 && bits >> 118n === 0xfe80n >> 6n
}

interface Missing {
  readonly keys: readonly string[]
  readonly problems: Problems
}

function incomplete(value: Json, path: string, { keys, problems }: Missing): undefined {
  for (const key of keys) if (lacks(value, key)) wrong(path, `needs ${key}`, problems)
}

const PORT_GROUP = object<PortGroup>({ name: one(esxiName), link: one(linkName) })

/** Reads one network for virtual machines. */
export const portGroup: ReadPart<PortGroup> = (value, path, problems) => {
  const { name, link } = PORT_GROUP(value, path, problems) ?? {}
  if (name === undefined || link === undefined) return incomplete(value, path, { keys: ['name', 'link'], problems })
  return { name, link }
}

/** Says which network is the management's, when nobody did, and how networks and links do not fit. */
export function placeNetworks(
  {
    networks,
    portGroups,
    links,
  }: { networks: readonly Network[]; portGroups: readonly PortGroup[]; links: readonly Link[] },
  path: string,
  problems: Problems,
): readonly Network[] {
  const names = new Set(links.map(({ name }) => name))
  const members = new Map(
    links.flatMap((one) => (one.type === 'bond' ? one.members.map((member) => [member, one.name] as const) : [])),
  )
  const check = (link: string, place: string) => {
    const bond = members.get(link)
    if (!names.has(link)) problems.push(`${place} ${link} is no link`)
    else if (bond !== undefined) problems.push(`${place} ${link} is a card of ${bond}`)
  }
  networks.forEach(({ link }, at) => {
    check(link, `${path}.networks[${at}].link`)
  })
  portGroups.forEach(({ link }, at) => {
    check(link, `${path}.portGroups[${at}].link`)
  })
  sameAddresses(networks, path, problems)
  const chosen = networks.filter(({ management }) => management)
  if (chosen.length > 1) problems.push(`${path}.networks have ${chosen.length} with management; one can be it`)
  const first = chosen[0] ?? networks.find(({ gateway }) => gateway !== undefined) ?? networks[0]
  return networks.map((one) => ({ ...one, management: one === first }))
}

function sameAddresses(networks: readonly Network[], path: string, problems: Problems): void {
  const taken = new Map<string, number>()
  networks.forEach(({ address }, at) => {
    const ip = parseIp(address?.replace(/\/.*/, '') ?? '')
    if (ip === undefined) return
    const key = `${ip.version} ${ip.bits}`
    const other = taken.get(key)
    if (other !== undefined)
      problems.push(`${path}.networks[${at}].address ${address} is that of networks[${other}] too`)
    taken.set(key, at)
  })
}
