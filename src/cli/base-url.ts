import { type Command, Option } from 'commander'
import { refuse } from './settings.ts'

/** Gives a command the address that machines are told. */
export function addBaseUrlOption(command: Command, what: string): Command {
  return command.addOption(new Option('--base-url <url>', what).env('METALSPRAY_BASE_URL'))
}

/** @throws {ProvisionError} invalid */
export function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (!isPlain || !/^https?:$/.test(url.protocol)) throw refuse('is not an address like http://10.0.0.1:5000')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
