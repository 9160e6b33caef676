import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Boot, type BootChange, fail, finish, progress, report } from '../../src/core/boot.ts'
import { assign, type HostChange, protect, retry, unprotect } from '../../src/core/edit.ts'
import { ProvisionError } from '../../src/core/errors.ts'
import { greet } from '../../src/core/greet.ts'
import type { Host, HostState } from '../../src/core/host.ts'
import { formatPlan, parsePlan } from '../../src/core/plan.ts'
import { bootOf, FIRMWARE, hostOf, identityOf, imagesOf, macOf } from '../support/hosts.ts'

/** What can happen to one host, in any order: what machines, strangers, operators and the clock do. */
type Action =
  | { readonly do: 'bootstrap'; readonly images: boolean }
  | { readonly do: 'fetch' | 'report' | 'finish' | 'fail'; readonly boot: number }
  | { readonly do: 'assign'; readonly plan: string; readonly within: number | undefined }
  | { readonly do: 'retry' | 'protect' | 'unprotect' }
  | { readonly do: 'wait'; readonly time: number }

/** A boot as this test remembers it, by rules of its own. */
interface Remembered {
  boot: Boot
  readonly serves: string | undefined
  /** Which plan it was opened under: every change of a plan makes it another plan. */
  readonly planNumber: number
  ended: 'finished' | 'failed' | undefined
}

/** The host beside what should be true of it, told without revisions and tables. */
interface World {
  host: Host
  now: number
  boots: Remembered[]
  waiting: readonly string[]
  planNumber: number
  /** Nothing may be installed unless this is true: an operator assigned, and it neither ended, failed nor became void. */
  armed: boolean
  voidFrom: number | undefined
  /** The boot that was heard of last, among the newest. */
  newestHeard: number
}

function newWorld(): World {
  return {
    ...{ host: hostOf(), now: 0, boots: [], waiting: [], planNumber: 0, armed: false },
    ...{ voidFrom: undefined, newestHeard: -1 },
  }
}

function bootstrap(world: World, images: boolean): void {
  const before = world.host
  const isVoid = world.armed && world.voidFrom !== undefined && world.now >= world.voidFrom
  if (isVoid) Object.assign(world, { waiting: [], armed: false, voidFrom: undefined, planNumber: world.planNumber + 1 })
  const sighting = { identity: identityOf({ macs: [macOf(1)] }), firmware: FIRMWARE, address: '', at: world.now }
  const policy = { firstPlan: parsePlan('discover,new'), findImage: images ? imagesOf('a', 'b', 'c') : imagesOf() }
  const greeting = greet(sighting, [before], policy)
  assert.ok(greeting.kind === 'met')
  const { decision, host } = greeting

  const serves = world.armed && images ? world.waiting[0] : undefined
  assert.equal(decision.kind === 'install' ? decision.image.name : undefined, serves)
  if (before.protected) assert.notEqual(decision.kind, 'install')
  if (!isVoid) {
    assert.deepEqual([host.plan, host.revision, host.progress], [before.plan, before.revision, before.progress])
    if (before.state !== 'assigned') assert.equal(host.state, before.state)
  }
  if (serves !== undefined) {
    assert.equal(host.state, 'installing')
    world.voidFrom = undefined
  }
  world.host = host
  const boot = bootOf({ number: world.boots.length + 1, image: serves, revision: host.revision, openedAt: world.now })
  world.boots.push({ boot, serves, planNumber: world.planNumber, ended: undefined })
}

/** A machine that holds the bootid of `index` says something. Returns whether the boot is still heard. */
function hear(world: World, index: number, said: (host: Host, boot: Boot) => BootChange): BootChange {
  const remembered = world.boots[index]
  assert.ok(remembered !== undefined)
  const before = world.host
  const change = said(before, remembered.boot)
  if (change.refused !== undefined) {
    assert.equal(change.host, before, 'a refused request changes no host')
    assert.equal(change.boot, remembered.boot, 'a refused request changes no boot')
  }
  if (change.host.progress !== before.progress) world.newestHeard = index
  world.host = change.host
  remembered.boot = change.boot
  return change
}

function fetchOrReport(world: World, index: number, said: typeof progress): void {
  const before = world.host
  const { refused } = hear(world, index, (host, boot) => said(host, boot, world.now))
  if (said === progress) assert.equal(refused !== undefined, index < world.newestHeard)
  const { state, plan, revision } = world.host
  assert.deepEqual([state, plan, revision], [before.state, before.plan, before.revision], 'a fetch ends nothing')
}

