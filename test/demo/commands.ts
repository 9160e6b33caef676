import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { PROGRAM_ENV } from '../lab/run-program.ts'
import type { Screen } from './screen.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The programs of the project by the scripts that a person types, and what these start. */
const PROGRAMS = { metalspray: 'src/cli/main.ts', 'edit-host': 'src/cli/edit-host-main.ts' } as const
export type ProgramName = keyof typeof PROGRAMS

/** How a script is called from where the person stands. */
export function typed(program: string, ...args: readonly string[]): string {
  const script = join(ROOT, 'scripts', program)
  const near = relative(process.cwd(), script)
  return [near.startsWith('..') ? script : near, ...args.map(quoted)].join(' ')
}

/** As a shell wants it. */
function quoted(word: string): string {
  return /[^\w@%+=:,./-]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word
}

/** Shows a command as a person would type it. */
export function showCommand(screen: Screen, line: string): void {
  screen.print(`  ${screen.colors.green('$')} ${screen.colors.bold(line)}`)
}

export interface Folders {
  readonly data: string
  readonly images: string
}

/**
 * Types a command, with `input` behind a pipe when there is any, and shows what it says. Where the folders are, it is told by its environment, so that the line is the
 * one that a person types.
 * @throws {Error} when it ends with any other status than 0
 */
export async function type(
  screen: Screen,
  folders: Folders,
  command: readonly [program: ProgramName, ...args: readonly string[]],
  input?: string,
): Promise<void> {
  const [program, ...args] = command
  const pipe = input === undefined ? '' : `echo ${quoted(input)} | `
  showCommand(screen, `${pipe}${typed(program, ...args)}`)
  const child = spawn(process.execPath, [join(ROOT, PROGRAMS[program]), ...args], {
    // Its bars are drawn on standard error, where there is somebody to see them.
    stdio: [
      input === undefined ? 'ignore' : 'pipe',
      'pipe',
      screen.isLive && args[0] === 'import' ? 'inherit' : 'pipe',
    ],
    env: {
      ...PROGRAM_ENV,
      METALSPRAY_DATA: folders.data,
      METALSPRAY_IMAGES: folders.images,
      ...(screen.colors.isColorSupported ? { FORCE_COLOR: '1' } : {}),
    },
  })
  // One that ends without reading says why by itself.
  child.stdin?.on('error', () => undefined).end(`${input}\n`)
  const print = (line: string) => screen.print(`  ${line}`)
  for (const output of [child.stdout, child.stderr]) if (output) createInterface({ input: output }).on('line', print)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  if (code !== 0) throw new Error(`${typed(program, ...args)} ended with ${signal ?? `status ${code}`}`)
}
