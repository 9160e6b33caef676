import { type Command, Option } from 'commander'

/** Adds a flag with its variable: `--admin-port` is also `METALSPRAY_ADMIN_PORT`. */
export function addOption(command: Command, [flags, preset]: readonly [string, string?], help: string): void {
  const option = new Option(flags, help)
  option.env(`METALSPRAY_${option.name().toUpperCase().replaceAll('-', '_')}`)
  command.addOption(preset === undefined ? option : option.default(preset))
}
