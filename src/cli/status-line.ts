import type { Terminal } from './terminal.ts'

/** A line below everything that is printed, where somebody watches: each text takes the place of the one before. */
export class StatusLine {
  readonly #isLive: boolean
  #isShown = false

  constructor({ isLive }: Pick<Terminal, 'isLive'>) {
    this.#isLive = isLive
  }

  /** Shows a text, as much of it as fits into a line; none takes the line away. */
  show(text: string): void {
    if (!this.#isLive || (text === '' && !this.#isShown)) return
    const { stderr } = process
    const fitting = [...text].slice(0, (stderr.columns ?? 80) - 1).join('')
    stderr.write(`\r\u001b[K${fitting}`)
    this.#isShown = text !== ''
  }
}
