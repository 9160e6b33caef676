import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const SCRIPTS = join(import.meta.dirname, 'stand-in')

/** What one of the stand-in's awk programs says, run by the awk that it is run by in the machine. */
export interface AwkAnswer {
  readonly lines: readonly string[]
  readonly status: number
}

/**
 * Runs an awk program of the stand-in on a text, outside of any machine.
 * @throws {Error} when awk itself finds fault with the program
 */
export function runStandInAwk(
  program: string,
  input: string | Uint8Array,
  values: Readonly<Record<string, string>> = {},
): AwkAnswer {
  const assigned = Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`])
  const run = spawnSync('/bin/busybox', ['awk', ...assigned, '-f', join(SCRIPTS, program)], {
    input,
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
  })
  if (run.error) throw new Error('busybox is missing: sudo apt-get install busybox-static', { cause: run.error })
  if (run.stderr !== '') throw new Error(`${program}: ${run.stderr}`)
  return { lines: run.stdout.split('\n').filter((line) => line !== ''), status: run.status ?? -1 }
}
