import { setTimeout as pause } from 'node:timers/promises'
import { madeForBoot } from '../../commands/explain/keep-boot.ts'
import type { Host } from '../../core/host.ts'
import type { BootDoor, LiveBoot } from './door.ts'

/** Between two boots, in ms: machines that fetch come first. */
const PAUSE = 20
/** So many boots may wait to be kept; more than a room of machines that power on at once. */
const MOST = 5000

interface Waiting {
  readonly live: LiveBoot
  readonly base: string
}

/**
 * Keeps what was made for the newest boot of each host, to compare with what it would get next. It is made once more, with other values in the
 * place of secrets, when the machine has begun to fetch: one boot after the other, and never while a machine waits for it.
 */
export class Keeper {
  readonly #door: BootDoor
  readonly #waiting = new Map<Host['id'], Waiting>()
  readonly #closing = new AbortController()
  #work: Promise<void> | undefined

  constructor(door: BootDoor) {
    this.#door = door
  }

  /** Is told of a boot that has begun to fetch. @param base the server's address as its machine reached it */
  note(live: LiveBoot, base: string): void {
    if (live.boot.image === undefined || this.#closing.signal.aborted) return
    if (this.#waiting.size < MOST) this.#waiting.set(live.host.id, { live, base })
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined
    })
  }

  /** Forgets the boots that are not kept yet, and ends with the one that is being kept. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#work
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (this.#waiting.size > 0 && !signal.aborted) {
      // Its end is no fault.
      await pause(PAUSE, undefined, { signal, ref: false }).catch(() => {})
      const [next] = this.#waiting.values()
      if (next === undefined || signal.aborted) return
      this.#waiting.delete(next.live.host.id)
      // What cannot be made or written is missing in a comparison, and nowhere else.
      await this.#keep(next).catch(() => {})
    }
  }

  async #keep({ live: { host, boot }, base }: Waiting): Promise<void> {
    const { store, now } = this.#door
    const find = await this.#door.findImages()
    const image = boot.image === undefined ? undefined : find(boot.image)
    const current = await store.findHost(host.id)
    // Another plan is another boot's.
    if (image === undefined || current?.revision !== boot.revision) return
    const made = await madeForBoot({ ...this.#door, find, base }, current, image)
    await store.keepBoot({ hostId: host.id, boot: boot.number, at: now(), made })
  }
}
