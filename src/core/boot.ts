import { ProvisionError } from './errors.ts'
import type { NewEvent } from './event.ts'
import { type Host, type HostId, nameOf } from './host.ts'
import { nextState } from './lifecycle.ts'
import { countAttempt } from './watch/loops.ts'

/** One answered `/bootstrap` of one host. Its bootid is known to the machine alone; the server keeps a hash. */
export interface Boot {
  /** Counts all boots of all hosts: a greater number is a newer boot. */
  readonly number: number
  readonly hostId: HostId
  /** The image that this boot serves, when it installs one. */
  readonly image: string | undefined
  /** The host's revision when the boot was opened. */
  readonly revision: number
  /** The address that asked, for people only. */
  readonly address: string | undefined
  readonly openedAt: number
  /** When its first file was fetched or its first callback came, in ms since 1970. */
  readonly progressedAt: number | undefined
  readonly endedAt: number | undefined
  readonly outcome: 'finished' | 'failed' | undefined
}

const STAGE_TEXTS = {
  started: 'started: the installer runs its first scripts',
  configured: 'configured: the installed system has run its first scripts',
} as const

/** What an installer tells of itself on the way, beside the end of the install. */
export type InstallerStage = keyof typeof STAGE_TEXTS

/** Whether a text is such a stage. */
export function isInstallerStage(text: string): text is InstallerStage {
  return Object.hasOwn(STAGE_TEXTS, text)
}

/** What a machine's request changed. A refused request may still leave an event. */
export interface BootChange {
  readonly host: Host
  readonly boot: Boot
  readonly events: readonly NewEvent[]
  /** In ms since 1970. */
  readonly at: number
  readonly refused?: ProvisionError
}

/**
 * Notes that a boot is really being used: a file of it was fetched, or it called back.
 * This, not the opening of a newer boot, is what ends the boots before it: anybody can ask `/bootstrap`.
 */
export function progress(host: Host, boot: Boot, now: number): BootChange {
  const refused = refusal(host, boot)
  if (refused !== undefined) return { host, boot, events: [], at: now, refused }
  if (boot.progressedAt !== undefined) return { host, boot, events: [], at: now }
  const isOfPlan = boot.image !== undefined && boot.revision === host.revision
  const attempts = isOfPlan ? countAttempt(host, boot.openedAt) : host.attempts
  return {
    host: { ...host, progress: boot.number, attempts },
    boot: { ...boot, progressedAt: now },
    events: [],
    at: now,
  }
}

/**
 * Ends a boot whose image is on the disk: takes that image off the plan. Told twice, it changes nothing and is no error.
 * It can never take off another image than the one that this boot served.
 */
export function finish(host: Host, boot: Boot, now: number): BootChange {
  if (boot.outcome === 'finished') return { host, boot, events: [], at: now }
  const live = progress(host, boot, now)
  const refused = live.refused ?? notInstalling(host, boot)
  if (refused !== undefined) return refuse({ ...live, host, boot }, 'finish', refused)
  const images = host.plan.images.slice(1)
  const state = nextState(host, images.length > 0 ? 'advance' : 'complete')
  const next = images.length > 0 ? `next is ${images[0]}` : `it is ${state} now`
  return {
    host: {
      ...live.host,
      state,
      plan: { ...host.plan, images },
      revision: host.revision + 1,
      attempts: undefined,
      reason: undefined,
    },
    boot: { ...live.boot, endedAt: now, outcome: 'finished' },
    events: [{ type: images.length > 0 ? 'advanced' : 'finished', text: `${boot.image} is applied; ${next}` }],
    at: now,
  }
}

/** Ends a boot that could not apply its image: the host gets no installer again until an operator says so. */
export function fail(host: Host, boot: Boot, reason: string, now: number): BootChange {
  if (boot.outcome === 'failed') return { host, boot, events: [], at: now }
  const live = progress(host, boot, now)
  const refused = live.refused ?? notInstalling(host, boot)
  if (refused !== undefined) return refuse({ ...live, host, boot }, 'fail', refused)
  const told = reason === '' ? 'no reason given' : reason
  return {
    host: {
      ...live.host,
      state: nextState(host, 'fail'),
      revision: host.revision + 1,
      attempts: undefined,
      reason: `${boot.image}: ${told}`,
    },
    boot: { ...live.boot, endedAt: now, outcome: 'failed' },
    events: [{ type: 'failed', text: `${boot.image} could not be applied: ${told}` }],
    at: now,
  }
}

/** Keeps what a boot script or an installer has to say. A report of a boot that is over is still worth keeping. */
export function report(host: Host, boot: Boot, text: string, now: number): BootChange {
  const live = progress(host, boot, now)
  return { host: live.host, boot: live.boot, events: [{ type: 'report', text }], at: now }
}

/**
 * Keeps how far an installer says it is. Like a report it changes nothing but what is known: a boot that is over may say it too, since a
 * system that was installed says so after its install has ended.
 */
export function noteStage(host: Host, boot: Boot, stage: InstallerStage, now: number): BootChange {
  const live = progress(host, boot, now)
  return { host: live.host, boot: live.boot, events: [{ type: 'stage', text: STAGE_TEXTS[stage] }], at: now }
}

function refuse(unchanged: BootChange, callback: string, refused: ProvisionError): BootChange {
  return { ...unchanged, events: [{ type: 'refused', text: `${callback} refused: ${refused.message}` }], refused }
}

/** Why a boot may fetch and say nothing any more. */
function refusal(host: Host, boot: Boot): ProvisionError | undefined {
  if (boot.number >= host.progress) return undefined
  return new ProvisionError('unauthorized', `this boot of ${nameOf(host)} is over: a newer one took its place`)
}

/** Why a callback cannot end the install of this boot: it serves no image, or another plan was made since. */
function notInstalling(host: Host, boot: Boot): ProvisionError | undefined {
  if (boot.image === undefined) {
    return new ProvisionError('unauthorized', `nothing was being installed in this boot of ${nameOf(host)}`)
  }
  if (boot.outcome === undefined && boot.revision === host.revision && host.state === 'installing') return undefined
  return new ProvisionError('unauthorized', `the plan of ${nameOf(host)} was changed after this boot`)
}
