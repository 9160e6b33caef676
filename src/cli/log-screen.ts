import type { ConsoleLineText, EventLine, NewsLine } from './news-line.ts'
import type { Terminal } from './terminal.ts'
import { printable, toJsonLine } from './text.ts'
import { clock, paintOf } from './watch-screen.ts'

const TYPE_WIDTH = 14
/** From this severity of syslog on a line is no trouble: 4 is a warning. */
const HARMLESS = 5

/** Shows what is known of one host, line by line. */
export class LogScreen {
  readonly #terminal: Terminal
  readonly #isJson: boolean

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal
    this.#isJson = isJson
  }

  show(line: NewsLine): void {
    if (line.kind === 'progress') return
    this.#terminal.out(this.#isJson ? toJsonLine(line) : this.#text(line))
  }

  onBreak(why: unknown): void {
    this.#terminal.say(`${why instanceof Error ? why.message : String(why)}; trying again`)
  }

  #text(line: EventLine | ConsoleLineText): string {
    const { colors, now } = this.#terminal
    const time = colors.dim(clock(new Date(line.at), new Date(now())))
    const boot = (line.boot === null ? '' : `boot ${line.boot}`).padEnd(8)
    const isEvent = line.kind === 'event'
    const source = (isEvent ? line.type : `> ${line.app ?? ''}`).padEnd(TYPE_WIDTH)
    const paint = isEvent
      ? paintOf(line.type, colors)
      : (line.severity ?? HARMLESS) < HARMLESS
        ? colors.yellow
        : colors.dim
    const by = isEvent && line.by !== null ? colors.dim(` (by ${printable(line.by)})`) : ''
    return `${time}  ${boot}  ${paint(printable(source))}  ${printable(line.text)}${by}`
  }
}
