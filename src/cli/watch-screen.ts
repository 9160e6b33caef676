import type { EventLine, NewsLine, ProgressLine } from './news-line.ts'
import { StatusLine } from './status-line.ts'
import type { Terminal } from './terminal.ts'
import { printable, toJsonLine } from './text.ts'

/** Of an install that was not heard for so long nothing more is shown, in ms. */
const FORGOTTEN = 600_000
const NAME_WIDTH = 16
const TYPE_WIDTH = 14
/** Events by which an install is over, or is another one. */
const ENDS = new Set(['finished', 'failed', 'advanced', 'assigned', 'booted', 'deleted', 'merged'])
const BAD = new Set(['failed', 'fetch-failed', 'conflict', 'refused', 'template-error', 'stalled', 'expired'])

/** Shows news as they come: for people with the running installs in a last line that stays, or as JSON. */
export class WatchScreen {
  readonly #terminal: Terminal
  readonly #isJson: boolean
  readonly #status: StatusLine
  readonly #running = new Map<number, { readonly text: string; readonly heardAt: number }>()

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal
    this.#isJson = isJson
    this.#status = new StatusLine(terminal)
  }

  show(line: NewsLine): void {
    if (this.#isJson) this.#terminal.out(toJsonLine(line))
    else if (line.kind === 'progress') this.#progress(line)
    else if (line.kind === 'event') this.#event(line)
  }

  /** Says something beside the news. */
  say(text: string): void {
    this.#status.show('')
    this.#terminal.say(text)
    this.#draw()
  }

  /** Takes the last line away. */
  close(): void {
    this.#status.show('')
  }

  #event(line: EventLine): void {
    if (ENDS.has(line.type)) this.#running.delete(line.host)
    this.#status.show('')
    this.#terminal.out(eventText(line, this.#terminal))
    this.#draw()
  }

  #progress(line: ProgressLine): void {
    const text = `${nameIn(line)} ${printable(line.text)}`
    this.#running.set(line.host, { text, heardAt: this.#terminal.now() })
    this.#draw()
  }

  #draw(): void {
    const now = this.#terminal.now()
    for (const [host, { heardAt }] of this.#running) if (now - heardAt > FORGOTTEN) this.#running.delete(host)
    const texts = [...this.#running.values()].map(({ text }) => text)
    const count = texts.length > 1 ? `${texts.length} installing: ` : ''
    this.#status.show(count + texts.join(' | '))
  }
}

/** `10:31:07  esx1  booted  boot 7: is to install esxi8 (by token ci)`. */
export function eventText(line: EventLine, { colors, now }: Pick<Terminal, 'colors' | 'now'>): string {
  const type = line.type.padEnd(TYPE_WIDTH)
  const by = line.by === null ? '' : colors.dim(` (by ${printable(line.by)})`)
  const time = colors.dim(clock(new Date(line.at), new Date(now())))
  const paint = paintOf(line.type, colors)
  return `${time}  ${colors.bold(nameIn(line).padEnd(NAME_WIDTH))}  ${paint(printable(type))}  ${printable(line.text)}${by}`
}

/** The colour of a type of event: what is bad, what is good, and the rest. */
export function paintOf(type: string, colors: Terminal['colors']): (text: string) => string {
  if (BAD.has(type)) return colors.red
  return type === 'finished' ? colors.green : colors.cyan
}

function nameIn({ name, host }: EventLine | ProgressLine): string {
  return name === null ? `host ${host}` : printable(name)
}

/** The time of day, with its date when that is not today's. */
export function clock(at: Date, now: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  if (at.toDateString() === now.toDateString()) return time
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}
