import { Command } from 'commander'
import { addBackup } from './backup.ts'
import { addDefaults } from './defaults.ts'
import { addDnsmasqConfig } from './dnsmasq-config.ts'
import { addDoctor } from './doctor.ts'
import { setUpEditHost } from './edit-host.ts'
import { addExplain } from './explain.ts'
import { addImages } from './images.ts'
import { addImport } from './import.ts'
import { addImportKnownHosts } from './import-known-hosts.ts'
import { addLogs } from './logs.ts'
import { prepare } from './run.ts'
import { addServe } from './serve.ts'
import type { Terminal } from './terminal.ts'
import { addToken } from './token.ts'
import { addWatch } from './watch.ts'
import { addWebhook } from './webhook.ts'

const ABOUT = `An HTTP network-boot provisioning server.

  metalspray serve --interface eth1     start the server, with DHCP on eth1
  metalspray edit-host -l               list the machines that came
  metalspray edit-host -i 1 -s esxi8    install one`

/** The one program, with all its subcommands. */
export function metalspray(terminal: Terminal): Command {
  const program = prepare(new Command('metalspray'), terminal).description(ABOUT)
  addServe(program, terminal)
  setUpEditHost(program.command('edit-host'), terminal)
  addWatch(program, terminal)
  addLogs(program, terminal)
  addDefaults(program, terminal)
  addExplain(program, terminal)
  addImport(program, terminal)
  addImages(program, terminal)
  addDnsmasqConfig(program, terminal)
  addDoctor(program, terminal)
  addImportKnownHosts(program, terminal)
  addToken(program, terminal)
  addWebhook(program, terminal)
  addBackup(program, terminal)
  return program
}
