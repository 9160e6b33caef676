import { createColors } from 'picocolors'

export type Colors = ReturnType<typeof createColors>

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const USUAL_WIDTH = 80

/** What a screen draws on: standard output, or a stand-in of a test. */
export interface Paper {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Lines that stay, and below them, on a terminal, a few that are drawn again in place. */
export class Screen implements Disposable {
  readonly isLive: boolean
  readonly colors: Colors
  readonly #paper: Paper
  #live: readonly string[] = []

  constructor(paper: Paper, env: NodeJS.ProcessEnv) {
    this.#paper = paper
    this.isLive = paper.isTTY === true && env['TERM'] !== 'dumb'
    this.colors = createColors(!env['NO_COLOR'] && (this.isLive || Boolean(env['FORCE_COLOR'])))
  }

  /** One less than there is: a full line would wrap, and then not be found again. */
  get width(): number {
    return (this.#paper.columns ?? USUAL_WIDTH) - 1
  }

  /** Prints lines that stay. */
  print(...lines: readonly string[]): void {
    this.#replace(lines, this.#live)
  }

  /** Draws the moving lines, in place of those before. Where nobody watches, there are none. */
  draw(lines: readonly string[]): void {
    if (this.isLive) this.#replace([], lines)
  }

  /** The headline of an act. */
  act(title: string): void {
    this.print('', this.colors.bold(`== ${title}`))
  }

  [Symbol.dispose](): void {
    this.draw([])
  }

  #replace(above: readonly string[], live: readonly string[]): void {
    const up = this.#live.length === 0 ? '' : `\u001b[${this.#live.length}A\r\u001b[J`
    const cursor = this.#cursor(live.length > 0)
    this.#live = live
    this.#paper.write(`${up}${[...above, ...live].map((line) => `${line}\n`).join('')}${cursor}`)
  }

  #cursor(isHidden: boolean): string {
    if (!this.isLive || isHidden === this.#live.length > 0) return ''
    return isHidden ? HIDE_CURSOR : SHOW_CURSOR
  }
}

/** A length of time as people read it beside others: `5.6 s`, `1 m 20 s`. */
export function seconds(ms: number): string {
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`
  const whole = Math.floor(ms / 1000)
  return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`
}
