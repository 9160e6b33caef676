import { constants } from 'node:os'
import type { Firmware } from '../lab/firmware.ts'
import { Letdown } from './board.ts'
import { Screen } from './screen.ts'
import { SHOWS } from './shows.ts'
import { tellStory } from './story.ts'

/**
 * What scripts/demo runs inside the lab, having checked what was asked for: `main.ts kiwi|esxi FIRMWARE MACHINES stay|exit PORT`.
 * Ends with 0 when all went well, 1 when something did not happen, 128 and the signal's number when it was stopped before.
 */
const CLOSED = 141
/** One Ctrl-C may arrive twice: from the terminal, and passed on. */
const AGAIN_MS = 500

const [show, firmware, machines, leave, port] = process.argv.slice(2)
const stopping = new AbortController()
const screen = new Screen(process.stdout, process.env)
let stoppedAt = Number.POSITIVE_INFINITY
let stopped = 128 + constants.signals.SIGINT
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
// Nobody reads any more: `scripts/demo | head`.
process.stdout.on('error', () => process.exit(CLOSED))
process.exit(await main())

function stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
  stopped = 128 + constants.signals[signal]
  // Once more, by somebody who does not want to wait: the kernel takes all of it away with this process.
  if (performance.now() - stoppedAt > AGAIN_MS) process.exit(stopped)
  stoppedAt = Math.min(stoppedAt, performance.now())
  stopping.abort()
}

async function main(): Promise<number> {
  const wanted = {
    show: SHOWS[show as keyof typeof SHOWS],
    firmware: firmware as Firmware,
    machines: Number(machines),
    exit: leave === 'exit',
    port: Number(port),
  }
  try {
    const end = await tellStory(screen, wanted, stopping)
    if (end === 'stopped') screen.print('', 'Ended; nothing is left.')
    return 0
  } catch (error) {
    screen.draw([])
    if (stopping.signal.aborted) {
      screen.print('', 'Stopped; nothing is left.')
      return stopped
    }
    explain(error)
    return 1
  }
}

function explain(error: unknown): void {
  const { colors } = screen
  screen.print('', colors.red(`✗ ${error instanceof Error ? error.message : String(error)}`))
  if (error instanceof Letdown) screen.print(...error.evidence.map((line) => `  ${line}`))
  if (process.env['METALSPRAY_LAB_KEEP'] === undefined) {
    screen.print(colors.dim('Run it with METALSPRAY_LAB_KEEP=1 to keep the consoles and the server log.'))
  }
}
