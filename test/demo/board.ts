import { setTimeout as sleep } from 'node:timers/promises'
import type { Rig } from '../lab/rig.ts'
import type { Guest } from './guest.ts'
import { type Screen, seconds } from './screen.ts'
import { messageOf } from './server-log.ts'
import { STAGES, type Stage } from './stages.ts'

const FRAME_MS = 100
const ASK_SERVER_MS = 500
/** Where lines cannot be drawn again, one comes at least so often. */
const SILENCE_MS = 9000
/** And so often, while the image is written. */
const WRITING_MS = 2000
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const BAR = 12
const STAGE_WIDTH = Math.max(...Object.values(STAGES).map((text) => text.length))

/** What did not happen, with the last words of who should have done it. */
export class Letdown extends Error {
  readonly evidence: readonly string[]

  constructor(message: string, evidence: readonly string[]) {
    super(message)
    this.evidence = evidence
  }
}

/** What a board shows. */
export interface BoardSubject {
  readonly rig: Rig
  /** The admin door, as it is reached in here. */
  readonly admin: string
  readonly screen: Screen
  readonly guests: readonly Guest[]
  /** Size of the unpacked image; 0 where its writing is not told. */
  readonly imageMib: number
  readonly signal: AbortSignal
  readonly now: () => number
}

/** A line for each machine: in place on a terminal, elsewhere one for each new stage. */
export class Board {
  readonly #on: BoardSubject
  #printedAt = 0
  #askedAt = 0
  #frame = 0
  /** What the server's health check finds wrong. */
  #troubles: readonly string[] = []

  constructor(subject: BoardSubject) {
    this.#on = subject
  }

  /** Watches until every machine has got to a stage, or beyond it, and `isDone` with it. @throws {Letdown} when one cannot any more */
  async until(expected: Stage, isDone: (guest: Guest) => boolean = () => true): Promise<void> {
    const { guests, signal, screen } = this.#on
    this.#printedAt = this.#on.now()
    for (;;) {
      await this.#look()
      if (guests.every((guest) => guest.reached.has(expected) && isDone(guest))) break
      await this.#checkAll(expected)
      await sleep(FRAME_MS, undefined, { signal })
    }
    screen.draw([])
  }

  /** Shows the machines for as long as nobody stops it. @throws {Letdown} when the server ends */
  async forever(): Promise<never> {
    for (;;) {
      await this.#look(false)
      this.#checkServer()
      await sleep(FRAME_MS, undefined, { signal: this.#on.signal })
    }
  }

  /** A stage that was reached, where it cannot be seen in place. */
  tell(guest: Guest): void {
    if (!this.#on.screen.isLive && guest.stage !== 'firmware') this.#print(guest)
  }

  async #look(breaksSilence = true): Promise<void> {
    const { screen, guests, now } = this.#on
    if (now() - this.#askedAt > ASK_SERVER_MS) await this.refresh()
    this.#frame += 1
    screen.draw(guests.map((guest) => this.#line(guest)))
    if (screen.isLive || !breaksSilence) return
    const isWriting = guests.some(({ stage }) => stage === 'write')
    if (now() - this.#printedAt < (isWriting ? WRITING_MS : SILENCE_MS)) return
    for (const guest of guests) if (!isWriting || guest.stage === 'write') this.#print(guest)
  }

  /** Asks how the server sees the machines. */
  async refresh(): Promise<void> {
    const hosts = await this.#on.rig.hosts()
    this.#troubles = await troublesAt(this.#on.admin)
    for (const guest of this.#on.guests) {
      const serial = guest.machine.spec.serial
      const before = guest.host?.state
      guest.host = hosts.find((host) => host.serial === serial)
      if (before === 'installing' && guest.host?.state === 'finished') this.#tellCallback(guest)
    }
    this.#askedAt = this.#on.now()
  }

  #tellCallback({ name, host }: Guest): void {
    const { screen } = this.#on
    screen.print(`  ${screen.colors.green('✓')} ${name} called back: for the server host ${host?.id} is finished now`)
  }

  async #checkAll(expected: Stage): Promise<void> {
    const { guests, signal } = this.#on
    const lost = guests.find((guest) => guest.failure(expected) !== undefined)
    if (lost === undefined) return this.#checkServer()
    // Ctrl-C reaches QEMU too, and maybe earlier than us.
    await sleep(FRAME_MS, undefined, { signal })
    const tail = lost.machine.console.tail(20).split('\n').slice(1, -1)
    throw new Letdown(`${lost.name} has not got so far that it ${STAGES[expected]}: ${lost.failure(expected)}`, [
      `last lines of its console, ${lost.machine.console.file}:`,
      ...tail,
    ])
  }

  #checkServer(): void {
    const { rig, signal } = this.#on
    if (signal.aborted || (rig.isServing && this.#troubles.length === 0)) return
    const what = rig.isServing ? `the server is in trouble: ${this.#troubles.join('; ')}` : 'the server has ended'
    throw new Letdown(what, ['last lines of its log:', ...rig.log.slice(-15).map(messageOf)])
  }

  #print(guest: Guest): void {
    this.#printedAt = this.#on.now()
    this.#on.screen.print(`  ${seconds(guest.age).padStart(7)}  ${guest.name}  ${STAGES[guest.stage]}${mibOf(guest)}`)
  }

  #line(guest: Guest): string {
    const { screen, imageMib } = this.#on
    const { colors } = screen
    const isUp = guest.stage === 'up' || guest.stage === 'configured'
    const mark = isUp ? '✓' : (SPINNER[this.#frame % SPINNER.length] ?? '')
    const isWriting = guest.stage === 'write' && imageMib > 0
    const bar = isWriting ? `${String(guest.mib).padStart(3)} of ${imageMib} MiB ${barOf(guest.mib / imageMib)}` : ''
    const stage = (isWriting ? STAGES.write : STAGES[guest.stage]).padEnd(STAGE_WIDTH)
    const head = `${seconds(guest.age).padStart(7)}  ${guest.name} ${mark} ${stage}  `
    const room = screen.width - 2 - head.length
    const tail = (isWriting ? bar : guest.words).slice(0, Math.max(room, 0))
    if (room < 0) return `  ${head}`.slice(0, screen.width)
    return `  ${isUp ? colors.green(head) : colors.cyan(head)}${isWriting ? colors.yellow(tail) : colors.dim(tail)}`
  }
}

function mibOf(guest: Guest): string {
  return guest.stage === 'write' && guest.mib > 0 ? `, ${guest.mib} MiB so far` : ''
}

function barOf(part: number): string {
  const full = Math.min(Math.round(part * BAR), BAR)
  return '█'.repeat(full) + '░'.repeat(BAR - full)
}

/** A server that does not answer is noticed otherwise. */
async function troublesAt(admin: string): Promise<readonly string[]> {
  const answer = await fetch(`${admin}/healthz`).catch(() => undefined)
  const health = (await answer?.json().catch(() => undefined)) as { readonly troubles?: readonly string[] } | undefined
  return health?.troubles ?? []
}
