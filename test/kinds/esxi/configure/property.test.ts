import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { runs } from '../../../support/runs.ts'
import { automatic, bond, type Case, type Config, fixed, NICS, nic, vlan } from './cases/case.ts'
import { expectNetwork } from './expect-network.ts'
import { simulate } from './simulate.ts'
import { network } from './view.ts'

/** Starting Python takes longer than a host: many run in one. */
const HOSTS = runs(150)

const mtu = fc.constantFrom(undefined, 1500, 9000, 1400)

/** Any cards, bonds of them, VLANs on either, and networks on any of these. */
const configs: fc.Arbitrary<Config> = fc
  .record({
    cards: fc.array(fc.record({ mtu, vswitch: fc.boolean() }), { minLength: 6, maxLength: 6 }),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
    bonds: fc.array(fc.record({ mode: fc.constantFrom('balance-rr', 'active-backup', '802.3ad'), mtu }), {
      maxLength: 2,
    }),
    vlans: fc.uniqueArray(fc.record({ on: fc.nat(3), id: fc.integer({ min: 1, max: 4094 }), mtu }), {
      maxLength: 3,
      selector: ({ id }) => id,
    }),
    networks: fc.array(
      fc.record({
        on: fc.nat(9),
        method: fc.constantFrom('static', 'static', 'dhcp', 'six', 'slaac'),
        named: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    management: fc.nat(4),
    groups: fc.array(fc.nat(9), { maxLength: 3 }),
    dns: fc.uniqueArray(fc.constantFrom('10.0.0.2', '10.0.0.3', '10.0.0.4'), { maxLength: 3 }),
  })
  .map(({ cards, order, bonds, vlans, networks, management, groups, dns }) => {
    // Two cards for each bond, the others for themselves.
    const nics = order.map((card, at) =>
      nic(`eno${card}`, card, { mtu: cards[at]?.mtu, ...(cards[at]?.vswitch ? { vswitch: `own${card}` } : {}) }),
    )
    const teams = bonds.map(({ mode, mtu: length }, at) =>
      bond(`bond${at}`, [`eno${order[2 * at]}`, `eno${order[2 * at + 1]}`], mode, { mtu: length }),
    )
    const bases = [...teams, ...nics.slice(2 * teams.length)]
    const members = nics.slice(0, 2 * teams.length).map((card) => ({ ...card, vswitch: undefined }))
    const tagged = vlans.map(({ on, id, mtu: length }) =>
      vlan(String(bases[on % bases.length]?.['name']), id, { mtu: length }),
    )
    const usable = [...bases, ...tagged]
    const linkAt = (at: number) => String(usable[at % usable.length]?.['name'])
    const placed = networks.map(({ on, method, named }, at) => {
      const more = {
        management: at === management % networks.length,
        ...(named ? { portGroup: `group ${at}` } : {}),
      }
      if (method === 'dhcp' || method === 'slaac') return automatic(linkAt(on), method, more)
      if (method === 'six') return fixed(linkAt(on), `2001:db8:${at}::9/64`, more)
      return fixed(linkAt(on), `10.${at}.0.9/24`, {
        ...more,
        ...(at % 2 === 0
          ? { gateway: `10.${at}.0.1`, routes: [{ to: `172.16.${at}.0/24`, via: `10.${at}.0.2` }] }
          : {}),
      })
    })
    return {
      links: [...members, ...bases, ...tagged],
      networks: placed,
      portGroups: groups.map((on, at) => ({ name: `VM ${at}`, link: linkAt(on) })),
      dns: { servers: dns, search: [] },
    }
  })

test('from any network to any other, and then to itself by nothing', async () => {
  const pairs = fc.sample(fc.tuple(configs, configs), HOSTS)
  const cases = pairs.map(([earlier, config], at): Case => ({ name: `${at}`, earlier, config }))
  const results = await simulate(cases)
  for (const { name, earlier, config } of cases) {
    const result = results.get(name) ?? assert.fail('no result')
    const about = JSON.stringify({ earlier, config })
    assert.ok(result.first.ok, `${result.first.told.join('\n')}\n${about}`)
    assert.deepEqual(result.second.commands, [], about)
    try {
      expectNetwork(JSON.parse(JSON.stringify(config)), NICS, result.after)
    } catch (error) {
      throw new Error(`${error}\n${network(result.after).join('\n')}\n${result.first.commands.join('\n')}\n${about}`, {
        cause: error,
      })
    }
  }
})

test('from any network back to it, when the server is out of reach on the way', async () => {
  const pairs = fc.sample(fc.tuple(configs, configs), Math.ceil(HOSTS / 3))
  const world = { segments: [] }
  const cases = pairs.map(
    ([earlier, config], at): Case => ({
      name: `${at}`,
      earlier,
      config: { ...config, boot_mac: null },
      host: { world },
      server: '192.0.2.5',
    }),
  )
  const results = await simulate(cases)
  for (const { name, earlier, config } of cases) {
    const result = results.get(name) ?? assert.fail('no result')
    if (result.first.commands.length === 0) continue
    assert.equal(result.first.ok, false)
    assert.deepEqual(network(result.after), network(result.before), JSON.stringify({ earlier, config }))
  }
})
