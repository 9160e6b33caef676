import type { NewEvent } from '../event.ts'
import type { Host } from '../host.ts'
import { nextState } from '../lifecycle.ts'

/** How often an install may begin. */
export interface LoopLimits {
  /** So many boots without an end are a loop, 0 for no such limit, */
  readonly boots: number
  /** when they were opened within so many ms. */
  readonly within: number
  /** How often it may begin again, however long that takes; `undefined` for as often as it is no loop. */
  readonly retry: number | undefined
}

/** The boots in which a host began one and the same install: its firmware may have started iPXE twice in one of them. */
export interface Attempts {
  /** The host's revision: another plan, or the next image of this one, begins anew. */
  readonly revision: number
  /** When they were opened, in ms since 1970, the oldest first. */
  readonly at: readonly number[]
}

/** Machines that start iPXE once more after it gave up do so within this, in ms: that is no boot of its own. */
const ONE_BOOT = 60_000
/** More say nothing more. */
const MOST = 21

/**
 * Counts a boot with an installer that is really being used: anybody can ask `/bootstrap`, so that asking alone counts for nothing.
 * @param openedAt when it was opened, in ms since 1970
 */
export function countAttempt(host: Host, openedAt: number): Attempts {
  const at = host.attempts?.revision === host.revision ? host.attempts.at : []
  const last = at.at(-1)
  const isSame = last !== undefined && openedAt - last < ONE_BOOT
  return { revision: host.revision, at: isSame ? at : [...at, openedAt].slice(-MOST) }
}

interface Known {
  readonly host: Host
  readonly events: readonly NewEvent[]
}

/** Fails a host that begins its install again and again, instead of letting it do so for ever. It asks for its next boot at `now`. */
export function breakLoop(known: Known, now: number, limitsOf: ((host: Host) => LoopLimits) | undefined): Known {
  const { host, events } = known
  const why = host.state === 'installing' && limitsOf !== undefined ? whyLoop(host, now, limitsOf) : undefined
  if (why === undefined) return known
  const image = host.plan.images[0]
  return {
    host: {
      ...host,
      state: nextState(host, 'fail'),
      revision: host.revision + 1,
      attempts: undefined,
      reason: `${image}: ${why}`,
    },
    events: [
      ...events,
      { type: 'looping', text: why },
      { type: 'failed', text: `${image} could not be applied: ${why}` },
    ],
  }
}

function whyLoop(host: Host, now: number, limitsOf: (host: Host) => LoopLimits): string | undefined {
  const { attempts, revision } = host
  const at = attempts?.revision === revision ? attempts.at : []
  const newest = at.at(-1)
  // The second iPXE of the boot that was the last one.
  if (newest === undefined || now - newest < ONE_BOOT) return undefined
  const { boots, within, retry } = limitsOf(host)
  const recent = at.filter((one) => now - one <= within)
  if (boots > 0 && recent.length >= boots) {
    const span = Math.max(1, Math.round((now - (recent[0] ?? now)) / 60_000))
    return `it began ${times(recent.length)} in ${span} min and never finished`
  }
  if (retry === undefined || at.length <= retry) return undefined
  return `it began ${times(at.length)} and never finished; watchdog.retry lets it begin again ${times(retry)}`
}

function times(count: number): string {
  return count === 0 ? 'not once' : count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}
