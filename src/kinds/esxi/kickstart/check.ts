import { checkCommands, checkScripts, checkText } from './check-file.ts'
import { checkInstall, checkPartitions } from './check-install.ts'
import { checkNetwork } from './check-network.ts'
import { checkValues } from './check-values.ts'
import { isKnownCommand, readCommand } from './command-rules.ts'
import { type Command, type Kickstart, parseKickstart } from './parse.ts'
import { errorAt, type Problem } from './problem.ts'

export type { Problem } from './problem.ts'

/** What is known of an install beside its kickstart. */
export interface CheckOptions {
  /** Whether the host has Secure Boot. */
  readonly secureBoot?: boolean
  /** Files that the kickstart includes, by their names there. What is in others cannot be known. */
  readonly files?: ReadonlyMap<string, string>
}

/** Rules of which the installer itself warns, and stops when it is told to be `paranoid`. */
const INSTALLER_WARNS: ReadonlySet<string> = new Set(['ascii', 'unknown', 'ignored', 'network-guess', 'hostname-digit'])

/**
 * Checks a finished kickstart by the rules of ESXi's installer, in the order of its lines. Everything that it includes is known
 * only where `files` has it; what may be missing is not called missing otherwise.
 */
export function checkKickstart(
  text: string,
  { secureBoot = false, files = new Map() }: CheckOptions = {},
): readonly Problem[] {
  const parsed = parseKickstart(text)
  const { commands, open, problems } = withIncluded(parsed, files)
  const said = commands.filter((command) => command.isWhole && isKnownCommand(command.name)).map(readCommand)
  const scripts = parsed.scripts.filter((script) => script.isWhole && isKnownCommand(script.name)).map(readCommand)
  const found = [
    ...checkText(text),
    ...problems,
    ...checkCommands({ commands, scripts: [] }),
    ...[...said, ...scripts].flatMap((one) => one.problems),
    ...checkScripts(parsed.scripts, scripts, secureBoot),
    ...checkInstall(said, open),
    ...checkValues(said, open),
    ...checkNetwork(said),
    ...checkPartitions(said),
  ]
  const isParanoid = commands.some(({ name }) => name === 'paranoid')
  return found
    .map((problem) =>
      isParanoid && INSTALLER_WARNS.has(problem.rule) ? { ...problem, severity: 'error' as const } : problem,
    )
    .toSorted((one, other) => one.line - other.line)
}

interface Included {
  readonly commands: readonly Command[]
  /** Whether something is included that cannot be looked into. */
  readonly open: boolean
  readonly problems: readonly Problem[]
}

/** Puts what is included in the place of its command, whose line stands for all of it. */
function withIncluded({ commands }: Kickstart, files: ReadonlyMap<string, string>): Included {
  const problems: Problem[] = []
  let open = false
  const all = commands.flatMap((command) => {
    if (!/^%?include$/.test(command.name) || !command.isWhole) return [command]
    const [name = ''] = command.words
    if (name !== '' && !isIncludable(name)) {
      problems.push(errorAt(command, 'include', 'wants one file or address, of printable characters without blanks'))
    }
    const text = files.get(name)
    open ||= text === undefined
    const inner = text === undefined ? [] : parseKickstart(text).commands
    return [command, ...inner.map((one) => ({ ...one, line: command.line }))]
  })
  return { commands: all, open, problems }
}

/** A path or an address; the installer keeps what it downloads under the address's last part. */
function isIncludable(name: string): boolean {
  if (!/^[!-~]+$/.test(name) || name.endsWith('/')) return false
  return !/^[a-z]+:/i.test(name) || /^(?:https?|ftp|nfs|file|cdrom|usb):/i.test(name)
}
