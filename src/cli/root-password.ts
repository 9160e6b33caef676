import { type Command, Option } from 'commander'
import { ProvisionError } from '../core/errors.ts'
import { formatPath, type SettingChange } from '../core/setting.ts'
import { Misuse, type SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Where a root password is to come from. */
export type PasswordSource = { readonly from: 'prompt' | 'stdin' } | { readonly from: 'hash'; readonly hash: string }

const PATH = ['esxi', 'rootPassword'] // as commands/root-password.ts has it, which loads all that hashes
/** More than any password has, in characters; a file that was meant for something else is not read to its end. */
const MOST_INPUT = 10_000

/** Gives a command the ways to set ESXi's root password, none of which puts it into the list of processes or the shell's history. */
export function addRootPasswordOptions(command: Command, whose: string): Command {
  const asked = new Option('--root-password [never]', `ask for the root password ${whose}, without showing it`)
  // A password behind the flag is understood to be refused, in words that do not repeat it.
  asked.flags = '--root-password'
  return command
    .optionsGroup('Root password of ESXi (only its SHA-512 crypt hash is kept):')
    .addOption(asked)
    .option('--root-password-stdin', 'read it from standard input, one line')
    .option('--root-password-hash <hash>', "set its hash: '$6$SALT$...', as `openssl passwd -6` prints it")
}

/** Reads which way was chosen; what is wrong with it is left with `settings`, without a word of the password. */
export function readPasswordSource(
  settings: SettingsReader,
  changes: readonly SettingChange[] | undefined,
): PasswordSource | undefined {
  const ways = ['rootPassword', 'rootPasswordStdin', 'rootPasswordHash'].filter((name) => settings.isGiven(name))
  if (ways.length === 0) return undefined
  if (ways.length > 1) settings.wrong(`${ways.map((name) => settings.called(name)).join(' and ')} exclude each other`)
  if (settings.text('rootPassword') !== undefined) {
    settings.wrong(
      '--root-password takes no password: on a command line others can read it, and the shell keeps it. It is asked for; choose another one now',
    )
  }
  const isSet = changes?.some(({ path }) => formatPath(path) === formatPath(PATH))
  if (isSet === true) settings.wrong('esxi.rootPassword is set or unset twice')
  if (settings.isGiven('rootPasswordStdin') && settings.text('metadata') === '-') {
    settings.wrong('--metadata - and --root-password-stdin both read standard input')
  }
  const hash = settings.text('rootPasswordHash')
  if (hash !== undefined) return { from: 'hash', hash }
  return { from: ways[0] === 'rootPassword' ? 'prompt' : 'stdin' }
}

/**
 * Gets the password from where it comes, and makes of it what is kept.
 * @throws {ProvisionError} invalid, for a password or a hash that ESXi would refuse; conflict, when nobody is there to be asked
 */
export async function getRootPassword(terminal: Terminal, source: PasswordSource): Promise<SettingChange> {
  if (source.from === 'hash') return { path: PATH, value: source.hash }
  const clear = source.from === 'stdin' ? await oneLine(terminal) : await askTwice(terminal)
  const { setRootPassword } = await import('../commands/root-password.ts')
  const { change, warnings } = setRootPassword(clear)
  for (const warning of warnings) terminal.say(`warning: ${warning}`)
  return change
}

/** A program that prints a password ends its line, which is no part of it. */
async function oneLine(terminal: Terminal): Promise<string> {
  const text = await terminal.readInput()
  if (text.length > MOST_INPUT) throw new ProvisionError('invalid', 'standard input is too long for a password')
  return text.replace(/\r?\n$/, '')
}

async function askTwice(terminal: Terminal): Promise<string> {
  const answers = await terminal.askSecrets(['Root password: ', 'The same again: '])
  if (answers === undefined) {
    throw new Misuse(
      '--root-password asks, and nobody is here to answer; use --root-password-stdin or --root-password-hash',
    )
  }
  const [first = '', second = ''] = answers
  if (first !== second) throw new ProvisionError('invalid', 'the two are not the same; nothing was changed')
  return first
}
