import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import type { NewEvent } from '../../src/core/event.ts'
import { greet, type Policy } from '../../src/core/greet.ts'
import type { Host } from '../../src/core/host.ts'
import type { Identity } from '../../src/core/identity.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Met, Store } from '../../src/store/store.ts'
import { FIRMWARE, identityOf, imagesOf } from './hosts.ts'

type OpenStore = (t: TestContext) => Store

/** Every kind of store; each keeps the same contract. */
const STORES: { readonly [name: string]: OpenStore } = {
  'sqlite :memory:': (t) => closedAfter(t, openSqliteStore(':memory:')),
  'sqlite file': (t) => closedAfter(t, openSqliteStore(join(tempFolder(t), 'metalspray.sqlite'))),
}

/** Runs the same tests over every kind of store. */
export function eachStore(tests: (open: OpenStore) => void): void {
  for (const [name, open] of Object.entries(STORES)) describe(name, () => tests(open))
}

/** A folder of the test's own, gone after it. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function closedAfter(t: TestContext, store: Store): Store {
  t.after(() => store[Symbol.asyncDispose]())
  return store
}

export const POLICY: Policy = { firstPlan: undefined, findImage: imagesOf('wipe', 'esxi8') }

let hashes = 0

/** A hash of a bootid that no other boot has. */
export function newHash(): string {
  hashes += 1
  return `hash-${hashes}`
}

/** Has a machine ask `/bootstrap`. */
export function meet(
  store: Store,
  identity: Partial<Identity>,
  { hash = newHash(), at = 1000, policy = POLICY, address = '10.77.0.9' } = {},
) {
  const sighting = { identity: identityOf(identity), firmware: FIRMWARE, address, at }
  const boot = { hash, address, at }
  return store.greet(sighting.identity, boot, (sharing) => greet(sighting, sharing, policy))
}

/** Has a machine ask `/bootstrap` that is no conflict. */
export async function mustMeet(...args: Parameters<typeof meet>): Promise<Extract<Met, { kind: 'met' }>> {
  const met = await meet(...args)
  if (met.kind !== 'met') throw new Error(met.why)
  return met
}

/** An edit that leaves an event with this text. */
export function edited(
  change: (host: Host) => Host,
  text = 'edited',
): (host: Host) => { host: Host; events: NewEvent[] } {
  return (host) => ({ host: change(host), events: [{ type: 'edited', text }] })
}

/** What is kept of a host's events, in short. */
export async function toldOf(store: Store, host: number): Promise<string[]> {
  const events = await store.listEvents({ host })
  return events.map((event) => `${event.at} ${event.boot ?? '-'} ${event.type}: ${event.text}`)
}

/** Counts in a host's metadata, and says how far in an event: a host and its events that do not agree were torn apart. */
export function counted(host: Host): { host: Host; events: NewEvent[] } {
  const n = Number(host.metadata['n'] ?? 0) + 1
  return { host: { ...host, metadata: { n } }, events: [{ type: 'report', text: `${n}` }] }
}
