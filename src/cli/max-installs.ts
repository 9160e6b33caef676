import { type Command, Option } from 'commander'
import { refuse } from './settings.ts'

/** Gives a command the number of hosts that may install at once. */
export function addMaxInstallsOption(command: Command, what: string): Command {
  return command.addOption(new Option('--max-installs <n>', what).env('METALSPRAY_MAX_INSTALLS'))
}

/** @throws {ProvisionError} invalid */
export function readMaxInstalls(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw refuse('is not a number from 1 on')
  return Number(text)
}
