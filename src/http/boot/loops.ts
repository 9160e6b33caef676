import { loopLimitsOf } from '../../commands/watch-settings.ts'
import type { Host } from '../../core/host.ts'
import type { LoopLimits } from '../../core/watch/loops.ts'
import type { Defaults } from '../../store/store.ts'
import type { BootDoor } from './door.ts'

/** What operators set holds for so long, in ms: a rack that powers on at once must not ask for it machine by machine. */
const FRESH_MS = 2000

/** How often hosts may begin their installs, by what operators set. */
export class Loops {
  readonly #door: Pick<BootDoor, 'store' | 'now'>
  #defaults: { readonly at: number; readonly found: Promise<Defaults> } | undefined

  constructor(door: Pick<BootDoor, 'store' | 'now'>) {
    this.#door = door
  }

  /** Says it of any host. */
  async limits(): Promise<(host: Host) => LoopLimits> {
    const now = this.#door.now()
    if (this.#defaults === undefined || Math.abs(now - this.#defaults.at) >= FRESH_MS) {
      const asked = { at: now, found: this.#door.store.readDefaults() }
      this.#defaults = asked
      asked.found.catch(() => {
        if (this.#defaults === asked) this.#defaults = undefined
      })
    }
    const defaults = await this.#defaults.found
    return (host) => loopLimitsOf(defaults, host)
  }
}
