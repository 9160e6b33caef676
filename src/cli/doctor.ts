import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Finding } from '../commands/doctor/finding.ts'
import type { DoctorSettings } from '../doctor.ts'
import { readBaseUrl } from './base-url.ts'
import { addFolderOptions, existingFolder, readFolders } from './folders.ts'
import { Refused } from './run.ts'
import { addDhcpOptions, addIpxeOption, addPortOption, readDhcp, readPort } from './serve-settings.ts'
import { refuse, SettingsReader } from './settings.ts'
import { showFindings } from './show-findings.ts'
import { waitForStop } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'
import { toJson } from './text.ts'

const MORE = `
Give it the flags, or the variables, that the server has. Nothing is changed by it: no address is taken, no host made, no boot opened.
  sudo metalspray doctor --interface eth1           all of it; DHCP is asked by root alone
  metalspray doctor --interface eth1 --json         for other programs

Exit status 1 when something keeps machines from booting. What each finding means: docs/doctor.md`

interface Asked {
  readonly settings: DoctorSettings
  readonly waitMs: number
  readonly isJson: boolean
  readonly showsAll: boolean
}

/** Adds `doctor`: tries the chain from DHCP to the boot script as a machine would. */
export function addDoctor(program: Command, terminal: Terminal): void {
  const command = program
    .command('doctor')
    .description('try the whole chain as a machine would, and say what keeps machines from booting')
    .option('--json', 'print JSON for other programs')
    .option('--all', 'name all that is well, too')
    .addOption(new Option('--wait <seconds>', 'how long answers of DHCP servers are waited for').default('4'))
  command.optionsGroup('As the server was started:')
  addDhcpOptions(command)
  addPortOption(command)
  const admin = [
    new Option('--admin-host <address>', 'address of the admin door').env('METALSPRAY_ADMIN_HOST').default('127.0.0.1'),
    new Option('--admin-port <port>', 'port of the admin door').env('METALSPRAY_ADMIN_PORT').default('5001'),
    new Option('--tls-cert <file>', 'certificate of the admin door (PEM)').env('METALSPRAY_TLS_CERT'),
    new Option('--base-url <url>', 'address that machines are told').env('METALSPRAY_BASE_URL'),
  ]
  for (const option of admin) command.addOption(option)
  addIpxeOption(command)
  addFolderOptions(command, 'data', 'images', 'templates')
    .addHelpText('after', MORE)
    .action(async () => carryOut(terminal, readAsked(command, terminal)))
}

function readAsked(command: Command, terminal: Terminal): Asked {
  const settings = new SettingsReader(command, terminal)
  const asked = {
    ...readFolders(settings, terminal),
    dhcp: readDhcp(settings),
    port: settings.read('port', readPort) ?? 0,
    adminHost: settings.read('adminHost', readHost) ?? '',
    adminPort: settings.read('adminPort', readPort) ?? 0,
    adminCert: settings.read('tlsCert', (text) => resolve(terminal.cwd, text)),
    baseUrl: settings.read('baseUrl', readBaseUrl),
    ipxe: settings.read('ipxe', (text) => existingFolder(resolve(terminal.cwd, text))),
    path: terminal.env['PATH'] ?? '',
  }
  const waitMs = settings.read('wait', readWait) ?? 0
  const isJson = settings.flag('json')
  const showsAll = settings.flag('all')
  settings.done()
  return { settings: asked, waitMs, isJson, showsAll }
}

async function carryOut(terminal: Terminal, { settings, waitMs, isJson, showsAll }: Asked): Promise<void> {
  using stop = waitForStop(terminal, 'stopping')
  // Loaded here, so that the short commands start without what it takes.
  const [{ runDoctor }, { doctorDeps }] = await Promise.all([
    import('../commands/doctor/run-doctor.ts'),
    import('../doctor.ts'),
  ])
  if (terminal.isLive) terminal.say(`asking and looking; this takes ${Math.ceil((waitMs * 2) / 1000)} s`)
  const findings = await runDoctor(doctorDeps(settings, waitMs), stop.signal)
  if (isJson) terminal.out(toJson(findings.map(findingJson)))
  else showFindings(terminal, findings, showsAll)
  if (findings.some(({ level }) => level === 'fail')) throw new Refused()
}

/** Every field, always: what is absent is null. */
function findingJson({ id, level, what, why, mend }: Finding): Record<keyof Finding, string | null> {
  return { id, level, what, why, mend: mend ?? null }
}

function readHost(text: string): string {
  if (!/^[\w.:-]+$/.test(text)) throw refuse('is not an address')
  return text
}

function readWait(text: string): number {
  const seconds = Number(text)
  if (!(seconds > 0 && seconds <= 60)) throw refuse('is not a number of seconds, up to 60')
  return seconds * 1000
}
