import type { Host } from '../../src/core/host.ts'
import type { Machine } from '../lab/machine.ts'
import { quotable, readLine, STAGES, type Stage } from './stages.ts'

/** Firmware and iPXE say less in a minute than this; a machine so long at one thing does not come back from it. */
const PATIENCE_MS = 4 * 60_000

/** A machine that is being watched: what its console told of how far it is. */
export class Guest {
  readonly machine: Machine
  readonly name: string
  stage: Stage = 'off'
  /** When it reached each stage last, by a clock of its own. */
  readonly reached = new Map<Stage, number>()
  mib = 0
  /** The last words on its console. */
  words = ''
  /** What its own disk said when it came up. */
  ownWords = ''
  /** As the server sees it. */
  host: Host | undefined
  #failure: string | undefined
  #movedAt = 0
  readonly #now: () => number
  readonly #onStage: (guest: Guest) => void

  constructor(machine: Machine, options: { readonly now: () => number; readonly onStage: (guest: Guest) => void }) {
    this.machine = machine
    this.name = machine.spec.name
    this.#now = options.now
    this.#onStage = options.onStage
    machine.console.on('line', (line) => this.#read(line))
    machine.console.on('end', (reason) => {
      this.#failure = reason
    })
  }

  /** Presses the power button. */
  async powerOn(): Promise<void> {
    this.#enter('firmware', true)
    await this.machine.powerOn()
  }

  /** Presses the reset button: all is timed anew. */
  async reset(): Promise<void> {
    await this.machine.reset()
    this.#enter('firmware', true)
  }

  /** How long ago it was powered on or reset. */
  get age(): number {
    return this.#now() - (this.reached.get('off') ?? this.#now())
  }

  /** How long it took from one stage to another, in ms. */
  between(from: Stage, to: Stage): number | undefined {
    const [a, b] = [this.reached.get(from), this.reached.get(to)]
    return a === undefined || b === undefined ? undefined : b - a
  }

  /** From now on something new is expected of it. */
  nudge(): void {
    this.#movedAt = this.#now()
  }

  /** Why it will not get to where it is expected; `undefined` as long as it may. */
  failure(expected: Stage): string | undefined {
    if (this.#failure !== undefined) return this.#failure
    if (this.host?.state === 'failed') return `the server calls it failed: ${this.host.reason ?? 'without a reason'}`
    const still = this.#now() - this.#movedAt
    if (this.reached.has(expected) || still < PATIENCE_MS) return undefined
    return `for ${Math.round(still / 60_000)} minutes nothing new but that it ${STAGES[this.stage]}`
  }

  #read(line: string): void {
    const words = quotable(line)
    if (words === '') return
    this.words = words
    const told = readLine(line)
    if (told.failure !== undefined) this.#failure = told.failure
    if (told.mib !== undefined && told.mib !== this.mib) {
      this.mib = told.mib
      this.#movedAt = this.#now()
    }
    if (told.stage === 'up' || told.stage === 'configured') this.ownWords = words
    if (told.stage !== undefined) this.#enter(told.stage)
  }

  #enter(stage: Stage, isPowerOn = false): void {
    if (isPowerOn) {
      this.reached.clear()
      this.reached.set('off', this.#now())
      this.#failure = undefined
    }
    // Between the end of an installer and its disk, firmware and iPXE come again: that is all the same reboot.
    if (this.stage === 'reboot' && (stage === 'firmware' || stage === 'ipxe' || stage === 'ask')) return
    if (stage === this.stage && !isPowerOn) return
    this.stage = stage
    this.#movedAt = this.#now()
    if (stage === 'write') this.mib = 0
    this.reached.set(stage, this.#now())
    this.#onStage(this)
  }
}
