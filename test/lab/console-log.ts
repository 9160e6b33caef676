import { EventEmitter } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'

/** What a machine's console says: `line` for each whole line, `text` for whatever has arrived, cleaned of control codes. */
interface ConsoleEvents {
  line: [string]
  text: [string]
  end: [string]
}

// biome-ignore lint/complexity/useRegexLiterals: written as a literal, this is unreadable
const CONTROL_SEQUENCE = new RegExp('\\u001b(?:\\[[0-9;?=]*[a-zA-Z]|[()][0-9A-Za-z]|[cDEHMZ78=>])', 'g')

/**
 * A serial console: kept in a file byte for byte, and in memory without the control codes with which firmware draws
 * its screens, so that tests can wait for words.
 */
export class ConsoleLog extends EventEmitter<ConsoleEvents> {
  readonly file: string
  readonly #stream: WriteStream
  #text = ''
  #pending = ''
  #lineStart = 0
  /** How far `waitFor` has read: a word is found once, as by a person who reads on. */
  #read = 0
  #ended: string | undefined

  constructor(file: string) {
    super()
    this.setMaxListeners(0)
    this.file = file
    this.#stream = createWriteStream(file, { flags: 'a' })
  }

  /** Everything that was said so far. */
  get text(): string {
    return this.#text
  }

  /** Takes what the serial line sent. */
  write(chunk: Buffer): void {
    this.#stream.write(chunk)
    // latin1 keeps every byte; a control sequence cut in two waits for its rest.
    const raw = this.#pending + chunk.toString('latin1')
    const cut = /\u001b[^a-zA-Z]{0,12}$/.exec(raw)?.index ?? raw.length
    this.#pending = raw.slice(cut)
    const clean = raw.slice(0, cut).replace(CONTROL_SEQUENCE, '').replaceAll('\r', '').replaceAll('\0', '')
    if (clean === '') return
    this.#text += clean
    this.emit('text', clean)
    this.#emitLines()
  }

  /** The machine is off; whoever waits need not wait longer. */
  end(reason: string): void {
    this.#ended = reason
    this.emit('end', reason)
  }

  /** The machine is on again. */
  reopen(): void {
    this.#ended = undefined
  }

  close(): void {
    this.#stream.end()
  }

  /** From now on `waitFor` finds only what is said later. */
  skip(): void {
    this.#read = this.#text.length
  }

  /**
   * Waits until the console says `pattern`, after whatever an earlier call found.
   * @throws {Error} after `ceilingMs`, or at once when the machine goes off: with the last 40 lines of the console
   */
  waitFor(pattern: RegExp | string, ceilingMs: number): Promise<RegExpExecArray> {
    const matcher =
      typeof pattern === 'string'
        ? new RegExp(pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        : new RegExp(pattern, pattern.flags.replace('g', ''))
    return new Promise((resolve, reject) => {
      const done = (finish: () => void) => {
        clearTimeout(timer)
        this.off('text', look)
        this.off('end', ended)
        finish()
      }
      const look = () => {
        const found = matcher.exec(this.#text.slice(this.#read))
        if (!found) return
        this.#read += found.index + found[0].length
        done(() => resolve(found))
      }
      const fail = (why: string) => done(() => reject(new Error(`${why} while waiting for ${matcher}\n${this.tail()}`)))
      const ended = (reason: string) => fail(reason)
      const timer = setTimeout(() => fail(`nothing after ${ceilingMs / 1000} s`), ceilingMs)
      this.on('text', look)
      this.on('end', ended)
      look()
      if (this.#ended !== undefined) fail(this.#ended)
    })
  }

  /** The last lines, for a person who wants to know what happened. */
  tail(lines = 40): string {
    const last = this.#text.split('\n').filter((line) => line.trim() !== '')
    return `--- last ${lines} lines of ${this.file}\n${last.slice(-lines).join('\n')}\n---`
  }

  #emitLines(): void {
    let end = this.#text.indexOf('\n', this.#lineStart)
    while (end >= 0) {
      this.emit('line', this.#text.slice(this.#lineStart, end))
      this.#lineStart = end + 1
      end = this.#text.indexOf('\n', this.#lineStart)
    }
  }
}
