import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProvisionError } from './core/errors.ts'
import { dnsmasqConfig } from './dnsmasq/config.ts'
import { defaultRange, findNetwork, parseRange } from './dnsmasq/interface.ts'
import type { TftpRoot } from './dnsmasq/ipxe-files.ts'
import { type Finding, preflight } from './dnsmasq/preflight.ts'
import { type DnsmasqState, superviseDnsmasq } from './dnsmasq/supervise.ts'
import type { Logger } from './log.ts'

/** Where dnsmasq is to answer, and how. */
export interface DhcpSettings {
  readonly interface: string
  /** The addresses to give out; `undefined` for what fits the network. */
  readonly range: readonly [string, string] | undefined
  /** Another server gives the addresses. */
  readonly proxy: boolean
}

/** What dnsmasq is run with. */
export interface DhcpPlace {
  readonly data: string
  /** The boot door's port. */
  readonly bootPort: number
  /** The directories of `PATH`. */
  readonly path: string
  readonly tftp: TftpRoot
  readonly log: Logger
  /** Filled with what is wrong with dnsmasq, for the health check. */
  readonly troubles: Set<string>
}

const PROGRAM = 'dnsmasq'

/** The configuration for an interface. @throws {ProvisionError} when it has no address, or the range does not fit it */
export function writeDhcpConfig(settings: DhcpSettings, place: Pick<DhcpPlace, 'data' | 'bootPort' | 'tftp'>): string {
  const network = findNetwork(settings.interface)
  const given = settings.range === undefined ? defaultRange(network) : parseRange(settings.range.join(','), network)
  const { directory, files, user } = place.tftp
  return dnsmasqConfig({
    network,
    range: settings.proxy ? undefined : given,
    bootPort: place.bootPort,
    tftpRoot: directory,
    leaseFile: join(place.data, 'dnsmasq', 'leases'),
    files,
    user,
  })
}

/**
 * Starts dnsmasq and keeps it running until it is disposed of.
 * @throws {ProvisionError} unavailable, naming all that is missing and the commands that bring it
 */
export async function startDhcp(settings: DhcpSettings, place: DhcpPlace): Promise<AsyncDisposable> {
  const { log } = place
  const { interface: name, proxy } = settings
  const findings = await preflight({
    interface: name,
    proxy,
    files: place.tftp.files,
    localDisk: place.tftp.localDisk,
    program: PROGRAM,
    path: place.path,
  })
  for (const finding of findings) if (finding.severity === 'warning') log.warn(tell(finding))
  const errors = findings.filter((finding) => finding.severity === 'error')
  if (errors.length > 0)
    throw new ProvisionError('unavailable', ['dnsmasq cannot be started:', ...errors.map(tell)].join('\n  '))

  const folder = join(place.data, 'dnsmasq')
  mkdirSync(folder, { recursive: true })
  const configFile = join(folder, 'dnsmasq.conf')
  writeFileSync(configFile, writeDhcpConfig(settings, place))
  log.info(
    `dnsmasq answers on ${name}${proxy ? ' beside another DHCP server' : ''}; its configuration is ${configFile}`,
  )
  return superviseDnsmasq({
    program: PROGRAM,
    configFile,
    onLine: (line) => log.info({ from: PROGRAM }, line),
    onState: (state) => tellState(state, place),
    now: () => performance.now(),
  })
}

function tell({ what, why, mend }: Finding): string {
  return `${what}: ${why}. ${mend}`
}

function tellState(state: DnsmasqState, { log, troubles }: DhcpPlace): void {
  troubles.clear()
  if (state.kind === 'started' || state.kind === 'stopped') {
    log.debug(`dnsmasq ${state.kind}`)
    return
  }
  const next =
    state.kind === 'ended'
      ? `started again in ${state.againInMs / 1000} s`
      : 'machines get no address until this is mended and the server started again'
  troubles.add(`dnsmasq: ${state.how}`)
  log.error(`dnsmasq: ${state.how}; ${next}`)
}
