import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { ProvisionError } from '../../core/errors.ts'
import { findNetwork, type Network } from '../../dnsmasq/interface.ts'
import type { DoctorDeps } from './deps.ts'

/** What metalspray's dnsmasq was last started with, of what is looked at here. */
export interface WrittenConfig {
  readonly file: string
  readonly interface: string | undefined
  /** As dnsmasq has it: `10.0.0.100,10.0.0.200,255.255.255.0,1h`, or `10.0.0.0,proxy,255.255.255.0`. */
  readonly range: string | undefined
  /** The address that iPXE is sent to. */
  readonly script: string | undefined
}

/** Reads the configuration that the server wrote at its last start; `undefined` before the first one with dnsmasq. */
export function readWrittenConfig(data: string): WrittenConfig | undefined {
  const file = join(data, 'dnsmasq', 'dnsmasq.conf')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const first = (pattern: RegExp) => pattern.exec(text)?.[1]?.trim()
  return {
    file,
    interface: first(/^interface=(.+)$/m),
    range: first(/^dhcp-range=(.+)$/m),
    script: first(/^dhcp-boot=tag:ipxe,(http\S+)$/m),
  }
}

/** The network that machines are on, and why it is taken for that. */
export interface ChosenNetwork {
  readonly network: Network
  readonly reason: string
}

/**
 * Finds the network that machines are on.
 * @throws {ProvisionError} not-found, when there is no such interface, or nothing tells which one it is
 */
export function chooseNetwork({ interface: named, data }: Pick<DoctorDeps, 'interface' | 'data'>): ChosenNetwork {
  if (named !== undefined) return { network: findNetwork(named), reason: 'as named' }
  const written = readWrittenConfig(data)?.interface
  if (written !== undefined) return { network: findNetwork(written), reason: 'where the server last ran dnsmasq' }
  const candidates = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    addresses?.some(({ family, internal }) => family === 'IPv4' && !internal) ? [name] : [],
  )
  const [only] = candidates
  if (only !== undefined && candidates.length === 1) return { network: findNetwork(only), reason: 'the only one here' }
  const list = candidates.length === 0 ? 'none has an address' : `there are ${candidates.join(', ')}`
  throw new ProvisionError('not-found', `which network are the machines on? ${list}; name it with --interface`)
}
