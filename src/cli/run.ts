import { type Command, CommanderError } from 'commander'
import { ProvisionError } from '../core/errors.ts'
import { version } from '../package.ts'
import { Misuse } from './settings.ts'
import { Stopped } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

/** What the program tells the shell. 0, 1 and 2 are KIWIspray's. */
const EXIT = { done: 0, refused: 1, misuse: 2, bug: 70 } as const

/** Says that a subcommand was refused after it has told why itself. */
export class Refused extends Error {}

/** Runs a program to its end and turns whatever comes of it into an exit code and one line for the person who typed it. */
export async function run(program: Command, argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program.parseAsync([...argv])
    return EXIT.done
  } catch (error) {
    return explain(error, terminal)
  }
}

/** Prepares a program so that it throws instead of ending the process: the exit code is decided in one place. */
export function prepare(program: Command, terminal: Terminal): Command {
  return program
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.say(withoutValue(text).trimEnd()),
    })
    .showSuggestionAfterError()
}

/** A mistyped `--root-pasword=SECRET` is told without what stands behind it. */
function withoutValue(message: string): string {
  return message.replace(/(unknown option '[^'=]*)=.*'/s, "$1'")
}

function explain(error: unknown, terminal: Terminal): number {
  // commander has printed its own message already.
  if (error instanceof CommanderError)
    return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? EXIT.done : EXIT.misuse
  if (error instanceof Refused) return EXIT.refused
  if (error instanceof Misuse) {
    terminal.say(`error: ${error.message}`)
    return EXIT.misuse
  }
  const stopped = stopOf(error)
  if (stopped !== undefined) {
    terminal.say('stopped; nothing was changed')
    return stopped.exitCode
  }
  if (error instanceof ProvisionError) {
    terminal.say(`error: ${error.message}`)
    return EXIT.refused
  }
  return explainSurprise(error, terminal)
}

function explainSurprise(error: unknown, terminal: Terminal): number {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (terminal.env['METALSPRAY_DEBUG'] === '1' && error instanceof Error) terminal.say(error.stack ?? message)
  // The disk is full, the database is locked for too long: the world's fault, told in the system's words.
  if (code !== undefined && /^(SQLITE_|E[A-Z0-9]+$)/.test(code) && !code.startsWith('ERR_')) {
    terminal.say(`error: ${message}`)
    return EXIT.refused
  }
  terminal.say(`error: this is a bug in metalspray ${version()}: ${message}`)
  terminal.say('Please report it (see CONTRIBUTING.md) with what METALSPRAY_DEBUG=1 prints for the same command.')
  return EXIT.bug
}

/** Node's own errors of what a signal ended have its reason as their cause. */
function stopOf(error: unknown): Stopped | undefined {
  if (error instanceof Stopped) return error
  return error instanceof Error && error.cause instanceof Stopped ? error.cause : undefined
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
