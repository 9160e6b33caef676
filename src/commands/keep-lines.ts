import type { HeardFrom } from '../core/heard-from.ts'
import type { NewConsoleLine, Store } from '../store/store.ts'
import type { SyslogListener } from '../syslog/receiver.ts'

/** What became of the messages so far. */
export interface LineCounts {
  /** Those that are in the timeline of a host, or on their way there. */
  readonly kept: number
  /** From an address at which no host was heard. */
  readonly unmatched: number
  /** From a sender that sends too many, */
  readonly refused: number
  /** or that came while too many waited to be written. */
  readonly dropped: number
}

/** How long lines gather before they are written, in ms. */
const PAUSE = 250
/** So many may wait. */
const MOST_WAITING = 20_000
/** So many are written at once: what boots write waits no longer than that takes. */
const BATCH = 500

/** Writes what machines say into the timelines of their hosts: in batches, behind everything else, and never more than it can. */
export class LineKeeper implements SyslogListener, AsyncDisposable {
  readonly #store: Pick<Store, 'addLines'>
  readonly #heard: HeardFrom
  readonly #now: () => number
  readonly #onError: (error: unknown) => void
  #waiting: NewConsoleLine[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #counts = { kept: 0, unmatched: 0, refused: 0, dropped: 0 }

  constructor(
    { store, heard, now }: { readonly store: Pick<Store, 'addLines'>; readonly heard: HeardFrom; now(): number },
    onError: (error: unknown) => void,
  ) {
    this.#store = store
    this.#heard = heard
    this.#now = now
    this.#onError = onError
  }

  get counts(): LineCounts {
    return { ...this.#counts }
  }

  message(...[sender, message]: Parameters<SyslogListener['message']>): void {
    const heard = this.#heard.at(sender)
    if (heard === undefined) this.#counts.unmatched += 1
    else if (this.#waiting.length >= MOST_WAITING) this.#counts.dropped += 1
    else if (message.text !== '') {
      this.#counts.kept += 1
      this.#waiting.push({ hostId: heard.host, boot: heard.boot, at: this.#now(), ...message })
      this.#timer ??= setTimeout(() => this.#write(), PAUSE)
    }
  }

  refused(): void {
    this.#counts.refused += 1
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    while (this.#waiting.length > 0) await this.#writeBatch()
  }

  #write(): void {
    this.#timer = undefined
    this.#writing = this.#writeBatch().finally(() => {
      this.#writing = undefined
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#write(), PAUSE / 10)
    })
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, BATCH)
    try {
      await this.#store.addLines(batch)
    } catch (error) {
      this.#counts.kept -= batch.length
      this.#counts.dropped += batch.length
      this.#onError(error)
    }
  }
}
