import { createHash } from 'node:crypto'
import { ProvisionError } from '../core/errors.ts'
import { type Host, nameOf } from '../core/host.ts'

/** All that an editor of a host sees and bases a change on, part by part; what a machine tells of its boots is none of it. */
const PARTS: readonly (readonly [name: string, read: (host: Host) => unknown])[] = [
  ['name', (host) => host.hostname],
  ['state', (host) => host.state],
  ['plan', (host) => [host.plan, host.expiresAt]],
  ['protection', (host) => host.protected],
  ['metadata', (host) => host.metadata],
  ['way to its disk', (host) => host.localBoot],
  ['way to start', (host) => host.firmwareBoot],
  ['identity', (host) => [host.macs, host.serial, host.uuid]],
]
/** In characters of six bits. A part has to differ for a person; that anything differs at all has to be certain. */
const PART_LENGTH = 6
const WHOLE_LENGTH = 22

/** A text that is another one whenever something about a host is that an editor sees. */
export function hostTag(host: Host): string {
  const values = PARTS.map(([, read]) => JSON.stringify(read(host) ?? null))
  const whole = hashOf([host.id, ...values].join('\n')).slice(0, WHOLE_LENGTH)
  return [whole, ...values.map((value) => hashOf(value).slice(0, PART_LENGTH))].join('.')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/**
 * Refuses a host that is not what it was when its tag was made.
 * @param tags any of them will do
 * @throws {ProvisionError} stale, saying what is another one by now
 */
export function expectTag(host: Host, tags: readonly string[]): void {
  const current = hostTag(host)
  if (tags.includes(current)) return
  const parts = tags.length === 1 ? changedParts(tags[0] ?? '', current) : []
  const what =
    parts.length === 0 ? 'what is known of it is' : `its ${listed(parts)} ${parts.length === 1 ? 'is' : 'are'}`
  throw new ProvisionError('stale', `${nameOf(host)} was changed meanwhile: ${what} not what you saw; look at it again`)
}

/** The name of a part of a host that a person changes by itself. */
export type HostPart = 'name' | 'metadata' | 'way to its disk' | 'way to start' | 'identity'

/**
 * Refuses a host of which these parts are not what they were when its tag was made. That its machine went on meanwhile keeps nobody from
 * changing something else about it.
 * @throws {ProvisionError} stale, as {@link expectTag}
 */
export function expectParts(host: Host, tag: string, parts: readonly HostPart[]): void {
  const changed: readonly string[] = changedParts(tag, hostTag(host))
  const isKnown = tag.split('.').length === PARTS.length + 1
  if (!isKnown || parts.some((part) => changed.includes(part))) expectTag(host, [tag])
}

function changedParts(tag: string, current: string): string[] {
  const [, ...before] = tag.split('.')
  const [, ...now] = current.split('.')
  if (before.length !== now.length) return []
  return PARTS.flatMap(([name], at) => (before[at] === now[at] ? [] : [name]))
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
