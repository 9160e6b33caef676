import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Where cloud-init would leave something, if it got out. */
const OUTSIDE = [
  ...['/etc/hostname', '/etc/hosts', '/etc/passwd', '/etc/shadow', '/etc/group', '/etc/resolv.conf', '/etc/timezone'],
  ...['/etc/cloud', '/etc/network', '/etc/netplan', '/etc/sysctl.d', '/etc/ssh', '/etc/sudoers.d', '/etc/motd.own'],
  ...['/root/.ssh', '/home', '/var/lib/cloud', '/run/cloud-init', '/run/lab-before', '/run/lab-after'],
  ...['/proc/sys/net/ipv4/ip_forward', '/proc/mounts'],
]

/** What this machine itself is like there, to be compared. */
export async function outside(): Promise<Readonly<Record<string, string>>> {
  const states = await Promise.all(OUTSIDE.map(async (path) => [path, await stateOf(path)] as const))
  return { ...Object.fromEntries(states), hostname: hostname() }
}

async function stateOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes !== undefined) return createHash('sha256').update(bytes).digest('hex')
  const names = await readdir(path, { recursive: true }).catch(() => undefined)
  return names === undefined ? 'not there' : names.toSorted().join()
}
