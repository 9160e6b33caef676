import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { databaseFile, openStore } from '../commands/open-store.ts'
import type { Mac } from '../core/identity.ts'
import { dhcpHostsWriter, writeDhcpConfig } from '../dhcp.ts'
import { findNetwork } from '../dnsmasq/interface.ts'
import { findIpxe, IPXE_NAMES, makeTftpRoot } from '../dnsmasq/ipxe-files.ts'
import type { ServeSettings } from '../serve.ts'
import { addFolderOptions, existingFolder, readFolders } from './folders.ts'
import { addDhcpOptions, addIpxeOption, addPortOption, readDhcp, readPort } from './serve-settings.ts'
import { refuse, SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'

const MORE = `
For a dnsmasq that you run yourself; \`metalspray serve --interface IF\` runs one by itself.
  metalspray dnsmasq-config --interface eth1 > /etc/dnsmasq.d/metalspray.conf

The folder for TFTP, ipxe/ in the data folder, is made and filled with iPXE on the way. So are dnsmasq/hosts/ and dnsmasq/options/, which tell of hosts with
--firmware-boot http: run it again when these have changed, and send dnsmasq a SIGHUP.`

/** Adds `dnsmasq-config`: what dnsmasq must be told, for those who run it themselves. */
export function addDnsmasqConfig(program: Command, terminal: Terminal): void {
  const command = program
    .command('dnsmasq-config')
    .description('print a configuration for dnsmasq: BIOS, UEFI, UEFI HTTP boot, or beside another DHCP server')
  addDhcpOptions(command)
  addPortOption(command)
  addIpxeOption(command)
  addFolderOptions(command, 'data')
    .addHelpText('after', MORE)
    .action(async () => {
      const settings = new SettingsReader(command, terminal)
      const { data } = readFolders(settings, terminal)
      const dhcp = readDhcp(settings)
      const bootPort = settings.read('port', readBootPort)
      const ipxe = settings.read('ipxe', (text) => existingFolder(resolve(terminal.cwd, text)))
      if (!settings.isGiven('interface')) settings.wrong('which network? Name it with --interface')
      settings.done()
      if (dhcp === undefined) return
      terminal.out((await configure(terminal, dhcp, { data, ipxe, bootPort: bootPort ?? 0 })).trimEnd())
    })
}

/** Any free port will do for a server, but not for machines that are to find it. */
function readBootPort(text: string): number {
  const port = readPort(text)
  if (port === 0) throw refuse('is not known before the server runs; name the port that it will have')
  return port
}

async function configure(
  terminal: Terminal,
  dhcp: NonNullable<ServeSettings['dhcp']>,
  { data, ipxe, bootPort }: { readonly data: string; readonly ipxe: string | undefined; readonly bootPort: number },
): Promise<string> {
  findNetwork(dhcp.interface) // a name that is mistyped leaves no folder behind
  const tftp = makeTftpRoot(join(data, 'ipxe'), findIpxe(ipxe))
  const { directory, files, user } = tftp
  for (const arch of ['bios', 'x64'] as const) {
    if (files[arch] !== undefined) continue
    terminal.say(`warning: no iPXE for ${arch} machines was found (${IPXE_NAMES[arch]}); they get no answer`)
  }
  if (user === undefined) {
    terminal.say(`warning: ${directory} belongs to you; a dnsmasq that root starts gives out nothing of it`)
  }
  mkdirSync(join(data, 'dnsmasq'), { recursive: true }) // for the leases; dnsmasq makes no folder
  dhcpHostsWriter(dhcp, { data, bootPort })(await cardsWithoutIpxe(data))
  return writeDhcpConfig(dhcp, { data, bootPort, tftp })
}

/** Before the server has run for the first time there is no host, and asking must not make a database. */
async function cardsWithoutIpxe(data: string): Promise<readonly Mac[]> {
  if (!existsSync(databaseFile(data))) return []
  await using store = openStore(data)
  return await store.listCardsWithoutIpxe()
}
