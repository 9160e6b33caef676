import type { Boot } from '../core/boot.ts'
import type { Greeting } from '../core/greet.ts'
import type { Host } from '../core/host.ts'
import type { Identity } from '../core/identity.ts'
import type { Soon } from '../core/soon.ts'
import { BootNumbers } from './boot-numbers.ts'
import type { BootQueue } from './boot-queue.ts'
import type { BriefView } from './brief-view.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Met, NewBoot } from './store.ts'
import type { Tables } from './tables.ts'

interface Parts {
  readonly tables: Tables
  readonly view: BriefView
  readonly commits: GroupCommit
  /** `undefined` for a database in memory, which no thread could open. */
  readonly queue: BootQueue | undefined
}

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
  readonly #numbers: BootNumbers

  constructor(parts: Parts) {
    this.#parts = parts
    this.#numbers = new BootNumbers(parts)
  }

  /** Answers at once where nothing has to be waited for. Never throws by itself. */
  greet(identity: Identity, boot: NewBoot, meet: Meet): Soon<Met> {
    try {
      return this.#meetQuickly(identity, boot, meet) ?? this.#meetSlowly(identity, boot, meet)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** @returns `undefined` when there is more to write than the boot, or something to wait for */
  #meetQuickly(identity: Identity, boot: NewBoot, meet: Meet): Met | undefined {
    const { tables, view, queue } = this.#parts
    if (queue === undefined || queue.room() !== undefined) return undefined
    return view.read(() => {
      const greeting = meet(tables.findMachine(identity))
      if (greeting.kind === 'conflict') return undefined
      const { host, isSeenAgain, events } = greeting
      const [event] = events
      if (!isSeenAgain || event === undefined || events.length > 1) return undefined
      const number = this.#numbers.take()
      if (number === undefined) return undefined
      const opened = openBoot(number, host, boot, greeting)
      queue.add(boot.hash, opened, event)
      return { ...greeting, boot: opened }
    })
  }

  async #meetSlowly(identity: Identity, boot: NewBoot, meet: Meet): Promise<Met> {
    for (;;) {
      await this.#parts.queue?.room()
      await this.#numbers.ready()
      const met = this.#meetQuickly(identity, boot, meet) ?? (await this.#meetAndCommit(identity, boot, meet))
      // Others have used up the numbers in the meantime.
      if (met !== undefined) return met
    }
  }

  /** @returns `undefined` when it could not get a number */
  #meetAndCommit(identity: Identity, boot: NewBoot, meet: Meet): Promise<Met | undefined> {
    const { tables, commits } = this.#parts
    return commits.run(() => {
      const greeting = meet(tables.findMachine(identity))
      if (greeting.kind === 'conflict') return refuse(tables, boot, greeting)
      const number = this.#numbers.take()
      if (number === undefined) return undefined
      const { known, isSeenAgain, events } = greeting
      const host = known === undefined ? tables.insertHost(greeting.host) : greeting.host
      if (known !== undefined && !isSeenAgain) tables.updateHost(known, host)
      const opened = openBoot(number, host, boot, greeting)
      tables.insertBoot(boot.hash, opened)
      tables.addEvents(host.id, number, boot.at, events)
      return { ...greeting, host, boot: opened }
    }, false)
  }

  /** Gives back what is left of the numbers. */
  close(): Promise<void> {
    return this.#numbers.close()
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
