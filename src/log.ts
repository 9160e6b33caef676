import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { build as pretty } from 'pino-pretty'

export type { Logger } from 'pino'

/** Lines for a person when somebody looks, JSON for a program otherwise. No bootid is in them: routes are logged, not addresses. */
export function createLogger(level: string): Logger {
  if (!process.stdout.isTTY) return pino({ level }, turnByTurn(destination({ dest: process.stdout.fd, sync: true })))
  return pino(
    { level },
    pretty({
      colorize: true,
      sync: true,
      singleLine: true,
      ignore: 'pid,hostname,reqId',
      translateTime: 'SYS:HH:MM:ss',
    }),
  )
}

/**
 * Writes the lines of one turn of the event loop at once: many machines leave many of them, and each would cost as much as finding its
 * host. Pino's own way gathers lines while some are written, and copies all that it has gathered for each.
 */
function turnByTurn(output: DestinationStream): DestinationStream & { flushSync(): void } {
  let lines = ''
  const flushSync = () => {
    const gathered = lines
    lines = ''
    if (gathered !== '') output.write(gathered)
  }
  process.on('exit', flushSync)
  return {
    write(line) {
      if (lines === '') setImmediate(flushSync)
      lines += line
    },
    flushSync,
  }
}
