import type { HostId } from './host.ts'

/** A host whose install goes on, so far as is known. */
export interface RunningInstall {
  readonly hostId: HostId
  readonly image: string
  /** When the machine was last heard, in ms since 1970. */
  readonly heardAt: number
}

/** A host that is to install an image and has not begun. */
export interface Waiting {
  readonly hostId: HostId
  readonly image: string
  /** When it first asked, in ms since 1970: who asked first is first. */
  readonly since: number
  readonly heardAt: number
}

/** So many installs at once; `undefined` for as many as there are. */
export interface Limits {
  readonly server: number | undefined
  readonly images: { readonly [image: string]: number }
}

/** Where a host stands. */
export interface Place {
  /** 0: it may begin. 1: the next one. */
  readonly place: number
  /** How many wait in all. */
  readonly waiting: number
}

/**
 * An install of which nothing was heard for so long holds nobody up any more, in ms. Long, since an installer that writes to its disk
 * has nothing to say.
 */
export const SLOT_SILENCE = 30 * 60_000
/** A host that does not ask for so long is no more in the queue, in ms. */
export const QUEUE_SILENCE = 60_000

/** The installs that still count. */
export function stillRunning(installs: readonly RunningInstall[], now: number): readonly RunningInstall[] {
  return installs.filter(({ heardAt }) => now - heardAt < SLOT_SILENCE)
}

/** The hosts that still wait, the first first. */
export function stillWaiting(queue: readonly Waiting[], now: number): readonly Waiting[] {
  return queue.filter(({ heardAt }) => now - heardAt < QUEUE_SILENCE).toSorted((a, b) => a.since - b.since)
}

/**
 * Says where a host stands in the queue. Those before it take their slots first, whether they have come for them yet or not: so nobody is
 * overtaken, except by hosts for other images while the limit of his own image is what keeps him.
 * @param queue in order, the host among them
 */
export function placeOf(
  hostId: HostId,
  { running, queue, limits }: { running: readonly RunningInstall[]; queue: readonly Waiting[]; limits: Limits },
): Place {
  const queued = new Set(queue.map((one) => one.hostId))
  const taken = new Map<string, number>()
  let all = 0
  const take = (image: string) => {
    all += 1
    taken.set(image, (taken.get(image) ?? 0) + 1)
  }
  for (const slot of running) if (!queued.has(slot.hostId)) take(slot.image)
  const hasRoom = (image: string) =>
    all < (limits.server ?? Number.POSITIVE_INFINITY) &&
    (taken.get(image) ?? 0) < (limits.images[image] ?? Number.POSITIVE_INFINITY)
  let waiting = 0
  let place = 0
  for (const one of queue) {
    if (hasRoom(one.image)) {
      take(one.image)
      continue
    }
    waiting += 1
    if (one.hostId === hostId) place = waiting
  }
  return { place, waiting }
}
