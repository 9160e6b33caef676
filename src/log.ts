import { destination, type Logger, pino } from 'pino'
import { build as pretty } from 'pino-pretty'

export type { Logger } from 'pino'

/** Lines for a person when somebody looks, JSON for a program otherwise. No bootid is in them: routes are logged, not addresses. */
export function createLogger(level: string): Logger {
  if (!process.stdout.isTTY) {
    // At once, line by line: pino's own way gathers lines while one is written, and copies all that it has gathered for each.
    return pino({ level }, destination({ dest: process.stdout.fd, sync: true }))
  }
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
