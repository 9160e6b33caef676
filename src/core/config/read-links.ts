import { isJsonObject, type Json } from '../json.ts'
import { oneOf, wholeNumber } from '../setting-rules.ts'
import { BOND_MODES, type Bond, type Link, type Nic, type Vlan } from './model.ts'
import { lacks, list, object, one, type Problems, type ReadPart, wrong } from './parts.ts'
import { esxiName, linkName, mac } from './values.ts'

/** IPv6 needs 1280 (RFC 8200); 9216 is what switches carry, IPv4 alone would do with 576. */
const mtu = one(wholeNumber(576, 9216))

const COMMON = { name: one(linkName), mtu, vswitch: one(esxiName) }
const NIC = object<Nic>({ ...COMMON, type: one(oneOf('nic')), mac: one(mac), device: one(linkName) })
const BOND = object<Bond>({
  ...COMMON,
  type: one(oneOf('bond')),
  members: list(one(linkName)),
  mode: one(oneOf(...BOND_MODES)),
  mac: one(mac),
})
const VLAN = object<Vlan>({
  ...COMMON,
  type: one(oneOf('vlan')),
  link: one(linkName),
  id: one(wholeNumber(1, 4094)),
  mac: one(mac),
  vmkMac: one((value) => (value === 'auto' ? value : mac(value))),
})

const READERS = { nic: readNic, bond: readBond, vlan: readVlan }

/** Reads one link; how links fit together is another matter. */
export const link: ReadPart<Link> = (value, path, problems) => {
  const type = isJsonObject(value) ? (value['type'] ?? guessType(value)) : undefined
  const read = Object.entries(READERS).find(([known]) => known === type)?.[1]
  if (read === undefined)
    return wrong(path, `must be an object with type ${Object.keys(READERS).join(' or ')}`, problems)
  return read(value, path, problems)
}

/** Only cards are unmistakable without it. */
function guessType(value: Json): string | undefined {
  return !lacks(value, 'mac') && lacks(value, 'members') && lacks(value, 'id') ? 'nic' : undefined
}

function readNic(value: Json, path: string, problems: Problems): Nic | undefined {
  const { name, mac, device, mtu, vswitch } = NIC(value, path, problems) ?? {}
  if (name === undefined) return nameless(value, path, problems)
  if (lacks(value, 'mac') && lacks(value, 'device'))
    return wrong(path, 'needs a mac or a device by which the card is found', problems)
  return { type: 'nic', name, mac, device, mtu, vswitch }
}

function readBond(value: Json, path: string, problems: Problems): Bond | undefined {
  const { name, members = [], mode = 'active-backup', mac, mtu, vswitch } = BOND(value, path, problems) ?? {}
  if (name === undefined) return nameless(value, path, problems)
  if (members.length === 0) return wrong(path, 'needs members, the names of its cards', problems)
  return { type: 'bond', name, members, mode, mac, mtu, vswitch }
}

function readVlan(value: Json, path: string, problems: Problems): Vlan | undefined {
  const { name, link, id, ...more } = VLAN(value, path, problems) ?? {}
  if (name === undefined) return nameless(value, path, problems)
  const missing = ['link', 'id'].filter((key) => lacks(value, key))
  for (const key of missing) wrong(path, `needs ${key}`, problems)
  if (link === undefined || id === undefined) return undefined
  return {
    mac: undefined,
    vmkMac: undefined,
    mtu: undefined,
    vswitch: undefined,
    ...more,
    type: 'vlan',
    name,
    link,
    id,
  }
}

function nameless(value: Json, path: string, problems: Problems): undefined {
  if (lacks(value, 'name')) wrong(path, 'needs a name', problems)
}

/** Puts links behind what they stand on, and says how they do not fit together. @param path of the list */
export function orderLinks(links: readonly Link[], path: string, problems: Problems): readonly Link[] {
  const places = new Map<string, number>()
  links.forEach(({ name }, at) => {
    if (places.has(name)) problems.push(`${path}[${at}].name ${name} is the name of another link too`)
    else places.set(name, at)
  })
  const byName = new Map(links.map((one) => [one.name, one]))
  const users = new Map<string, string>()
  links.forEach((one, at) => {
    for (const fault of one.type === 'nic'
      ? []
      : one.type === 'bond'
        ? membersFaults(one, byName, users)
        : parentFaults(one, byName)) {
      problems.push(`${path}[${at}].${fault}`)
    }
  })
  sameCards(links, path, problems)
  const rank = { nic: 0, bond: 1, vlan: 2 }
  return links.toSorted((a, b) => rank[a.type] - rank[b.type])
}

type ByName = ReadonlyMap<string, Link>

function membersFaults({ name, members }: Bond, byName: ByName, users: Map<string, string>): readonly string[] {
  return members.flatMap((member, at) => {
    const found = byName.get(member)
    const user = users.get(member)
    users.set(member, name)
    if (found?.type !== 'nic')
      return [`members[${at}] ${member} ${found === undefined ? 'is no link' : `is a ${found.type}, not a card`}`]
    return user === undefined ? [] : [`members[${at}] ${member} is a card of ${user === name ? 'it already' : user}`]
  })
}

function parentFaults({ link }: Vlan, byName: ByName): readonly string[] {
  const found = byName.get(link)
  if (found === undefined) return [`link ${link} is no link`]
  return found.type === 'vlan' ? [`link ${link} is a vlan itself`] : []
}

function sameCards(links: readonly Link[], path: string, problems: Problems): void {
  const owners = new Map<string, string>()
  links.forEach((one, at) => {
    if (one.type !== 'nic') return
    for (const key of ['mac', 'device'] as const) {
      const value = one[key]
      if (value === undefined) continue
      const owner = owners.get(value)
      if (owner !== undefined) problems.push(`${path}[${at}].${key} ${value} is that of ${owner} too`)
      owners.set(value, one.name)
    }
  })
}
