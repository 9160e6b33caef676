import { type Decision, decide, describeDecision, type Gate } from './decide.ts'
import type { NewEvent } from './event.ts'
import { type Firmware, type Host, newHost } from './host.ts'
import { describeIdentity, type Identity } from './identity.ts'
import type { FindImage } from './image.ts'
import { nextState } from './lifecycle.ts'
import { learnIdentity, matchHost } from './match.ts'
import type { Plan } from './plan.ts'
import { breakLoop, type LoopLimits } from './watch/loops.ts'

/** One machine that asks `/bootstrap`, and when. */
export interface Sighting {
  readonly identity: Identity
  readonly firmware: Firmware
  /** The address that asked. */
  readonly address: string
  /** In ms since 1970. */
  readonly at: number
}

/** What the server does for machines: its settings and its images. */
export interface Policy {
  /** The plan of a host that was never seen before; without one it waits. */
  readonly firstPlan: Plan | undefined
  readonly findImage: FindImage
  readonly gate?: Gate
  /** How often a host may begin its install; without it, for ever. */
  readonly loopLimits?: (host: Host) => LoopLimits
}

/** What meeting a machine comes to. `host.id` is 0 for a new host, until the store gives it one. */
export type Greeting =
  | {
      readonly kind: 'met'
      readonly host: Host
      /** The host as it was; `undefined` for a machine that was never seen before. */
      readonly known: Host | undefined
      /** Whether nothing is new about the host but when it asked, which its boot keeps. A new address is, since hosts are looked for by it. */
      readonly isSeenAgain: boolean
      readonly decision: Decision
      readonly events: readonly NewEvent[]
    }
  | {
      readonly kind: 'conflict'
      readonly hosts: readonly Host[]
      readonly why: string
      readonly events: readonly NewEvent[]
    }

/** Which host a machine is. A host that is met stands as its boot will find it. */
export type Meeting =
  | Extract<Greeting, { kind: 'conflict' }>
  | {
      readonly kind: 'met'
      readonly host: Host
      /** As it was; `undefined` for a machine that was never seen before. */
      readonly known: Host | undefined
      readonly events: readonly NewEvent[]
    }

/** Finds the host that a machine is, among those that share an identifier with it, or makes one. */
export function findOrMake(
  { identity, at }: Pick<Sighting, 'identity' | 'at'>,
  sharing: readonly Host[],
  { firstPlan, loopLimits }: Pick<Policy, 'firstPlan' | 'loopLimits'>,
): Meeting {
  const match = matchHost(identity, sharing)
  if (match.kind === 'conflict') {
    const text = `a machine with ${describeIdentity(identity)} was refused: ${match.why}`
    return { kind: 'conflict', hosts: match.hosts, why: match.why, events: [{ type: 'conflict', text }] }
  }
  const found = match.kind === 'known' ? recognise(match.host, identity) : discover(identity, at, firstPlan)
  const { host, events } = breakLoop(expire(found, at), at, loopLimits)
  return { kind: 'met', host, known: match.kind === 'known' ? match.host : undefined, events }
}

/** Meets a machine: finds its host among those that share an identifier with it, or makes one, and decides what it does. */
export function greet(sighting: Sighting, sharing: readonly Host[], policy: Policy): Greeting {
  const met = findOrMake(sighting, sharing, policy)
  if (met.kind === 'conflict') return met
  const { firmware, address, at: seenAt } = sighting
  const seen = { ...met.host, seenAt, address, firmware }
  const decision = decide(seen, policy.findImage, policy.gate)
  const host = enterBoot(seen, decision)
  const isAsBefore = met.host === met.known && host === seen
  return {
    kind: 'met',
    host,
    known: met.known,
    isSeenAgain: isAsBefore && met.host.address === address && isSameFirmware(met.host.firmware, firmware),
    decision,
    events: [...met.events, { type: 'booted', text: describeDecision(decision) }],
  }
}

function isSameFirmware(before: Firmware | undefined, now: Firmware): boolean {
  return before !== undefined && (Object.keys(now) as (keyof Firmware)[]).every((field) => before[field] === now[field])
}

interface Known {
  readonly host: Host
  readonly events: readonly NewEvent[]
}

function recognise(host: Host, seen: Identity): Known {
  const { identity, news } = learnIdentity(host, seen)
  if (news.length === 0) return { host, events: [] }
  return { host: { ...host, ...identity }, events: [{ type: 'identity', text: news.join('; ') }] }
}

function discover(seen: Identity, at: number, plan: Plan | undefined): Known {
  const { identity } = learnIdentity({ macs: [], serial: undefined, uuid: undefined }, seen)
  const fresh: Host = { id: 0, ...newHost(identity, at) }
  const discovered: NewEvent = { type: 'discovered', text: `new machine: ${describeIdentity(seen)}` }
  return plan === undefined
    ? { host: fresh, events: [discovered] }
    : { host: { ...fresh, state: nextState(fresh, 'assign'), plan, revision: 1 }, events: [discovered] }
}

/** Makes a waiting plan void whose time is over, as if it had never been given. */
export function expire(known: Known, now: number): Known {
  const { host, events } = known
  if (host.state !== 'assigned' || host.expiresAt === undefined || now < host.expiresAt) return known
  const state = nextState(host, 'expire')
  const images = host.plan.images.join(',')
  return {
    host: {
      ...host,
      state,
      plan: { images: [], end: 'finished' },
      revision: host.revision + 1,
      expiresAt: undefined,
      reason:
        state === 'failed'
          ? `no boot came in time for ${images}, after an install that failed or was cut off`
          : undefined,
    },
    events: [...events, { type: 'expired', text: `no boot came in time; ${images} is void` }],
  }
}

/**
 * Takes a host back to its waiting plan when the script of its boot could not be made: it got no installer, so its disk is as it was.
 * @param before the host before that boot; `undefined` when it was new
 */
export function leaveBoot(host: Host, met: { readonly host: Host; readonly known: Host | undefined }): Host {
  const { known } = met
  const isAsItWas = host.revision === met.host.revision && host.progress === met.host.progress
  if (host.state !== 'installing' || known?.state === 'installing' || !isAsItWas) return host
  return { ...host, state: 'assigned', rest: known?.rest ?? 'new', expiresAt: known?.expiresAt }
}

/**
 * Only a boot that really gets its image moves the host: a missing image leaves the plan waiting. From here on its disk is not
 * what it was: should what is left of the plan become void, the host rests as failed.
 * A boot that has to wait for its turn came in time, however long that takes.
 */
function enterBoot(host: Host, decision: Decision): Host {
  if (decision.kind === 'queue') return host.expiresAt === undefined ? host : { ...host, expiresAt: undefined }
  if (decision.kind !== 'install' || host.state === 'installing') return host
  return { ...host, state: nextState(host, 'boot'), rest: 'failed', expiresAt: undefined }
}
