import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { readDescription } from '../../../../src/commands/config/read-description.ts'
import { filled } from '../../../../src/core/config/filled.ts'
import type { HostConfig } from '../../../../src/core/config/model.ts'
import { readHostConfig, tryHostConfig } from '../../../../src/core/config/read-config.ts'
import { toNetplan } from '../../../../src/core/config/to/netplan.ts'
import { toMetaData, toNetworkData } from '../../../../src/core/config/to/openstack.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../../src/core/json.ts'
import { hostOf } from '../../../support/hosts.ts'
import { toNetworkV1 } from '../../../support/network-v1.ts'
import { someOf } from '../../../support/runs.ts'
import { BONDS } from './cases/bonds.ts'
import { type Case, type Config, NICS } from './cases/case.ts'
import { NETINIT } from './cases/netinit.ts'
import { NETWORKS } from './cases/networks.ts'
import { expectNetwork } from './expect-network.ts'
import { type Result, simulate } from './simulate.ts'
import { view } from './view.ts'

const GOLDEN = join(import.meta.dirname, 'golden')
const json = (value: Json) => JSON.stringify(value)

/** A host in each form that there is, as files. */
const WAYS: { readonly [name: string]: (config: HostConfig, own: JsonObject) => { readonly [file: string]: string } } =
  {
    own: (_config, own) => ({ 'host.yaml': json(own) }),
    openstack: (config) => ({
      'openstack/latest/meta_data.json': json(config.hostname === undefined ? {} : toMetaData(hostOf({}), config)),
      'openstack/latest/network_data.json': json(toNetworkData(hostOf({}), config)),
    }),
    netplan: (config) => ({ 'netplan.yaml': json({ network: toNetplan(config) }) }),
    maas: (config) => ({ 'network.yaml': json({ network: toNetworkV1(config) }) }),
    nocloud: (config) => ({
      'meta-data': json(filled({ 'local-hostname': config.hostname })),
      'network-config': json(toNetplan(config)),
    }),
  }

const BY_LINK = {
  'management-second-in-the-list': 'networks stand there in the order of their links',
  'gateways-of-two-networks': 'networks stand there in the order of their links',
  'two-bonds': 'networks stand there in the order of their links',
  'name-servers': 'networks stand there in the order of their links',
}
const NO_NAMES_ALONE = { 'names-alone': 'name servers are those of a network there' }

/** What cannot be said there, or is said in another order: the host is right too, by other commands than the golden ones. */
const OTHERWISE: { readonly [way: string]: { readonly [name: string]: string } } = {
  openstack: {
    'gateways-of-two-networks': 'the management is the first network with a default route',
    'name-servers': 'a drive has no search domains',
  },
  netplan: { ...BY_LINK, ...NO_NAMES_ALONE },
  maas: BY_LINK,
  nocloud: { ...BY_LINK, ...NO_NAMES_ALONE },
}
/** What cannot be said at all: a drive knows cards by their addresses and means DHCP without networks; MAAS' cards have the names of their devices. */
const IMPOSSIBLE = new Set(['openstack card-by-device-name', 'openstack names-alone', 'maas card-by-device-name'])

const CASES: readonly Case[] = [...NETINIT, ...NETWORKS, ...BONDS].filter(
  ({ config }) => tryHostConfig([asJson(config)]).problems.length === 0,
)

for (const way of Object.keys(WAYS)) {
  describe(`the commands for a host that comes by ${way}`, () => {
    const otherwise = OTHERWISE[way] ?? {}
    const cases = CASES.filter(({ name }) => !IMPOSSIBLE.has(`${way} ${name}`))
    const read = new Map(cases.map((each) => [each.name, comeBy(way, each)]))
    const tried = someOf(cases, 4)
    const asked = tried.map((each) => ({ ...each, config: read.get(each.name) ?? {} }))
    let results: ReadonlyMap<string, Result>
    before(async () => {
      results = await simulate(asked)
    })

    test('are the same for at least 40 hosts', () => {
      assert.ok(cases.length - Object.keys(otherwise).length >= 40, String(cases.length))
    })

    for (const each of tried) {
      const why = otherwise[each.name]
      test(`${each.name.replaceAll('-', ' ')}${why === undefined ? '' : `, but: ${why}`}`, () => {
        const result = results.get(each.name) ?? assert.fail('no result')
        const golden = readFileSync(join(GOLDEN, `${each.name}.txt`), 'utf8')
        if (why === undefined) assert.equal(withoutNotes(view(result)), withoutNotes(golden))
        else assert.notEqual(withoutNotes(view(result)), withoutNotes(golden))
        assert.equal(result.first.ok, (each.ends ?? 'done') === 'done')
        if (!result.first.ok) return
        expectNetwork(read.get(each.name) ?? {}, each.nics ?? NICS, result.after)
        assert.deepEqual(result.second.commands, [])
      })
    }
  })
}

/** What is made of a case that is written in some form and read again; what ESXi alone calls things is said beside it, as an operator may. */
function comeBy(way: string, { name, config }: Case): Config {
  const filesOf = WAYS[way] ?? assert.fail(way)
  const own = asJson(config)
  const meant = readHostConfig([own])
  const given = readDescription(new Map(Object.entries(filesOf(meant, own)))).config
  const found = readHostConfig([filled({ ...given, hostname: own['hostname'] ?? given['hostname'] })])
  // A drive means the names that esxi-netinit would give.
  if (way === 'openstack' && name.startsWith('netinit-')) return asJson(found)
  const links = found.links.map((link) => {
    const { vswitch, ...more } = meant.links.find(({ name }) => name === link.name) ?? link
    return { ...link, vswitch, ...('vmkMac' in more ? { vmkMac: more.vmkMac } : {}) }
  })
  const networks = found.networks.map((network) => {
    const same = meant.networks.find(
      (one) => one.link === network.link && one.method === network.method && one.address === network.address,
    )
    return { ...network, portGroup: same?.portGroup }
  })
  return asJson({ ...found, links, networks, portGroups: meant.portGroups })
}

/** What is left of a second way to everywhere is told by one form when it is read, by another on the host. */
function withoutNotes(text: string): string {
  return text.replace(/^note: .* is not used: .*\n/gm, '')
}

function asJson(value: object): JsonObject {
  const made: Json = JSON.parse(JSON.stringify(value))
  assert.ok(isJsonObject(made))
  return made
}
