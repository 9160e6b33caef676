/** Of a message so many bytes are kept. */
export const LONGEST_MESSAGE = 8192
/** A length with more digits is none. */
const MOST_DIGITS = 6

const [NUL, NEWLINE, SPACE, ZERO, NINE] = [0x00, 0x0a, 0x20, 0x30, 0x39]

/**
 * Cuts what comes over a connection into messages, as RFC 6587 says: `42 <13>…` has its length before it, everything else ends with a line
 * (or a zero byte). What is longer than a message may be is cut; never more than one message is kept.
 */
export class Frames {
  #state: 'start' | 'line' | 'counted' = 'start'
  #digits = ''
  #kept: Buffer[] = []
  #size = 0
  /** Bytes of a counted message that are still to come. */
  #left = 0

  /** Takes what came. @returns the messages that are whole now */
  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = []
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === 'start') at = this.#begin(chunk, at)
      else if (this.#state === 'line') at = this.#readLine(chunk, at, messages)
      else at = this.#readCounted(chunk, at, messages)
    }
    return messages
  }

  /** The message that was begun when the connection ended: a last line needs no end. */
  end(): Buffer[] {
    const messages: Buffer[] = []
    if (this.#state === 'start') this.#keep(Buffer.from(this.#digits))
    if (this.#state !== 'counted') this.#give(messages)
    return messages
  }

  #begin(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? NUL
    const isDigit = byte >= (this.#digits === '' ? ZERO + 1 : ZERO) && byte <= NINE
    if (isDigit && this.#digits.length < MOST_DIGITS) {
      this.#digits += String.fromCharCode(byte)
      return at + 1
    }
    if (byte === SPACE && this.#digits !== '') {
      this.#left = Number(this.#digits)
      this.#state = 'counted'
      this.#digits = ''
      return at + 1
    }
    // Some end their counted messages with a line as well.
    if (this.#digits === '' && (byte === NEWLINE || byte === NUL)) return at + 1
    this.#keep(Buffer.from(this.#digits))
    this.#digits = ''
    this.#state = 'line'
    return at
  }

  #readLine(chunk: Buffer, at: number, messages: Buffer[]): number {
    const ends = [chunk.indexOf(NEWLINE, at), chunk.indexOf(NUL, at)].filter((end) => end >= 0)
    const end = Math.min(chunk.length, ...ends)
    this.#keep(chunk.subarray(at, end))
    if (ends.length > 0) this.#give(messages)
    return end + 1
  }

  #readCounted(chunk: Buffer, at: number, messages: Buffer[]): number {
    const part = chunk.subarray(at, at + this.#left)
    this.#left -= part.length
    this.#keep(part)
    if (this.#left === 0) this.#give(messages)
    return at + part.length
  }

  #keep(part: Buffer): void {
    const fitting = part.subarray(0, LONGEST_MESSAGE - this.#size)
    if (fitting.length === 0) return
    this.#kept.push(Buffer.from(fitting))
    this.#size += fitting.length
  }

  #give(messages: Buffer[]): void {
    if (this.#size > 0) messages.push(Buffer.concat(this.#kept))
    this.#kept = []
    this.#size = 0
    this.#digits = ''
    this.#state = 'start'
  }
}
