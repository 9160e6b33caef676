import type { Socket } from 'node:net'

/** How often it is looked how far files on their way are, in ms. */
const LOOK = 1000
/** With so many files on their way each is looked at less often, in ms a file: every look is written. */
const PACE = 3

/** An answer that carries a file. */
export interface Flight {
  readonly socket: Socket
  readonly size: number
  /** Is told how many bytes were sent, when there are more than at the last look. */
  onMore(bytes: number): void
}

interface Flying {
  readonly flight: Flight
  /** What the socket had sent before. */
  readonly base: number
  bytes: number
  lookedAt: number
}

/** Watches files that are on their way for long, by what their sockets have sent. */
export class Flights {
  readonly #flying = new Set<Flying>()
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /** Watches an answer. @returns what ends that */
  start(flight: Flight): () => void {
    const flying: Flying = { flight, base: flight.socket.bytesWritten, bytes: 0, lookedAt: this.#now() }
    this.#flying.add(flying)
    this.#timer ??= setInterval(() => this.look(), LOOK).unref()
    return () => {
      this.#flying.delete(flying)
      if (this.#flying.size === 0) this.close()
    }
  }

  /** Looks at all that were not looked at for a while. */
  look(): void {
    const at = this.#now()
    const pause = Math.max(LOOK, this.#flying.size * PACE)
    for (const flying of this.#flying) {
      if (at - flying.lookedAt < pause) continue
      flying.lookedAt = at
      const { socket, size, onMore } = flying.flight
      // What still waits in this process is not sent.
      const bytes = Math.min(size, socket.bytesWritten - socket.writableLength - flying.base)
      if (bytes <= flying.bytes) continue
      flying.bytes = bytes
      onMore(bytes)
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
