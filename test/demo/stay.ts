import type { Rig } from '../lab/rig.ts'
import type { Board } from './board.ts'
import { typed } from './commands.ts'
import type { Guest } from './guest.ts'
import type { Screen } from './screen.ts'
import type { Wanted } from './story.ts'

const CTRL_C = '\u0003'

interface Stay {
  readonly screen: Screen
  readonly rig: Rig
  readonly wanted: Wanted
  readonly guests: readonly Guest[]
  readonly board: Board
  readonly image: string
  readonly signal: AbortSignal
  /** Does as Ctrl-C. */
  readonly stop: () => void
}

/** Where a person sees the machines. @param port where the admin door is published */
export function fleetPage(port: number): string {
  return `http://127.0.0.1:${port}/`
}

/** Leaves all of it up, says what can be done with it, and shows the machines until it is stopped. @throws {Letdown} when the server ends */
export async function stay({ screen, rig, wanted, guests, board, image, signal, stop }: Stay): Promise<void> {
  const { colors } = screen
  const host = guests[0]?.host?.id ?? 1
  screen.act('It stays up until Ctrl-C, which ends everything and leaves nothing behind')
  const rows: [string, string][] = [
    ['boot door', `${rig.url}  (for the machines: their network cannot be reached from outside)`],
    ['the fleet', wanted.port === 0 ? 'not published: ports 5001 to 5009 are all taken' : fleetPage(wanted.port)],
    ['console', `tail -f ${guests[0]?.machine.console.file}`],
    ['server log', `tail -f ${rig.serverLog}`],
    ['hosts', typed('edit-host', '--data', rig.data, '-l')],
    ['again', typed('edit-host', '--data', rig.data, '--images', rig.images, '-i', String(host), '-s', image)],
  ]
  for (const [what, how] of rows) screen.print(`  ${what.padEnd(11)} ${colors.cyan(how)}`)
  const canReset = listenForKeys(screen, guests, stop)
  if (canReset)
    screen.print(
      `  ${'reset'.padEnd(11)} ${guests.length === 1 ? 'the key 1' : `the keys 1 to ${guests.length}`} here: the reset button, so that a machine takes up what is assigned`,
    )
  screen.print('')
  await board.forever().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  screen.draw([])
}

/** A digit presses the reset button of that machine. @returns whether there is a keyboard */
function listenForKeys(screen: Screen, guests: readonly Guest[], stop: () => void): boolean {
  const { stdin } = process
  if (!stdin.isTTY || !screen.isLive) return false
  // Key by key and without echo, so that the lines that move stay where they are. Ctrl-C is then a key as well.
  stdin.setRawMode(true)
  process.once('exit', () => stdin.setRawMode(false))
  stdin.on('data', (keys: Buffer) => {
    for (const key of keys.toString('latin1')) {
      if (key === CTRL_C || key === 'q') stop()
      const guest = /[1-8]/.test(key) ? guests[Number(key) - 1] : undefined
      guest?.reset().catch((error: unknown) => screen.print(`  ${guest.name}: ${String(error)}`))
    }
  })
  return true
}
