import type { MadeFile } from '../../../commands/explain/explanation.ts'
import type { Explanation } from '../../../commands/explain.ts'
import type { Attention } from '../../../core/attention.ts'
import type { HostEvent } from '../../../core/event.ts'
import { FIRMWARE_BOOTS, type Host, LOCAL_BOOTS, nameOf } from '../../../core/host.ts'
import { formatPlan } from '../../../core/plan.ts'
import { agoText, spanText } from '../../../core/words.ts'
import type { ImageSnapshot } from '../../../images/library.ts'
import type { Install } from '../../../store/store.ts'
import { hostLine } from './fleet-view.ts'
import { formOf } from './host-form.ts'
import { nextOf } from './next-view.ts'

/** All that is known of a host. */
export interface KnownToPage {
  readonly host: Host
  readonly install: Install | undefined
  readonly attention: Attention
  /** Oldest first. */
  readonly events: readonly HostEvent[]
  readonly explained: Explanation
  /** The files of that boot. */
  readonly made: readonly MadeFile[]
  readonly images: ImageSnapshot
  /** In ms since 1970. */
  readonly now: number
}

/** What a host's page shows, ready to be printed. */
export function hostView(known: KnownToPage) {
  const { host, install, attention, events, images, now } = known
  return {
    id: host.id,
    title: nameOf(host),
    line: hostLine(host, { install, attention, now }),
    reason: host.reason ?? '',
    facts: factsOf(host, now),
    identifiers: identifiersOf(host),
    next: nextOf(known.explained, known.made),
    plan: formatPlan(host.plan),
    form: formOf(host),
    images: images.list.flatMap(({ name, image }) => (image === undefined ? [] : [name])),
    localBoots: LOCAL_BOOTS,
    firmwareBoots: FIRMWARE_BOOTS,
    timeline: timelineOf(events, now),
  }
}

function factsOf(host: Host, now: number): readonly (readonly [string, string])[] {
  const { firmware } = host
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Id', String(host.id)],
    ['Machine', [firmware?.manufacturer, firmware?.product].filter(Boolean).join(' ')],
    ['Firmware', [firmwareText(firmware?.platform), firmware?.arch].filter(Boolean).join(', ')],
    ['iPXE', firmware?.ipxe],
    ['Address', host.address],
    ['Last asked', agoText(host.seenAt, now)],
    ['Known since', agoText(host.createdAt, now)],
    ['Newest boot with progress', host.progress === 0 ? '' : String(host.progress)],
  ]
  return facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]))
}

function firmwareText(platform: string | undefined): string | undefined {
  return platform === 'pcbios' ? 'BIOS' : platform === 'efi' ? 'UEFI' : platform
}

function identifiersOf({ macs, serial, uuid }: Host) {
  return [
    ...macs.map((mac) => ({ name: 'MAC', value: mac as string, forget: mac as string })),
    ...(serial === undefined ? [] : [{ name: 'Serial', value: serial, forget: 'serial' }]),
    ...(uuid === undefined ? [] : [{ name: 'UUID', value: uuid, forget: 'uuid' }]),
  ]
}

/** Newest first, with the time that passed since the event before it in the same boot. */
function timelineOf(events: readonly HostEvent[], now: number) {
  const lastOf = new Map<number, HostEvent>()
  const views = events.map((event) => {
    const before = event.boot === undefined ? undefined : lastOf.get(event.boot)
    if (event.boot !== undefined) lastOf.set(event.boot, event)
    return eventView(event, before, now)
  })
  return views.reverse()
}

function eventView(event: HostEvent, before: HostEvent | undefined, now: number) {
  const passed = before === undefined ? 0 : event.at - before.at
  return {
    ago: agoText(event.at, now),
    iso: new Date(event.at).toISOString(),
    boot: event.boot === undefined ? '' : `boot ${event.boot}`,
    after: passed < 1000 ? '' : `+${spanText(passed)}`,
    type: event.type,
    text: event.text,
    by: event.by ?? '',
    level: LEVELS[event.type] ?? '',
  }
}

const LEVELS: { readonly [T in HostEvent['type']]?: 'act' | 'look' | 'good' } = {
  failed: 'act',
  conflict: 'act',
  'fetch-failed': 'act',
  'template-error': 'act',
  refused: 'look',
  expired: 'look',
  finished: 'good',
}
