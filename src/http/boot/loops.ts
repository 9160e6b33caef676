import { loopLimitsOf } from '../../commands/watch-settings.ts'
import type { Host } from '../../core/host.ts'
import { Arriving, type Soon } from '../../core/soon.ts'
import type { LoopLimits } from '../../core/watch/loops.ts'
import type { BootDoor } from './door.ts'

/** What operators set holds for so long, in ms: a rack that powers on at once must not ask for it machine by machine. */
const FRESH_MS = 2000

type LimitsOf = (host: Host) => LoopLimits

/** How often hosts may begin their installs, by what operators set. */
export class Loops {
  readonly #door: Pick<BootDoor, 'store' | 'now'>
  #known: { readonly at: number; readonly limits: Arriving<LimitsOf> } | undefined

  constructor(door: Pick<BootDoor, 'store' | 'now'>) {
    this.#door = door
  }

  /** Says it of any host. */
  limits(): Soon<LimitsOf> {
    const now = this.#door.now()
    const known = this.#known
    if (known !== undefined && Math.abs(now - known.at) < FRESH_MS) return known.limits.value
    const asking = this.#ask()
    const asked = { at: now, limits: new Arriving(asking) }
    this.#known = asked
    asking.catch(() => {
      if (this.#known === asked) this.#known = undefined
    })
    return asking
  }

  async #ask(): Promise<LimitsOf> {
    const defaults = await this.#door.store.readDefaults()
    return (host) => loopLimitsOf(defaults, host)
  }
}
