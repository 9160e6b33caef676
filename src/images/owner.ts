import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** The process that works in a staging directory, told so that another one can find out whether it is still there. */
export interface Owner {
  readonly host: string
  /** The running of the machine: another one after every start. */
  readonly boot: string
  /** Which processes can see each other: containers cannot look into their neighbours. */
  readonly space: string
  readonly pid: number
  /** When the process started, in ticks: pids come again. */
  readonly started: string
}

/** This process. */
export function currentOwner(): Owner {
  return {
    host:
      hostname()
        .replace(/[^A-Za-z0-9.-]/g, '')
        .slice(0, 64) || 'localhost',
    boot: firstLine('/proc/sys/kernel/random/boot_id').slice(0, 8) || '0',
    space: namespace(),
    pid: process.pid,
    started: startOf('self'),
  }
}

/** One word for an owner, fit for a directory's name. */
export function formatOwner(owner: Owner): string {
  return [owner.host, owner.boot, owner.space, owner.pid, owner.started].join(',')
}

/** @returns `undefined` for what {@link formatOwner} did not write */
export function parseOwner(text: string): Owner | undefined {
  const [host, boot, space, pid, started, ...rest] = text.split(',')
  if (host === undefined || boot === undefined || space === undefined || started === undefined) return undefined
  return rest.length === 0 && /^\d+$/.test(pid ?? '') ? { host, boot, space, pid: Number(pid), started } : undefined
}

/** Whether an owner is gone, as far as this process can see; `unknown` for those on other machines and in other containers. */
export function ownerState(owner: Owner): 'alive' | 'gone' | 'unknown' {
  const here = currentOwner()
  if (owner.host !== here.host) return 'unknown'
  if (owner.boot !== here.boot) return 'gone'
  if (owner.space !== here.space) return 'unknown'
  return isRunning(owner.pid) && startOf(owner.pid) === owner.started ? 'alive' : 'gone'
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Field 22 of `/proc/<pid>/stat`; the second field, the program's name, may hold anything but is the last in brackets. */
function startOf(pid: number | 'self'): string {
  const stat = firstLine(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
  } catch {
    return '0' // no Linux: the pid alone must do
  }
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return ''
  }
}
