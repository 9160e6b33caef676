import { isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ServeSettings } from '../serve.ts'
import { addAdminOptions, readAdminReach } from './admin-settings.ts'
import { readBaseUrl } from './base-url.ts'
import { addFolderOptions, existingFolder, readFolders } from './folders.ts'
import { readListenAddress } from './listen-address.ts'
import { addMaxInstallsOption, readMaxInstalls } from './max-installs.ts'
import { readAccelRedirect, readCache } from './sending-settings.ts'
import { refuse, SettingsReader } from './settings.ts'
import { readSyslog } from './syslog-setting.ts'
import type { Terminal } from './terminal.ts'
import { addOption } from './variable-option.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Gives `serve` its flags, each with its variable. */
export function addServeOptions(command: Command): Command {
  addPortOption(command)
  addOption(command, ['--host <address>', '0.0.0.0'], 'address of the boot door')
  addOption(command, ['--admin-port <port>', '5001'], 'port of the admin door: what people reach')
  addAdminOptions(command)
  addFolderOptions(command, 'data', 'images', 'templates')
  addOption(command, ['--base-url <url>'], 'address that machines are told, instead of the one by which they came')
  addOption(command, ['--discover'], 'new machines get the plan discover,new')
  addMaxInstallsOption(command, 'so many hosts install at once; the others wait for their turn')
  addDhcpOptions(command)
  addIpxeOption(command)
  addOption(command, ['--cache <size>'], 'memory for files that many machines fetch; a quarter of all, at most 2GB')
  addOption(command, ['--accel-redirect <path>'], 'let nginx in front send the files: where it has the images folder')
  addOption(command, ['--syslog <address>'], 'receive syslog of machines, UDP and TCP: 514, or 10.0.0.1:514')
  addOption(command, ['--no-watchdog'], 'look for no installs that come no further')
  addOption(command, ['--log-level <level>', 'info'], LOG_LEVELS.join(', '))
  return command
}

/** Adds the flags that say where and how dnsmasq runs. */
export function addDhcpOptions(command: Command): void {
  addOption(command, ['--interface <if>'], 'run dnsmasq (DHCP and TFTP) on this network interface')
  addOption(command, ['--range <first,last>'], 'addresses that dnsmasq gives out')
  addOption(command, ['--proxy'], 'leave addresses to another DHCP server; dnsmasq only tells how to boot')
}

export function addPortOption(command: Command): void {
  addOption(command, ['--port <port>', '5000'], 'port of the boot door: what machines reach')
}

export function addIpxeOption(command: Command): void {
  addOption(command, ['--ipxe <dir>'], "folder with iPXE's boot files, looked at before Debian's")
}

/**
 * Reads the settings of the server.
 * @throws {Misuse} naming all settings that are wrong
 */
export function readServeSettings(command: Command, terminal: Terminal): ServeSettings {
  const settings = new SettingsReader(command, terminal)
  const folders = readFolders(settings, terminal)
  const port = settings.read('port', readPort)
  const adminPort = settings.read('adminPort', readPort)
  if (port !== undefined && port !== 0 && port === adminPort) {
    const names = `${settings.called('port')} and ${settings.called('adminPort')}`
    settings.wrong(`${names} are both ${port}; the two doors need a port each`)
  }
  const read = {
    host: settings.read('host', readListenAddress),
    adminHost: settings.read('adminHost', readListenAddress),
    admin: readAdminReach(settings, terminal),
    baseUrl: settings.read('baseUrl', readBaseUrl),
    discover: settings.flag('discover'),
    maxInstalls: settings.read('maxInstalls', readMaxInstalls),
    dhcp: readDhcp(settings),
    ipxe: settings.read('ipxe', (text) => existingFolder(resolve(terminal.cwd, text))),
    cache: readCache(settings),
    accelRedirect: readAccelRedirect(settings),
    syslog: settings.read('syslog', readSyslog),
    watchdog: !isNegated(settings, 'watchdog'),
    logLevel: settings.read('logLevel', readLogLevel),
  }
  settings.done()
  return {
    ...folders,
    ...read,
    path: terminal.env['PATH'] ?? '',
    // What could not be read was refused above, so that these are never wanted.
    host: read.host ?? '',
    adminHost: read.adminHost ?? '',
    port: port ?? 0,
    adminPort: adminPort ?? 0,
    logLevel: read.logLevel ?? '',
  }
}

/** Whether a flag that begins with `no` was given; its variable says yes or no to that. */
function isNegated(settings: SettingsReader, name: string): boolean {
  if (!settings.isGiven(name)) return false
  return settings.called(name).startsWith('--') || settings.flag(name)
}

/** Reads where dnsmasq is to run; `undefined` when it is not to. */
export function readDhcp(settings: SettingsReader): ServeSettings['dhcp'] {
  const name = settings.read('interface', readInterface)
  const range = settings.read('range', readRange)
  const proxy = settings.flag('proxy')
  if (!settings.isGiven('interface') && (settings.isGiven('range') || proxy)) {
    settings.wrong(`${settings.called(proxy ? 'proxy' : 'range')} says how dnsmasq is to work; it needs --interface`)
  }
  if (proxy && settings.isGiven('range')) {
    const [other, given] = [settings.called('proxy'), settings.called('range')]
    settings.wrong(`${other} leaves addresses to another DHCP server; ${given} cannot be given with it`)
  }
  return name === undefined ? undefined : { interface: name, range, proxy }
}

/** @throws {ProvisionError} invalid */
export function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw refuse('is not a port (0 to 65535)')
  return port
}

function readInterface(text: string): string {
  // Linux allows 15 bytes; what is let through here is safe in a line of dnsmasq's configuration.
  if (!/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/.test(text)) throw refuse('is not the name of a network interface')
  return text
}

/** @throws {ProvisionError} invalid */
export function readRange(text: string): [string, string] {
  const [first, last, ...more] = text.split(',').map((one) => one.trim())
  if (first === undefined || last === undefined || more.length > 0 || !isIPv4(first) || !isIPv4(last)) {
    throw refuse('is not a range like 10.0.0.100,10.0.0.200')
  }
  if (numberOf(first) > numberOf(last)) throw refuse('ends before it starts')
  return [first, last]
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
}

function readLogLevel(text: string): string {
  if (!LOG_LEVELS.includes(text)) throw refuse(`is not one of ${LOG_LEVELS.join(', ')}`)
  return text
}
