import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionError } from './core/errors.ts'
import type { Mac } from './core/identity.ts'
import { dnsmasqConfig } from './dnsmasq/config.ts'
import { type AddressRange, defaultRange, findNetwork, type Network, parseRange } from './dnsmasq/interface.ts'
import type { TftpRoot } from './dnsmasq/ipxe-files.ts'
import { readLeases } from './dnsmasq/leases.ts'
import { writeOwnLoaders } from './dnsmasq/own-loaders.ts'
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
  /** The address on which the boot door listens. */
  readonly host: string
  /** The boot door's port. */
  readonly bootPort: number
  /** The directories of `PATH`. */
  readonly path: string
  readonly tftp: TftpRoot
  /** The cards of the hosts whose firmware is to start without iPXE. */
  cards(): Promise<readonly Mac[]>
  readonly log: Logger
  /** Filled with what is wrong with dnsmasq, for the health check. */
  readonly troubles: Set<string>
}

const PROGRAM = 'dnsmasq'

function leaseFile(data: string): string {
  return join(data, 'dnsmasq', 'leases')
}

/** What people may know of the dnsmasq beside the server. @param data the folder of the server's data */
export function dhcpBeside({ interface: name, proxy }: DhcpSettings, data: string) {
  return { interface: name, isProxy: proxy, leases: () => readLeases(leaseFile(data)) }
}

/** How often it is looked which hosts start without iPXE, in ms: a person types, and then presses a power button. */
const LOOK_MS = 2000
/** What stands for all addresses of this machine. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** The configuration for an interface. @throws {ProvisionError} when it has no address, or the range does not fit it */
export function writeDhcpConfig(settings: DhcpSettings, place: Pick<DhcpPlace, 'data' | 'bootPort' | 'tftp'>): string {
  const network = findNetwork(settings.interface)
  const { directory, files, user } = place.tftp
  return dnsmasqConfig({
    network,
    range: settings.proxy ? undefined : rangeOf(settings, network),
    bootPort: place.bootPort,
    tftpRoot: directory,
    leaseFile: leaseFile(place.data),
    ownLoaders: join(place.data, 'dnsmasq'),
    files,
    user,
  })
}

function rangeOf({ range }: DhcpSettings, network: Network): AddressRange {
  return range === undefined ? defaultRange(network) : parseRange(range.join(','), network)
}

/**
 * Sees whether dnsmasq can do its work, before anything is started.
 * @throws {ProvisionError} unavailable, naming all that is missing and the commands that bring it
 */
export async function checkDhcp(
  settings: DhcpSettings,
  place: Pick<DhcpPlace, 'host' | 'path' | 'tftp' | 'log'>,
): Promise<void> {
  const { interface: name, proxy } = settings
  const { files, localDisk } = place.tftp
  const findings = await preflight({ interface: name, proxy, files, localDisk, program: PROGRAM, path: place.path })
  for (const finding of findings) if (finding.severity === 'warning') place.log.warn(tell(finding))
  const errors = findings.filter((finding) => finding.severity === 'error')
  if (errors.length > 0) {
    throw new ProvisionError('unavailable', ['dnsmasq cannot be started:', ...errors.map(tell)].join('\n  '))
  }
  const { address } = findNetwork(name)
  if (!EVERYWHERE.has(place.host) && place.host !== address) {
    const where = `the boot door listens on ${place.host} alone`
    throw new ProvisionError('invalid', `${where}, and dnsmasq would send the machines on ${name} to ${address}`)
  }
}

/**
 * Makes what tells dnsmasq which hosts start without iPXE: with their cards, it writes the files that dnsmasq reads, and says whether these are
 * others than before.
 * @throws {ProvisionError} when the interface has no address; later, when it is without a cable, it seems to have none
 */
export function dhcpHostsWriter(
  settings: DhcpSettings,
  { data, bootPort }: Pick<DhcpPlace, 'data' | 'bootPort'>,
): (cards: readonly Mac[]) => boolean {
  const { address } = findNetwork(settings.interface)
  return (cards) => writeOwnLoaders(join(data, 'dnsmasq'), cards, `http://${address}:${bootPort}`)
}

/** Starts dnsmasq and keeps it running until it is disposed of. @throws {ProvisionError} as {@link writeDhcpConfig} */
export async function startDhcp(settings: DhcpSettings, place: DhcpPlace): Promise<AsyncDisposable> {
  const { log } = place
  const folder = join(place.data, 'dnsmasq')
  mkdirSync(folder, { recursive: true })
  const configFile = join(folder, 'dnsmasq.conf')
  writeFileSync(configFile, writeDhcpConfig(settings, place))
  const write = dhcpHostsWriter(settings, place)
  write(await place.cards())
  const beside = settings.proxy ? ' beside another DHCP server' : ''
  log.info(`dnsmasq answers on ${settings.interface}${beside}; its configuration is ${configFile}`)
  const dnsmasq = superviseDnsmasq({
    program: PROGRAM,
    configFile,
    onLine: (line) => log.info({ from: PROGRAM }, line),
    onState: (state) => tellState(state, place),
    now: () => performance.now(),
  })
  const following = new AbortController()
  const follow = async () => {
    if (write(await place.cards())) dnsmasq.reload()
  }
  const followed = followHosts(follow, log, following.signal)
  return {
    async [Symbol.asyncDispose]() {
      following.abort()
      await followed
      await dnsmasq[Symbol.asyncDispose]()
    },
  }
}

/** Sees what people change, by commands of their own, while the server runs. */
async function followHosts(follow: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  let told = ''
  while (await pause(signal)) {
    try {
      await follow()
      told = ''
    } catch (error) {
      // The disk may be full: it is tried again, and said once.
      const why = error instanceof Error ? error.message : String(error)
      if (why !== told) log.warn(`dnsmasq cannot be told which hosts start without iPXE: ${why}`)
      told = why
    }
  }
}

/** @returns `false` when it is over */
async function pause(signal: AbortSignal): Promise<boolean> {
  await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
  return !signal.aborted
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
