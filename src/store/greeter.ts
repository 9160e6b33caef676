import type { Boot } from '../core/boot.ts'
import type { Greeting } from '../core/greet.ts'
import type { Host } from '../core/host.ts'
import type { Identity } from '../core/identity.ts'
import type { BootQueue } from './boot-queue.ts'
import type { GroupCommit } from './group-commit.ts'
import type { GroupRead } from './group-read.ts'
import { isOnlySeenAgain } from './rows.ts'
import type { Met, NewBoot } from './store.ts'
import type { Tables } from './tables.ts'

/** Numbers of boots that are reserved at once, */
const RESERVED = 1000
/** and how many are left when the next ones are: nobody waits for them then. */
const FEW = 500

interface Parts {
  readonly tables: Tables
  readonly reads: GroupRead
  readonly commits: GroupCommit
  /** `undefined` for a database in memory, which no thread could open. */
  readonly queue: BootQueue | undefined
}

interface Numbers {
  readonly next: number
  readonly last: number
}

const NONE: Numbers = { next: 1, last: 0 }

type MetGreeting = Extract<Greeting, { kind: 'met' }>
type Meet = (sharing: readonly Host[]) => Greeting

/**
 * Meets machines. Most are hosts of which nothing is new but that they were seen again: such a boot needs no transaction of its own and
 * is left to the queue. Any other is written before it is answered.
 *
 * Both ways take their numbers here, so that a newer boot has the greater one whichever way it went. They are reserved in the database,
 * since a second process must not give out the same.
 */
export class Greeter {
  readonly #parts: Parts
  #numbers: Numbers = NONE
  /** Those that are used up next. Another process may have taken some in between. */
  #following: Numbers = NONE
  #reserving: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async greet(identity: Identity, boot: NewBoot, meet: Meet): Promise<Met> {
    const { queue } = this.#parts
    for (;;) {
      const room = queue?.room()
      if (room !== undefined) await room
      if (this.#numbers.next > this.#numbers.last && this.#following === NONE) await this.#reserve()
      const quick = queue === undefined ? undefined : await this.#meetQuickly(queue, identity, boot, meet)
      const met = quick ?? (await this.#meetAndCommit(identity, boot, meet))
      // Others have used up the numbers in the meantime.
      if (met !== undefined) return met
    }
  }

  /** @returns `undefined` when there is more to write than the boot */
  #meetQuickly(queue: BootQueue, identity: Identity, boot: NewBoot, meet: Meet): Promise<Met | undefined> {
    const { tables, reads } = this.#parts
    return reads.run(() => {
      const greeting = meet(tables.sharing(identity))
      if (greeting.kind === 'conflict') return undefined
      const { known, host, events } = greeting
      const [event] = events
      if (known === undefined || event === undefined || events.length > 1) return undefined
      if (!isOnlySeenAgain(known, host)) return undefined
      const number = this.#number()
      if (number === undefined) return undefined
      const opened = openBoot(number, host, boot, greeting)
      queue.add(boot.hash, opened, event)
      return { ...greeting, boot: opened }
    })
  }

  /** @returns `undefined` when it could not get a number */
  #meetAndCommit(identity: Identity, boot: NewBoot, meet: Meet): Promise<Met | undefined> {
    const { tables, commits } = this.#parts
    return commits.run(() => {
      const greeting = meet(tables.sharing(identity))
      if (greeting.kind === 'conflict') return refuse(tables, boot, greeting)
      const number = this.#number()
      if (number === undefined) return undefined
      const { known, events } = greeting
      const host = known === undefined ? tables.insertHost(greeting.host) : greeting.host
      if (known !== undefined && !isOnlySeenAgain(known, host)) tables.updateHost(known, host)
      const opened = openBoot(number, host, boot, greeting)
      tables.insertBoot(boot.hash, opened)
      tables.addEvents(host.id, number, boot.at, events)
      return { ...greeting, host, boot: opened }
    }, false)
  }

  #number(): number | undefined {
    if (this.#numbers.next > this.#numbers.last) {
      this.#numbers = this.#following
      this.#following = NONE
    }
    const { next, last } = this.#numbers
    if (next > last) return undefined
    this.#numbers = { next: next + 1, last }
    // Whoever finds none is told why, and tries again.
    if (last - next < FEW && this.#following === NONE) this.#reserve().catch(() => {})
    return next
  }

  #reserve(): Promise<void> {
    const { tables, commits } = this.#parts
    this.#reserving ??= commits
      .run(() => tables.reserveBoots(RESERVED), false)
      .then((last) => {
        this.#following = { next: last - RESERVED + 1, last }
      })
      .finally(() => {
        this.#reserving = undefined
      })
    return this.#reserving
  }

  /** Gives back the numbers that are left, so that a restart leaves no gap. */
  async close(): Promise<void> {
    const { tables, commits } = this.#parts
    // A gap is all that comes of a failure.
    await this.#reserving?.catch(() => {})
    const left = [this.#following, this.#numbers].filter(({ next, last }) => next <= last)
    this.#numbers = this.#following = NONE
    if (left.length === 0) return
    const giveBack = () => left.forEach(({ next, last }) => void tables.returnBoots(next - 1, last))
    await commits.run(giveBack, false).catch(() => {})
  }
}

function openBoot(number: number, host: Host, boot: NewBoot, { decision }: MetGreeting): Boot {
  return {
    number,
    hostId: host.id,
    image: decision.kind === 'install' ? decision.image.name : undefined,
    revision: host.revision,
    address: boot.address,
    openedAt: boot.at,
    progressedAt: undefined,
    endedAt: undefined,
    outcome: undefined,
  }
}

function refuse(tables: Tables, boot: NewBoot, conflict: Extract<Greeting, { kind: 'conflict' }>): Met {
  // The machine asks every minute until somebody settles it: that is told once.
  for (const host of conflict.hosts) tables.addNews(host.id, boot.at, conflict.events)
  return { ...conflict, hosts: conflict.hosts.map(({ id }) => tables.existing(id)) }
}
