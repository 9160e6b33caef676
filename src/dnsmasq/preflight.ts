import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { findNetwork } from './interface.ts'
import type { IpxeFiles } from './ipxe-files.ts'

/** Something that keeps dnsmasq from doing its work, or from doing all of it. */
export interface Finding {
  /** An `error` keeps it from starting; with a `warning` some machines are left out. */
  readonly severity: 'error' | 'warning'
  readonly what: string
  readonly why: string
  /** What to do about it, as a command where there is one. */
  readonly mend: string
}

/** What is looked at before dnsmasq is started. */
export interface PreflightOptions {
  readonly interface: string
  readonly proxy: boolean
  readonly files: IpxeFiles
  /** The loaders for leaving to the disk that could be made; not looked at when absent. */
  readonly localDisk?: readonly string[]
  /** The program, by name or path. */
  readonly program: string
  /** The directories of `PATH`. */
  readonly path: string
}

/** Tells everything that is missing, not only the first thing. */
export async function preflight(options: PreflightOptions): Promise<readonly Finding[]> {
  // 4011: where proxy DHCP is asked a second time, once the machine has its address from the other server.
  const ports = options.proxy ? [67, 69, 4011] : [67, 69]
  const taken = await Promise.all(ports.map(checkPort))
  return [...checkProgram(options), ...checkInterface(options.interface), ...checkIpxe(options), ...taken.flat()]
}

/** Debian's dnsmasq package would start one of its own, for everybody; dnsmasq-base is the program alone. */
function checkProgram({ program, path }: PreflightOptions): readonly Finding[] {
  // Debian's users other than root have no sbin on their path.
  const directories = [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter((one) => one !== '')
  const places = program.includes('/') ? [program] : directories.map((directory) => join(directory, program))
  if (places.some(isExecutable)) return []
  return [
    {
      severity: 'error',
      what: `the program ${program} is not installed`,
      why: 'it answers DHCP and sends iPXE to machines that start from the network',
      mend: 'apt-get install dnsmasq-base',
    },
  ]
}

function checkInterface(name: string): readonly Finding[] {
  try {
    findNetwork(name)
    return []
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return [
      {
        severity: 'error',
        what: error.message,
        why: 'machines reach this server by its IPv4 address on that network',
        mend:
          error.kind === 'not-found' && existsSync(`/sys/class/net/${name}`)
            ? `ip address add 10.77.0.1/24 dev ${name} && ip link set ${name} up`
            : 'see what there is: ip -brief address',
      },
    ]
  }
}

const NO_LOCAL_DISK: Finding = {
  severity: 'warning',
  what: 'the loader that starts UEFI machines from their disks could not be made',
  why: 'they come to their disk all the same, but a minute or more later',
  mend: 'apt-get install grub-common grub-efi-amd64-bin',
}

function checkIpxe({ files, localDisk }: PreflightOptions): readonly Finding[] {
  const mend = 'apt-get install ipxe, or name a folder with your own by --ipxe'
  if (files.bios === undefined && files.x64 === undefined && files.arm64 === undefined) {
    return [{ severity: 'error', what: 'no iPXE was found', why: 'it is what machines are started with', mend }]
  }
  const lacking = [
    files.bios === undefined ? ['BIOS (undionly.kpxe)'] : [],
    files.x64 === undefined ? ['UEFI x64 (snponly.efi)'] : [],
  ].flat()
  if (lacking.length === 0) return localDisk?.length === 0 ? [NO_LOCAL_DISK] : []
  const what = `no iPXE was found for ${lacking.join(' and ')}`
  return [{ severity: 'warning', what, why: 'such machines get no answer', mend }]
}

type Probe = 'free' | 'shared' | 'taken' | 'forbidden'

/**
 * Sees whether dnsmasq could have a port. It shares its ports with others that allow that (another dnsmasq, on another
 * interface), so a port in use is no error by itself.
 */
async function checkPort(port: number): Promise<readonly Finding[]> {
  const alone = await probe(port, false)
  const result = alone === 'taken' && (await probe(port, true)) === 'free' ? 'shared' : alone
  const find = `ss -ulpn 'sport = :${port}'`
  switch (result) {
    case 'free':
      return []
    case 'shared':
      return [
        {
          severity: 'warning',
          what: `another program listens on UDP port ${port} as well`,
          why: 'that is fine on another interface; on this one two servers would answer',
          mend: `see which: ${find}`,
        },
      ]
    case 'taken':
      return [
        { severity: 'error', what: `UDP port ${port} is taken`, why: 'dnsmasq needs it', mend: `see by whom: ${find}` },
      ]
    case 'forbidden':
      return [
        {
          severity: 'error',
          what: `UDP port ${port} may not be opened`,
          why: 'ports below 1024 are for root, or for programs with the capability CAP_NET_BIND_SERVICE',
          mend: 'start with sudo',
        },
      ]
  }
}

async function probe(port: number, reuseAddr: boolean): Promise<Probe> {
  const socket = createSocket({ type: 'udp4', reuseAddr })
  try {
    socket.bind({ port, exclusive: true })
    await once(socket, 'listening')
    return 'free'
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'EACCES') return 'forbidden'
    if (error.code === 'EADDRINUSE') return 'taken'
    throw error
  } finally {
    await new Promise<void>((done) => socket.close(() => done()))
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
