import type { Guest } from './guest.ts'
import { type Screen, seconds } from './screen.ts'
import type { Leg, Stage } from './stages.ts'

const CELL = 9

/** How long each leg of the road took, a column for each machine. */
export function showTimes(screen: Screen, guests: readonly Guest[], legs: readonly Leg[]): void {
  const width = Math.max(...legs.map(([, what]) => what.length))
  const row = (what: string, cells: readonly string[]) =>
    `  ${what.padEnd(width)}${cells.map((cell) => cell.padStart(CELL)).join('')}`
  screen.print(
    screen.colors.bold(
      row(
        'Time',
        guests.map(({ name }) => name),
      ),
    ),
  )
  let from: Stage = 'off'
  for (const [to, what] of legs) {
    const start = from
    screen.print(
      row(
        what,
        guests.map((guest) => cell(guest.between(start, to))),
      ),
    )
    from = to
  }
  screen.print(
    row(
      'from power-on to its own disk',
      guests.map((guest) => cell(guest.between('off', 'up'))),
    ),
  )
}

function cell(ms: number | undefined): string {
  return ms === undefined ? '-' : seconds(ms)
}
