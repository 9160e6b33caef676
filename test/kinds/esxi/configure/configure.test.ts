import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { BONDS } from './cases/bonds.ts'
import { type Case, NICS } from './cases/case.ts'
import { NETINIT } from './cases/netinit.ts'
import { NETWORKS } from './cases/networks.ts'
import { STORAGE } from './cases/storage.ts'
import { SYSTEMS } from './cases/systems.ts'
import { TROUBLES } from './cases/troubles.ts'
import { expectNetwork } from './expect-network.ts'
import { expectSystem } from './expect-system.ts'
import { type Result, simulate, words } from './simulate.ts'
import { network, view } from './view.ts'

const CASES = [...NETINIT, ...NETWORKS, ...BONDS, ...TROUBLES, ...SYSTEMS, ...STORAGE]
const GOLDEN = join(import.meta.dirname, 'golden')
/** `UPDATE_GOLDEN=1 node --test …` writes them anew: read what changed before it is committed. */
const isUpdate = process.env['UPDATE_GOLDEN'] === '1'

describe('the configuration of an installed ESXi, on a simulated one', () => {
  let results: ReadonlyMap<string, Result>
  before(async () => {
    results = await simulate(CASES)
  })

  for (const each of CASES) {
    test(each.name.replaceAll('-', ' '), () => {
      const result = results.get(each.name) ?? assert.fail('no result')
      expectEnd(each, result)
      expectGolden(each.name, view(result))
      assert.equal(result.plan.changed, false, 'a plan changes nothing')
      assert.equal(result.after.firewall.enabled, result.before.firewall.enabled)
      if (each.says !== undefined) {
        const told = words([...result.first.told, ...result.first.waiting])
        assert.ok(
          told.some((text) => text.includes(each.says ?? '')),
          told.join('\n'),
        )
      }
    })
  }

  test('has no two cases and no golden file without a case', () => {
    assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length)
    assert.deepEqual(readdirSync(GOLDEN).sort(), CASES.map(({ name }) => `${name}.txt`).sort())
  })

  test('waits for the server as long as it was told before it goes back', () => {
    const { seconds } = results.get('wrong-vlan')?.first ?? assert.fail('no result')
    assert.ok(seconds >= 90 && seconds < 200, `${seconds} s`)
  })

  test('tells no secret', () => {
    const secrets = ['AAAAA-BBBBB', '$6$salt', 'PRIVATE KEY']
    for (const { first } of results.values()) {
      const text = JSON.stringify([first.commands, first.told, first.log])
      for (const secret of secrets) assert.ok(!text.includes(secret), secret)
    }
  })
})

function expectEnd(each: Case, result: Result): void {
  const { first, second, before, after, again, plan } = result
  const ends = each.ends ?? 'done'
  assert.equal(first.ok, ends === 'done', JSON.stringify(words([...first.told, ...first.waiting])))
  if (ends === 'refused' || ends === 'back') assert.deepEqual(network(after), network(before))
  if (ends === 'back' && each.server !== undefined) assert.ok(first.waiting.length === 0, 'the server knows')
  if (ends === 'refused' && plan.problem !== null) assert.ok(plan.problem.includes(each.says ?? ''), plan.problem)
  if (ends !== 'done') return
  expectNetwork(each.config, each.nics ?? NICS, after)
  expectSystem(each.config, after)
  assert.equal(plan.problem, null)
  const done = first.commands.filter((command) => command !== '/sbin/auto-backup.sh')
  assert.deepEqual(plan.commands, done, 'what is done is what was planned')
  assert.equal(after.backups, done.length > 0 ? 1 : 0)
  assert.deepEqual(second.commands, [])
  assert.deepEqual(second.told, [])
  assert.equal(second.ok, true)
  assert.deepEqual(again, after)
}

function expectGolden(name: string, text: string): void {
  const path = join(GOLDEN, `${name}.txt`)
  if (isUpdate) writeFileSync(path, text)
  assert.ok(existsSync(path), `${path} is missing: UPDATE_GOLDEN=1 writes it`)
  assert.equal(text, readFileSync(path, 'utf8'))
}
