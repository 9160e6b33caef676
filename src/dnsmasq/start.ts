import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type DnsmasqSettings, dnsmasqConfig } from './config.ts'
import { type AddressRange, defaultRange, findNetwork, type Network, parseRange } from './interface.ts'
import type { TftpRoot } from './ipxe-files.ts'
import { type Supervised, type SuperviseOptions, superviseDnsmasq } from './supervise.ts'

/** What an operator says of DHCP. */
export interface DhcpOptions {
  readonly interface: string
  /** `FIRST,LAST`; `undefined` for a range that fits the interface's network. Not with `proxy`. */
  readonly range: string | undefined
  /** Another server gives the addresses. */
  readonly proxy: boolean
  readonly bootPort: number
  readonly tftp: TftpRoot
  readonly leaseFile: string
  readonly verbose?: boolean
}

/**
 * Works out a whole configuration from the little that an operator says.
 * @throws {ProvisionError} not-found, for an interface that is not there or has no address; invalid, for a range that does not fit
 */
export function planDnsmasq(options: DhcpOptions): DnsmasqSettings {
  const network = findNetwork(options.interface)
  return {
    network,
    range: options.proxy ? undefined : rangeOf(options.range, network),
    bootPort: options.bootPort,
    tftpRoot: options.tftp.directory,
    leaseFile: resolve(options.leaseFile),
    files: options.tftp.files,
    user: options.tftp.user,
    verbose: options.verbose ?? false,
  }
}

function rangeOf(text: string | undefined, network: Network): AddressRange {
  return text === undefined ? defaultRange(network) : parseRange(text, network)
}

/** Writes the configuration and keeps dnsmasq running with it. */
export function startDnsmasq(settings: DnsmasqSettings, run: SuperviseOptions): Supervised {
  const file = resolve(run.configFile)
  mkdirSync(dirname(file), { recursive: true })
  mkdirSync(dirname(settings.leaseFile), { recursive: true })
  writeFileSync(`${file}.new`, dnsmasqConfig(settings))
  renameSync(`${file}.new`, file)
  return superviseDnsmasq({ ...run, configFile: file })
}
