import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A program that has a port open. */
export interface Holder {
  readonly pid: number
  /** Its program's name: what `ps` shows may be that of a thread. */
  readonly name: string
  /** Its whole command line. */
  readonly command: string
}

/** A port that is open on this machine. */
export interface OpenPort {
  /** The local address, `0.0.0.0` or `::` for all; IPv6 addresses as the kernel prints them. */
  readonly address: string
  /** `undefined` when the system does not tell this user. */
  readonly holder: Holder | undefined
}

const LISTENING = '0A'

/** Who has a port open, by what the kernel tells in /proc. Of other users' programs only root learns the name. */
export function openPorts(proc: string, protocol: 'udp' | 'tcp', port: number): readonly OpenPort[] {
  const sockets = [protocol, `${protocol}6`].flatMap((table) => readTable(join(proc, 'net', table), protocol, port))
  const holders =
    sockets.length === 0 ? new Map<string, Holder>() : findHolders(proc, new Set(sockets.map(({ inode }) => inode)))
  return sockets.map(({ address, inode }) => ({ address, holder: holders.get(inode) }))
}

function readTable(file: string, protocol: 'udp' | 'tcp', port: number): readonly { address: string; inode: string }[] {
  return lines(file).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const [address = '', hexPort = ''] = local.split(':')
    const isOpen = protocol === 'udp' || state === LISTENING
    return isOpen && Number.parseInt(hexPort, 16) === port ? [{ address: readAddress(address), inode }] : []
  })
}

function lines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
  } catch {
    return [] // not Linux, or without IPv6
  }
}

/** The kernel prints an address as a number in its own order of bytes, which is the little end first where servers are. */
function readAddress(hex: string): string {
  if (hex.length !== 8) return /^0+$/.test(hex) ? '::' : hex
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
}

function findHolders(proc: string, inodes: ReadonlySet<string>): Map<string, Holder> {
  const found = new Map<string, Holder>()
  for (const pid of readdirSync(proc).filter((name) => /^\d+$/.test(name))) {
    for (const inode of socketsOf(join(proc, pid, 'fd'))) {
      if (inodes.has(inode) && !found.has(inode)) found.set(inode, describe(proc, pid))
    }
  }
  return found
}

function socketsOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(join(folder, name)))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    return [] // another user's, or it has just ended
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function describe(proc: string, pid: string): Holder {
  const text = (file: string) => {
    try {
      return readFileSync(join(proc, pid, file), 'utf8')
    } catch {
      return ''
    }
  }
  const command = text('cmdline').split('\0').join(' ').trim()
  const program = basename(linkOf(join(proc, pid, 'exe')).replace(/ \(deleted\)$/, ''))
  return { pid: Number(pid), name: program || text('comm').trim() || 'a program', command }
}
