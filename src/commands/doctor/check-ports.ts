import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, note, ok, warn } from './finding.ts'
import { type OpenPort, openPorts } from './port-holders.ts'

const EVERYWHERE = ['0.0.0.0', '::']

/** A port of the chain and who should have it. */
interface Port {
  readonly id: string
  readonly protocol: 'udp' | 'tcp'
  readonly number: number
  readonly why: string
  /** The address that it is needed on; `undefined` when that is not known. */
  readonly address: string | undefined
  /** Whether a program with this command line is the one that should have it. */
  isOurs(command: string): boolean
}

/** Who has the ports that the chain needs. */
export async function checkPorts(
  deps: Pick<DoctorDeps, 'data' | 'port' | 'adminHost' | 'adminPort' | 'proxy' | 'proc'>,
  address: string | undefined,
): Promise<readonly Finding[]> {
  const ports = [...dnsmasqPorts(deps, address), ...serverPorts(deps, address)]
  return ports.map((port) => judge(port, openPorts(deps.proc, port.protocol, port.number)))
}

function dnsmasqPorts({ data, proxy }: Pick<DoctorDeps, 'data' | 'proxy'>, address: string | undefined): Port[] {
  const config = join(data, 'dnsmasq', 'dnsmasq.conf')
  const isOurs = (command: string) => command.includes(`--conf-file=${config}`)
  const needed: readonly (readonly [number, string])[] = [
    [67, 'DHCP gives machines their address and tells them what to start'],
    [69, 'firmware fetches iPXE by TFTP'],
    ...(proxy ? [[4011, 'firmware asks a proxy DHCP server here'] as const] : []),
  ]
  return needed.map(([number, why]) => ({ id: `port-${number}`, protocol: 'udp', number, why, address, isOurs }))
}

function serverPorts(
  { port, adminHost, adminPort }: Pick<DoctorDeps, 'port' | 'adminHost' | 'adminPort'>,
  address: string | undefined,
): Port[] {
  const isOurs = (command: string) => /\bserve\b/.test(command) && /node|metalspray/.test(command)
  const boot = { why: 'machines fetch everything from the boot door', number: port, address }
  const admin = { why: 'people and their tools use the admin door', number: adminPort, address: addressOf(adminHost) }
  return [
    { id: 'port-boot', protocol: 'tcp', ...boot, isOurs },
    { id: 'port-admin', protocol: 'tcp', ...admin, isOurs },
  ]
}

/** A name or all addresses are none to compare with. */
function addressOf(host: string): string | undefined {
  if (host === 'localhost') return '127.0.0.1'
  return isIPv4(host) && !EVERYWHERE.includes(host) ? host : undefined
}

function judge(port: Port, open: readonly OpenPort[]): Finding {
  const { id, protocol, number, why } = port
  const name = `${protocol.toUpperCase()} port ${number}`
  const find = `ss -${protocol === 'udp' ? 'u' : 't'}lpn 'sport = :${number}'`
  const ours = open.find(({ holder }) => holder !== undefined && port.isOurs(holder.command))
  const strange = open.filter((one) => one.holder === undefined || !port.isOurs(one.holder.command))
  const beside = strange.filter((one) => isInTheWay(one, port.address))
  if (ours !== undefined && beside.length === 0) {
    return ok(id, `${name} is held by ${ours.holder?.name} (process ${ours.holder?.pid}), as it should be`, why)
  }
  // Who answers machines, and that nobody does, is seen by asking.
  if (open.length === 0) return ok(id, `${name} is free`, why)
  if (strange.length > 0 && beside.length === 0) {
    return ok(id, `${name} is free here: ${namesOf(strange)} has it on another address`, why)
  }
  if (beside.every(({ holder }) => holder === undefined)) {
    const what = `${name} is open, and this user is not told by whom`
    return note(id, what, { why, mend: `sudo ${find}` })
  }
  const what = `${name} is held by ${namesOf(beside)}`
  // Of libvirt, say, on its own bridge; or the operator's. What it answers here is seen by asking.
  if (protocol === 'udp' && beside.every(({ holder }) => holder === undefined || holder.name === 'dnsmasq')) {
    return note(id, `${what}, which metalspray did not start`, {
      why,
      mend: `see whether it is for this network: ${find}`,
    })
  }
  const mend = `${find}; then stop it: kill ${pidsOf(beside)}, or systemctl disable --now its service`
  return ours === undefined
    ? fail(id, what, { why, mend })
    : warn(id, `${what}, as well as by metalspray`, { why, mend })
}

/** A program on another network's address does no harm. */
function isInTheWay(open: OpenPort, address: string | undefined): boolean {
  return EVERYWHERE.includes(open.address) || address === undefined || open.address === address
}

function namesOf(open: readonly OpenPort[]): string {
  const names = open.map(({ holder }) =>
    holder === undefined ? 'another user’s program' : `${holder.name} (process ${holder.pid})`,
  )
  return [...new Set(names)].join(' and ')
}

function pidsOf(open: readonly OpenPort[]): string {
  return [...new Set(open.flatMap(({ holder }) => holder?.pid ?? []))].join(' ')
}
