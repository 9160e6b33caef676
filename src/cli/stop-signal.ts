import type { Terminal } from './terminal.ts'

/**
 * A signal that fires when somebody wants the program to stop: Ctrl-C or SIGTERM. Work is then ended cleanly;
 * asked a second time, the program is gone at once.
 */
export function stopSignal(terminal: Terminal, stopping: string): AbortSignal {
  const controller = new AbortController()
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143)
    terminal.say(stopping)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
