import type { Terminal } from './terminal.ts'

/** By convention 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

type StopName = keyof typeof EXIT_CODES

/** Somebody stopped the program before its work was done. */
export class Stopped extends Error {
  /** As in everything that an `AbortSignal` ends. */
  override readonly name = 'AbortError'
  readonly exitCode: number

  constructor(by: StopName) {
    super(`stopped by ${by}`)
    this.exitCode = EXIT_CODES[by]
  }
}

/** Disposed of, it leaves those signals to end the program as they do by themselves. */
export interface StopWatch extends Disposable {
  /** Fires with {@link Stopped}. */
  readonly signal: AbortSignal
}

/**
 * Waits for somebody who wants the program to stop, by Ctrl-C or SIGTERM, until it is disposed of. Work is then ended cleanly; asked a second
 * time, the program is gone at once.
 */
export function waitForStop(terminal: Terminal, stopping: string): StopWatch {
  const controller = new AbortController()
  const stop = (by: StopName): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[by])
    terminal.say(stopping)
    controller.abort(new Stopped(by))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}

/**
 * Does work that goes on until somebody has seen enough: Ctrl-C, SIGTERM, or a reader that closed the pipe (`… | head`). That is how such work is
 * meant to end. Asked a second time, the program is gone at once.
 */
export async function untilEnded(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const stop = (by: StopName): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[by])
    controller.abort()
  }
  const [interrupt, terminate, closed] = [() => stop('SIGINT'), () => stop('SIGTERM'), () => controller.abort()]
  process.on('SIGINT', interrupt).on('SIGTERM', terminate)
  process.stdout.on('error', closed)
  try {
    await work(controller.signal)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', terminate)
    process.stdout.off('error', closed)
  }
}
