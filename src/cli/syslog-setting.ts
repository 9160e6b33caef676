import { isIP } from 'node:net'
import type { SyslogAddress } from '../syslog/receiver.ts'
import { refuse } from './settings.ts'

const ANY = '0.0.0.0'

/** Reads `514`, `10.0.0.1:514` or `[::]:514`. @throws {ProvisionError} invalid */
export function readSyslog(text: string): SyslogAddress {
  const [, before, port = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const host = before?.replace(/^\[(.*)\]$/, '$1') ?? ANY
  const isPlain = before === undefined || !before.includes(':') || before.startsWith('[')
  if (isIP(host) === 0 || !isPlain || port === '' || Number(port) > 65_535) {
    throw refuse('is not a port like 514, or an address and port like 10.0.0.1:514')
  }
  return { host, port: Number(port) }
}
