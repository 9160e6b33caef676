import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProvisionError } from '../../core/errors.ts'
import { type Network, parseRange } from '../../dnsmasq/interface.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, note, ok, warn } from './finding.ts'
import { type ChosenNetwork, readWrittenConfig } from './network.ts'

type Deps = Pick<DoctorDeps, 'data' | 'range' | 'proxy' | 'baseUrl' | 'sys'>

/** The interface itself: its cable, the size of its packets, its address and what is told of it. */
export async function checkInterface(deps: Deps, { network, reason }: ChosenNetwork): Promise<readonly Finding[]> {
  const where = `${network.interface} (${network.address}, ${reason})`
  return [
    ok('interface', `machines are looked for on ${where}`, 'machines reach this server by its address there'),
    checkCable(deps.sys, network),
    checkMtu(deps.sys, network),
    checkRange(deps, network),
    checkBaseUrl(deps, network),
    ...checkWrittenConfig(deps, network),
  ]
}

/** A network that is not there is a finding, and the end of all that needs it. */
export function noNetwork(error: ProvisionError, interfaceName: string | undefined): Finding {
  const why = 'machines reach this server by its IPv4 address on their network; without it DHCP cannot be tried'
  const mend =
    interfaceName === undefined
      ? 'metalspray doctor --interface IF'
      : `ip -brief address; then ip address add 10.77.0.1/24 dev ${interfaceName} && ip link set ${interfaceName} up`
  return fail('interface', error.message, { why, mend })
}

function checkCable(sys: string, { interface: name }: Network): Finding {
  const why = 'without a link nothing goes in or out'
  const carrier = readNumber(join(sys, 'class/net', name, 'carrier'))
  if (carrier === 0) {
    const mend = `ip link set ${name} up; ethtool ${name}; is the cable in, and the switch port open?`
    return fail('link', `${name} has no link`, { why, mend })
  }
  return ok('link', `${name} has a link`, why)
}

/** Firmware and switches expect 1500. What is behind the interface is not seen: a machine at its other end would tell. */
function checkMtu(sys: string, { interface: name }: Network): Finding {
  const why =
    'firmware takes packets of 1500 bytes: shorter ones cut what it fetches to pieces, longer ones do not reach it'
  const folder = join(sys, 'class/net', name)
  const mtu = readNumber(join(folder, 'mtu'))
  if (mtu === undefined)
    return note('mtu', `the size of packets on ${name} is not known here`, { why, mend: `ip link show ${name}` })
  const ports = listPorts(folder).map((port) => ({ port, mtu: readNumber(join(sys, 'class/net', port, 'mtu')) }))
  const odd = ports.find((one) => one.mtu !== undefined && one.mtu !== mtu)
  if (odd !== undefined) {
    const mend = `ip link set ${odd.port} mtu ${mtu}`
    return warn('mtu', `${name} has packets of ${mtu} bytes, and its port ${odd.port} of ${odd.mtu}`, { why, mend })
  }
  if (mtu === 1500) return ok('mtu', `${name} has packets of 1500 bytes`, why)
  const mend = `ip link set ${name} mtu 1500`
  if (mtu < 1500) return warn('mtu', `${name} has packets of ${mtu} bytes only`, { why, mend })
  return note('mtu', `${name} has packets of ${mtu} bytes: TCP finds what machines take, UDP (TFTP, DHCP) may not`, {
    why,
    mend,
  })
}

function listPorts(folder: string): readonly string[] {
  return existsSync(join(folder, 'brif')) ? readdirSync(join(folder, 'brif')) : []
}

function readNumber(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? undefined : Number(text)
  } catch {
    return undefined // not told, as the link of an interface that is down
  }
}

function checkRange({ range }: Deps, network: Network): Finding {
  const why = 'an address outside of the network is of no use to a machine, and the server’s own would be in the way'
  if (range === undefined) return ok('range', 'no range is named: one that fits is taken', why)
  try {
    const { first, last } = parseRange(range.join(','), network)
    return ok('range', `the range ${first} to ${last} fits the network`, why)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return fail('range', error.message, { why, mend: 'metalspray serve --range FIRST,LAST, or without it' })
  }
}

function checkBaseUrl({ baseUrl }: Deps, { address, interface: name }: Network): Finding {
  const why = 'machines fetch everything from the address that they are told'
  if (baseUrl === undefined) return ok('base-url', `machines are told the address by which they came, ${address}`, why)
  const host = new URL(baseUrl).hostname
  if (/^127\.|^localhost$|^\[::1\]$/.test(host)) {
    const what = `machines are told ${baseUrl}, which is each machine itself`
    return fail('base-url', what, {
      why,
      mend: `metalspray serve --base-url ${baseUrl.replace(host, address)}, or without it`,
    })
  }
  if (host === address) return ok('base-url', `machines are told ${baseUrl}, the address of ${name}`, why)
  const what = `machines are told ${baseUrl}, which is not the address of ${name} (${address})`
  return note('base-url', what, { why, mend: 'right behind nginx or a router; otherwise leave --base-url away' })
}

/** dnsmasq goes on with what it was started with. */
function checkWrittenConfig({ data, proxy }: Deps, network: Network): readonly Finding[] {
  const written = readWrittenConfig(data)
  if (written === undefined || written.interface !== network.interface || written.script === undefined) return []
  const why = 'dnsmasq tells machines what it was started with'
  const mend = `start the server again: metalspray serve --interface ${network.interface}`
  const told = new URL(written.script).hostname
  if (told !== network.address) {
    const what = `dnsmasq sends machines to ${told}, and ${network.interface} has ${network.address} now`
    return [fail('dnsmasq-config', what, { why, mend })]
  }
  const wasProxy = written.range?.includes(',proxy,') === true
  if (proxy && !wasProxy) {
    return [
      warn('dnsmasq-config', 'dnsmasq gives addresses, and --proxy says that another server does', {
        why,
        mend: `${mend} --proxy`,
      }),
    ]
  }
  return [ok('dnsmasq-config', `${written.file} fits the network as it is`, why)]
}
