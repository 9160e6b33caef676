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

/**
 * A signal that fires, with {@link Stopped}, when somebody wants the program to stop: Ctrl-C or SIGTERM. Work is then ended cleanly;
 * asked a second time, the program is gone at once.
 */
export function stopSignal(terminal: Terminal, stopping: string): AbortSignal {
  const controller = new AbortController()
  const stop = (by: StopName): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[by])
    terminal.say(stopping)
    controller.abort(new Stopped(by))
  }
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('SIGTERM', () => stop('SIGTERM'))
  return controller.signal
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
