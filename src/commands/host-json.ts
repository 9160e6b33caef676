import type { Attention } from '../core/attention.ts'
import type { Boot } from '../core/boot.ts'
import type { HostEvent } from '../core/event.ts'
import { expire } from '../core/greet.ts'
import type { Firmware, Host } from '../core/host.ts'
import { describeProgress, percentOf, rateOf } from '../core/install-progress.ts'
import { formatPlan } from '../core/plan.ts'
import { hideHostSecrets } from '../kinds/settings.ts'
import type { ConsoleLine, Install, NamedEvent, NamedInstall } from '../store/store.ts'

/**
 * A host as other programs read it: times as ISO 8601, what is not known as null, a void plan already gone, secrets hidden.
 * @param install the newest of this host
 * @param attention whether a person has to look at it, where that was asked
 */
export function hostJson(known: Host, now: number, install: Install | undefined, attention?: Attention) {
  const { host } = expire({ host: hideHostSecrets(known), events: [] }, now)
  return {
    id: host.id,
    hostname: host.hostname ?? null,
    state: host.state,
    image: host.plan.images[0] ?? null,
    plan: formatPlan(host.plan),
    expiresAt: isoTime(host.expiresAt),
    protected: host.protected,
    reason: host.reason ?? null,
    serial: host.serial ?? null,
    uuid: host.uuid ?? null,
    macs: host.macs,
    metadata: host.metadata,
    localBoot: host.localBoot,
    firmwareBoot: host.firmwareBoot,
    firmware: firmwareJson(host.firmware),
    address: host.address ?? null,
    createdAt: isoTime(host.createdAt),
    seenAt: isoTime(host.seenAt),
    install: install === undefined ? null : installJson(install),
    attention: attention ?? null,
  }
}

/** An event as other programs read it. */
export function eventJson(event: HostEvent) {
  const { id, hostId, boot, at, type, text, by } = event
  return { id, host: hostId, boot: boot ?? null, at: isoTime(at), type, text, by: by ?? null }
}

/** A boot as other programs read it. */
export function bootJson({ number, hostId, image, address, openedAt, progressedAt, endedAt, outcome }: Boot) {
  return {
    ...{ number, host: hostId, image: image ?? null, address: address ?? null, openedAt: isoTime(openedAt) },
    ...{ progressedAt: isoTime(progressedAt), endedAt: isoTime(endedAt), outcome: outcome ?? null },
  }
}

/** An event in a list of those of many hosts: with what its host is called now. */
export function namedEventJson(event: NamedEvent) {
  const { id, host, ...more } = eventJson(event)
  return { id, host, name: event.hostname ?? null, ...more }
}

/** What a console said. */
export function lineJson({ id, hostId, boot, at, severity, app, text }: ConsoleLine) {
  return { id, host: hostId, boot: boot ?? null, at: isoTime(at), severity: severity ?? null, app: app ?? null, text }
}

/** How far an install is, in the midst of others; `text` is for people. */
export function progressJson(install: NamedInstall) {
  const { hostId, hostname, progress } = install
  return { host: hostId, name: hostname ?? null, ...installJson(install), text: describeProgress(progress) }
}

/** Counts are those of the stage; what there is in all is known of some stages only. */
function installJson(install: Install) {
  const { progress, image, boot, stalled } = install
  return {
    image,
    boot,
    stage: progress.stage ?? null,
    percent: percentOf(progress) ?? null,
    files: progress.done.files,
    filesTotal: progress.total?.files ?? null,
    bytes: progress.done.bytes,
    bytesTotal: progress.total?.bytes ?? null,
    bytesPerSecond: rateOf(progress) ?? null,
    file: progress.file ?? null,
    heardAt: isoTime(progress.heardAt),
    stalled: stalled === undefined ? null : { at: isoTime(stalled.at), why: stalled.why },
  }
}

function firmwareJson(firmware: Firmware | undefined): { readonly [F in keyof Firmware]: string | null } | null {
  if (firmware === undefined) return null
  const { platform, arch, manufacturer, product, ipxe } = firmware
  return {
    platform: platform || null,
    arch: arch || null,
    manufacturer: manufacturer || null,
    product: product || null,
    ipxe: ipxe || null,
  }
}

function isoTime(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
