import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { type Host, newHost } from '../../src/core/host.ts'
import type { Identity } from '../../src/core/identity.ts'
import { HostIds } from '../../src/store/host-ids.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openTables } from '../../src/store/tables.ts'
import { identityOf, macOf } from '../support/hosts.ts'

test('the ids of many hosts are known by their UUIDs, and none for others', () => {
  const ids = new HostIds()
  const uuidOf = (id: number) => `31343539-3337-435a-b232-${id.toString(16).padStart(12, '0')}`
  for (let id = 1; id <= 5000; id++) ids.set(uuidOf(id), id)
  ids.set(uuidOf(7), 5001)
  const wrong = Array.from({ length: 5000 }, (_, at) => at + 1).filter((id) => ids.get(uuidOf(id)) !== id)
  assert.deepEqual(wrong, [7])
  assert.equal(ids.get(uuidOf(7)), 5001)
  assert.equal(ids.get(uuidOf(6000)), undefined)
})

const SERIALS = [undefined, 'S1', 'S2', 'S3']
const UUIDS = [undefined, 'u1', 'u2', 'u3']

const identity: fc.Arbitrary<Identity> = fc
  .tuple(fc.subarray([1, 2, 3, 4, 5]), fc.constantFrom(...SERIALS), fc.constantFrom(...UUIDS))
  .map(([macs, serial, uuid]) => identityOf({ macs: macs.map(macOf), serial, uuid }))

/** What befalls hosts between the greetings of machines: all of it may be another process's doing. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), identity }),
  fc.record({ kind: fc.constant('edit' as const), at: fc.nat(5), identity }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(5) }),
)

test('a machine is found by a single look exactly as by the looks for all its identifiers', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(change, fc.array(identity, { maxLength: 3 })), { maxLength: 12 }), (steps) => {
      const db = new Database(':memory:')
      try {
        migrate(db)
        const [ours, theirs] = [openTables(db), openTables(db)]
        for (const [done, machines] of steps) {
          apply(theirs, done)
          const known = theirs.hosts()
          for (const asked of [...machines, ...known]) assert.deepEqual(ours.findMachine(asked), theirs.sharing(asked))
        }
      } finally {
        db.close()
      }
    }),
    { numRuns: 60 },
  )
})

type Done = typeof change extends fc.Arbitrary<infer T> ? T : never

function apply(tables: ReturnType<typeof openTables>, done: Done): void {
  const hosts = tables.hosts()
  if (done.kind === 'add') {
    tables.insertHost(freeOf(hosts, { id: 0, ...newHost(done.identity, 0) }))
    return
  }
  const host = hosts[done.at % Math.max(1, hosts.length)]
  if (host === undefined) return
  if (done.kind === 'delete') tables.deleteHost(host.id)
  else {
    const others = hosts.filter(({ id }) => id !== host.id)
    tables.updateHost(host, freeOf(others, { ...host, ...done.identity }))
  }
}

/** A card is of one host. */
function freeOf(others: readonly Host[], host: Host): Host {
  return { ...host, macs: host.macs.filter((mac) => !others.some(({ macs }) => macs.includes(mac))) }
}