function callBack(world: World, index: number, outcome: 'finished' | 'failed'): void {
  const remembered = world.boots[index]
  assert.ok(remembered !== undefined)
  const before = world.host
  const mayEnd =
    index >= world.newestHeard &&
    remembered.ended === undefined &&
    remembered.serves !== undefined &&
    remembered.planNumber === world.planNumber &&
    world.armed
  const said = outcome === 'finished' ? finish : (host: Host, boot: Boot, now: number) => fail(host, boot, 'x', now)
  const change = hear(world, index, (host, boot) => said(host, boot, world.now))
  if (remembered.ended === outcome) {
    assert.equal(change.refused, undefined, 'a repeated callback is no error')
    assert.equal(change.host, before, 'a repeated callback changes nothing')
    return
  }
  assert.equal(change.refused === undefined, mayEnd)
  if (!mayEnd) return
  assert.equal(remembered.serves, world.waiting[0], 'it ends the image that it served')
  remembered.ended = outcome
  world.planNumber += 1
  world.newestHeard = index
  if (outcome === 'finished') world.waiting = world.waiting.slice(1)
  world.armed = outcome === 'finished' && world.waiting.length > 0
}

function operate(world: World, edit: (host: Host) => HostChange): boolean {
  try {
    world.host = edit(world.host).host
    return true
  } catch (error) {
    assert.ok(error instanceof ProvisionError && error.kind === 'conflict')
    return false
  }
}

function give(world: World, text: string, within: number | undefined): void {
  const plan = parsePlan(text)
  const voidFrom = within === undefined ? undefined : world.now + within
  const accepted = operate(world, (host) => assign(host, plan, voidFrom))
  assert.equal(accepted, !world.host.protected)
  if (!accepted) return
  world.planNumber += 1
  world.waiting = plan.images
  world.armed = plan.images.length > 0
  world.voidFrom = world.armed ? voidFrom : undefined
}

const ACT: { readonly [D in Action['do']]: (world: World, action: Extract<Action, { do: D }>) => void } = {
  bootstrap: (world, { images }) => bootstrap(world, images),
  fetch: (world, { boot }) => fetchOrReport(world, boot, progress),
  report: (world, { boot }) => fetchOrReport(world, boot, (host, one, now) => report(host, one, 'x', now)),
  finish: (world, { boot }) => callBack(world, boot, 'finished'),
  fail: (world, { boot }) => callBack(world, boot, 'failed'),
  assign: (world, { plan, within }) => give(world, plan, within),
  retry(world) {
    const due = world.host.state === 'failed' && !world.host.protected && world.waiting.length > 0
    assert.equal(operate(world, retry), due)
    if (due) Object.assign(world, { armed: true, planNumber: world.planNumber + 1 })
  },
  protect: (world) => void assert.equal(operate(world, protect), !world.armed || world.host.protected),
  unprotect: (world) => void operate(world, unprotect),
  wait(world, { time }) {
    world.now += time
  },
}

/** What is true after every step, whatever happened. */
function check(world: World): void {
  const { host } = world
  const states: readonly HostState[] = world.armed ? ['assigned', 'installing'] : ['new', 'finished', 'failed']
  assert.ok(states.includes(host.state), `${host.state} while ${world.armed ? 'armed' : 'nothing is planned'}`)
  assert.deepEqual(host.plan.images, world.waiting)
  if (host.plan.images.length > 0) assert.deepEqual(parsePlan(formatPlan(host.plan)), host.plan)
  assert.ok(!(host.protected && world.armed), 'no plan waits on a protected host')
  const running = world.boots[world.newestHeard]
  if (running?.serves === undefined || running.ended !== undefined || running.planNumber !== world.planNumber) return
  assert.equal(finish(host, running.boot, world.now).refused, undefined, 'the install that runs can finish')
}

const bootIndex = fc.nat(11)
const actions: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('bootstrap' as const), images: fc.nat(9).map((n) => n > 0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('fetch' as const, 'report' as const), boot: bootIndex }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('finish' as const), boot: bootIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), boot: bootIndex }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('assign' as const),
      plan: fc.constantFrom('a', 'a,b', 'a,a,b', 'b,c,new', 'new', 'finished'),
      within: fc.option(fc.nat(10), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('retry' as const, 'protect' as const, 'unprotect' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.nat(10) }) },
)

function act(world: World, action: Action): void {
  if ('boot' in action) {
    if (world.boots.length === 0) return
    // Counted from the newest: the boots that matter are the last few.
    action = { ...action, boot: Math.max(0, world.boots.length - 1 - action.boot) }
  }
  const one: (world: World, action: never) => void = ACT[action.do]
  one(world, action as never)
  check(world)
}

test('whatever machines, strangers and operators do, an image leaves the plan by its own install alone', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(actions, { minLength: 1, maxLength: 60, size: 'max' }), (sequence) => {
      const world = newWorld()
      for (const action of sequence) {
        const before = world.host.state
        act(world, action)
        seen.add(`${before} ${action.do} ${world.host.state}`)
      }
    }),
    { numRuns: 1500 },
  )
  const ways = [
    'assigned bootstrap installing',
    'installing finish assigned',
    'installing finish finished',
    'installing finish new',
  ]
  for (const way of [...ways, 'installing fail failed', 'failed retry assigned', 'assigned bootstrap new']) {
    assert.ok(seen.has(way), `the sequences went the way ${way}`)
  }
})
