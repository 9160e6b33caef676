import { type Host, nameOf } from './host.ts'
import { describeIdentity, type Identity, type Mac } from './identity.ts'

/** Which known host a machine is. */
export type Match<H extends Identity = Host> =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly host: H }
  | { readonly kind: 'conflict'; readonly hosts: readonly H[]; readonly why: string }

/** Whether one identifier speaks for two identities being one machine, against it, or not at all. */
type Verdict = 'agree' | 'disagree' | 'silent'

/**
 * Finds the host that an identity belongs to, among the hosts that share at least one identifier with it.
 *
 * Any MAC, serial or UUID finds a host. It is a conflict, for a person to settle, when several hosts fit, or when the one
 * that fits does so by one identifier only while its serial or UUID says that it is another machine: two boxes that were
 * given the same serial number, a network card that moved. Other MACs contradict a serial that nothing else confirms, since
 * makers write one serial into many boards; they do not contradict a UUID: machines have several cards, and iPXE's
 * `snponly` build sees only the one that it booted from.
 */
export function matchHost(identity: Identity, sharing: readonly Host[]): Match {
  const own = sharing.length > 1 ? sharing.filter((host) => !isOtherMachine(identity, host)) : sharing
  const fitting = own.length === 1 ? own : sharing
  const [host] = fitting
  if (host === undefined) return { kind: 'unknown' }
  if (fitting.length > 1) {
    return { kind: 'conflict', hosts: sharing, why: `this machine fits ${sharing.map(nameOf).join(' and ')}` }
  }
  const why = contradiction(identity, host)
  return why === undefined ? { kind: 'known', host } : { kind: 'conflict', hosts: [host], why }
}

/**
 * Whether a host is another machine that merely was given the same serial or the same UUID: nothing else agrees. Once a person
 * has let both be hosts of their own, neither stands in the other's way.
 */
function isOtherMachine(identity: Identity, host: Host): boolean {
  const { serial, uuid, mac } = verdicts(identity, host)
  return mac === 'disagree' && (serial === 'disagree' || uuid === 'disagree')
}

function contradiction(identity: Identity, host: Host): string | undefined {
  const { serial, uuid, mac } = verdicts(identity, host)
  const agreeing = [serial, uuid, mac].filter((verdict) => verdict === 'agree').length
  const isOther = serial === 'disagree' || uuid === 'disagree' || (uuid === 'silent' && mac === 'disagree')
  if (!isOther || agreeing > 1) return undefined
  const shared = serial === 'agree' ? 'serial' : uuid === 'agree' ? 'uuid' : 'MAC address'
  return `this machine shares its ${shared} with ${nameOf(host)}, which is ${describeIdentity(host)}`
}

function verdicts(identity: Identity, host: Host) {
  return {
    serial: compare(identity.serial, host.serial),
    uuid: compare(identity.uuid, host.uuid),
    mac: compareMacs(identity, host),
  }
}

function compare(mine: string | undefined, theirs: string | undefined): Verdict {
  if (mine === undefined || theirs === undefined) return 'silent'
  return mine === theirs ? 'agree' : 'disagree'
}

function compareMacs(mine: Identity, theirs: Identity): Verdict {
  if (mine.macs.length === 0 || theirs.macs.length === 0) return 'silent'
  return mine.macs.some((mac) => theirs.macs.includes(mac)) ? 'agree' : 'disagree'
}

/** A host hears of at most so many cards: a machine has fewer, and a forged serial must not collect addresses for ever. */
const MOST_MACS = 32

/**
 * Adds to a host what an identity that belongs to it tells more: other cards, a serial or UUID that was not known or has changed.
 * @returns the identity to keep, and in words what is new about it
 */
export function learnIdentity(
  host: Identity,
  seen: Identity,
): { readonly identity: Identity; readonly news: string[] } {
  const macs = otherCards(host, seen)
  const serial = seen.serial ?? host.serial
  const uuid = seen.uuid ?? host.uuid
  if (macs.length === 0 && serial === host.serial && uuid === host.uuid) return { identity: host, news: [] }
  const news = [
    macs.length === 0 ? [] : [`learned mac ${macs.join(' ')}`],
    serial === host.serial ? [] : [`serial is now ${serial}${host.serial === undefined ? '' : `, was ${host.serial}`}`],
    uuid === host.uuid ? [] : [`uuid is now ${uuid}${host.uuid === undefined ? '' : `, was ${host.uuid}`}`],
  ].flat()
  return { identity: { macs: macs.length === 0 ? host.macs : [...host.macs, ...macs], serial, uuid }, news }
}

function otherCards(host: Identity, seen: Identity): readonly Mac[] {
  const unknown = seen.macs.filter((mac) => !host.macs.includes(mac))
  return unknown.length === 0 ? unknown : [...new Set(unknown)].slice(0, Math.max(0, MOST_MACS - host.macs.length))
}
