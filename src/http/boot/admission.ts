import { readInstallLimits } from '../../commands/install-limits.ts'
import {
  type Limits,
  placeOf,
  type RunningInstall,
  stillRunning,
  stillWaiting,
  type Waiting,
} from '../../core/admission.ts'
import type { Gate } from '../../core/decide.ts'
import type { HostId } from '../../core/host.ts'
import type { Soon } from '../../core/soon.ts'
import type { BootDoor } from './door.ts'

/** How often the store is looked at for installs that began, ended, or were given another plan, in ms. */
const LOOK_MS = 500
/** What a host is when it asks whether it may begin. */
export interface Asking {
  /** When the boot was opened in which it asks, in ms since 1970. */
  readonly since: number
  /** Whether it begins when it may. */
  readonly begins: boolean
}

/**
 * Keeps the number of installs that run at once within limits. Who runs is in the store, so that a restart of the server forgets nobody;
 * who waits is in memory: each asks every few seconds, with a boot that knows since when.
 */
export class Admission {
  readonly #door: BootDoor
  #limits: Limits = { server: undefined, images: {} }
  #hasLimits = false
  #running: readonly RunningInstall[] = []
  /** Who was let in since the store was last looked at. */
  readonly #letIn = new Map<HostId, RunningInstall>()
  /** Those of them that are in the store as installing by now, unless something came in between. */
  readonly #stored = new Set<HostId>()
  readonly #queue = new Map<HostId, Waiting>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined

  constructor(door: BootDoor) {
    this.#door = door
  }

  /** Says that an install has just ended: the next one need not wait for the next look. */
  lookAgain(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY
  }

  /** Looks at the limits and at who runs, when that was not done just now. */
  #lookSoon(): Promise<void> | undefined {
    if (Math.abs(this.#door.now() - this.#lookedAt) < LOOK_MS) return undefined
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Makes a decision for which a host may begin to install, or waits. */
  decided<T>(asking: Asking, decision: (gate: Gate) => Soon<T>): Soon<T> {
    const looking = this.#lookSoon()
    if (looking === undefined && !this.#hasLimits) return decision(() => undefined)
    return this.#decidedWithin(looking, asking, decision)
  }

  async #decidedWithin<T>(
    looking: Promise<void> | undefined,
    asking: Asking,
    decision: (gate: Gate) => Soon<T>,
  ): Promise<T> {
    await looking
    const letIn: HostId[] = []
    try {
      return await decision(this.#gate(asking, (id) => letIn.push(id)))
    } finally {
      for (const id of letIn) this.#stored.add(id)
    }
  }

  #gate({ since, begins }: Asking, onLetIn: (id: HostId) => void): Gate {
    return (host, image) => {
      if (!this.#hasLimits || host.id === 0) return undefined
      const now = this.#door.now()
      const running = stillRunning([...this.#running, ...this.#letIn.values()], now)
      const isIn = running.some((one) => one.hostId === host.id && one.image === image.name)
      const before = this.#queue.get(host.id)
      if (isIn && before === undefined) return undefined
      const first = before?.image === image.name ? Math.min(before.since, since) : since
      this.#queue.set(host.id, { hostId: host.id, image: image.name, since: first, heardAt: now })
      const queue = stillWaiting([...this.#queue.values()], now)
      const { place, waiting } = placeOf(host.id, { running, queue, limits: this.#limits })
      if (place > 0) return { kind: 'queue', image, place, waiting }
      if (begins) {
        this.#queue.delete(host.id)
        this.#letIn.set(host.id, { hostId: host.id, image: image.name, heardAt: now })
        onLetIn(host.id)
      }
      return undefined
    }
  }

  async #look(): Promise<void> {
    const at = this.#door.now()
    this.#limits = await readInstallLimits(this.#door)
    this.#hasLimits = this.#limits.server !== undefined || Object.keys(this.#limits.images).length > 0
    if (this.#hasLimits) {
      const stored = [...this.#stored]
      this.#running = await this.#door.store.listRunning()
      for (const id of stored) {
        this.#stored.delete(id)
        this.#letIn.delete(id)
      }
      this.#forgetSilent(at)
    }
    this.#lookedAt = at
  }

  #forgetSilent(at: number): void {
    const waiting = new Set(stillWaiting([...this.#queue.values()], at).map(({ hostId }) => hostId))
    for (const hostId of this.#queue.keys()) if (!waiting.has(hostId)) this.#queue.delete(hostId)
  }
}
