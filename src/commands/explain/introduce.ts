import { ProvisionError } from '../../core/errors.ts'
import { findOrMake } from '../../core/greet.ts'
import { type Firmware, type Host, type HostId, nameOf } from '../../core/host.ts'
import { describeIdentity, type Identity, quoted, readMac, readSerial, readUuid } from '../../core/identity.ts'
import { DISCOVER } from '../../core/plan.ts'
import { explainHost, planned } from '../explain.ts'
import { USUAL_BASE } from '../find-problems.ts'
import { loopLimitsOf } from '../watch-settings.ts'
import type { ExplainDeps, Explanation } from './explanation.ts'

/** What a machine says of itself, as its firmware or a label has it. */
export interface Introduced {
  readonly macs: readonly string[]
  readonly serial: string | undefined
  readonly uuid: string | undefined
}

/** One identifier that was told, and what it is good for. */
export interface ToldIdentifier {
  readonly kind: 'mac' | 'serial' | 'uuid'
  readonly told: string
  /** In its one form; `undefined` for what is ignored, since it tells no machine from another. */
  readonly value: string | undefined
  /** The hosts that have it. */
  readonly hosts: readonly HostId[]
}

/** A host that shares something with a machine. */
export interface SharingHost {
  readonly host: Host
  /** `serial CZJ1`, `mac 02:…`. */
  readonly shares: readonly string[]
}

/** Which host a machine would be found to be, and what it would get. */
export interface Introduction {
  readonly identifiers: readonly ToldIdentifier[]
  readonly kind: 'known' | 'new' | 'conflict'
  /** In plain words. */
  readonly why: string
  readonly sharing: readonly SharingHost[]
  /** What its host would get at its next boot; `undefined` in a conflict: then it gets {@link Introduction.script} alone. */
  readonly explained: Explanation | undefined
  /** The script that tells the machine of the conflict. */
  readonly script: string | undefined
}

/** A label says nothing of these. */
const UNTOLD: Firmware = { platform: '', arch: '', manufacturer: '', product: '', ipxe: '' }

/** What else a machine's answer depends on. */
export interface IntroduceOptions {
  /** Whether the server gives new machines the plan `discover,new`. */
  readonly discover: boolean
  /** As if the plan of its host were this image. */
  readonly image?: string | undefined
}

/**
 * Says which host a machine would be found to be, were it to ask now, and what it would get, by the same rules; changes nothing.
 * @throws {ProvisionError} invalid, for what the server would refuse to read, and when nothing is left by which to know the machine
 */
export async function introduce(
  deps: ExplainDeps,
  told: Introduced,
  { discover, image }: IntroduceOptions,
): Promise<Introduction> {
  const identity = readIdentity(told)
  const [sharing, defaults] = await Promise.all([deps.store.findSharing(identity), deps.store.readDefaults()])
  const identifiers = toldIdentifiers(told, sharing)
  const seen = sharing.map((host) => ({ host, shares: sharedWith(identity, host) }))
  const met = findOrMake({ identity, at: deps.now() }, sharing, {
    firstPlan: discover ? DISCOVER : undefined,
    loopLimits: (host) => loopLimitsOf(defaults, host),
  })
  const common = { identifiers, sharing: seen }
  if (met.kind === 'conflict') {
    const script = deps.templates.conflict({ base: deps.base ?? USUAL_BASE, hosts: met.hosts, why: met.why })
    return { ...common, kind: 'conflict', why: met.why, explained: undefined, script }
  }
  const isNew = met.known === undefined
  const host = isNew ? { ...met.host, id: await deps.store.nextHostId(), firmware: UNTOLD } : met.host
  const explained = await explainHost(deps, image === undefined ? host : planned(deps, host, image))
  const news = met.events.filter(({ type }) => type === 'identity').map(({ text }) => `; ${text}`)
  const why = isNew
    ? `no host has any of these: it would be host ${host.id}, with ${describeIdentity(host)}`
    : `it is ${nameOf(host)}${others(seen, host)}${news.join('')}`
  return { ...common, kind: isNew ? 'new' : 'known', why, explained, script: undefined }
}

/** A host that was merely given the same serial is no reason to doubt. */
function others(sharing: readonly SharingHost[], { id }: Host): string {
  const left = sharing.filter(({ host }) => host.id !== id)
  if (left.length === 0) return ''
  const named = left.map(({ host, shares }) => `${nameOf(host)} (${shares.join(', ')})`).join(' and ')
  return `, though it shares something with ${named}, which is another machine by all else`
}

function readIdentity({ macs, serial, uuid }: Introduced): Identity {
  const cards = macs.flatMap((text) => readMac(text) ?? [])
  const identity = { macs: [...new Set(cards)], serial: readSerial(serial), uuid: readUuid(uuid) }
  if (identity.macs.length > 0 || identity.serial !== undefined || identity.uuid !== undefined) return identity
  const ignored = [...macs, serial, uuid].flatMap((text) => (text === undefined ? [] : [quoted(text)]))
  const why = ignored.length === 0 ? '' : `: ${ignored.join(', ')} tells no machine from another`
  throw new ProvisionError('invalid', `no MAC address, serial or UUID by which to know this machine${why}`)
}

function toldIdentifiers({ macs, serial, uuid }: Introduced, sharing: readonly Host[]): readonly ToldIdentifier[] {
  const having = (has: (host: Host) => boolean) => sharing.filter(has).map(({ id }) => id)
  const ofMacs = macs.map((told): ToldIdentifier => {
    const value = readMac(told)
    return { kind: 'mac', told, value, hosts: having((host) => value !== undefined && host.macs.includes(value)) }
  })
  const single = (kind: 'serial' | 'uuid', told: string | undefined, value: string | undefined): ToldIdentifier[] =>
    told === undefined
      ? []
      : [{ kind, told, value, hosts: having((host) => value !== undefined && host[kind] === value) }]
  return [...ofMacs, ...single('serial', serial, readSerial(serial)), ...single('uuid', uuid, readUuid(uuid))]
}

function sharedWith(identity: Identity, host: Host): readonly string[] {
  return [
    ...(identity.serial !== undefined && identity.serial === host.serial ? [`serial ${host.serial}`] : []),
    ...(identity.uuid !== undefined && identity.uuid === host.uuid ? [`uuid ${host.uuid}`] : []),
    ...identity.macs.filter((mac) => host.macs.includes(mac)).map((mac) => `mac ${mac}`),
  ]
}
