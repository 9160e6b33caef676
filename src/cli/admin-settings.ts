import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AdminReach } from '../admin-access.ts'
import { refuse, type SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { addOption } from './variable-option.ts'

/** Gives `serve` the flags that say how people reach the admin door. */
export function addAdminOptions(command: Command): void {
  addOption(
    command,
    ['--admin-host <address>', '127.0.0.1'],
    'its address; on another one than loopback it asks for a token',
  )
  addOption(
    command,
    ['--admin-token-required'],
    'ask for a token on loopback, too: behind a proxy, or where many may log in',
  )
  addOption(
    command,
    ['--admin-url <url>'],
    'address by which people reach the admin door, when a proxy or a name leads there',
  )
  addOption(command, ['--tls-cert <file>'], 'certificate of the admin door (PEM, with its chain)')
  addOption(command, ['--tls-key <file>'], 'the private key of --tls-cert (PEM)')
}

/** Reads how people reach the admin door. */
export function readAdminReach(settings: SettingsReader, { cwd }: Pick<Terminal, 'cwd'>): AdminReach {
  const file = (text: string) => resolve(cwd, text)
  const cert = settings.read('tlsCert', file)
  const key = settings.read('tlsKey', file)
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['tlsKey', '--tls-cert'] : ['tlsCert', '--tls-key']
    settings.wrong(`${settings.called(given)} goes with ${missing}`)
  }
  return {
    tokenRequired: settings.flag('adminTokenRequired'),
    url: settings.read('adminUrl', readAdminUrl),
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
  }
}

function readAdminUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // Pages and the cookie are for the whole host: the door cannot be below a path.
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  if (!isPlain) throw refuse('is not an address like https://metalspray.example, without a path')
  return url.origin
}
