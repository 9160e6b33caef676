import type { Host } from '../../host.ts'
import type { JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import type { HostConfig, Login, User } from '../model.ts'
import { nameOfHost } from './names.ts'

/** Where the kernel's settings are put, below systemd's own. */
const SYSCTL = '/etc/sysctl.d/90-metalspray.conf'

/** Writes cloud-init's user data: what a Linux is to be, but for its network. */
export function toCloudConfig(host: Host, config: HostConfig): JsonObject {
  const fqdn = nameOfHost(host, config)
  const { root, users, ntp, syslog, timezone, commands } = config
  const sysctl = Object.entries(config.kernelSettings).map(
    ([name, value]) => `${name} = ${typeof value === 'boolean' ? Number(value) : value}`,
  )
  const files = sysctl.length === 0 ? [] : [{ path: SYSCTL, content: `${sysctl.join('\n')}\n`, mode: '0644' }]
  return filled({
    hostname: fqdn.replace(/\..*$/, ''),
    fqdn,
    prefer_fqdn_over_hostname: fqdn.includes('.') || undefined,
    timezone,
    // Root may log in as soon as somebody said how.
    disable_root: root.sshKeys.length > 0 ? false : undefined,
    users: [
      'default',
      ...(root.sshKeys.length === 0 && root.passwordHash === undefined ? [] : [toRoot(root)]),
      ...users.map(toUser),
    ],
    ntp: ntp.servers.length === 0 ? undefined : { enabled: true, servers: ntp.servers },
    rsyslog: filled({
      remotes: Object.fromEntries(syslog.servers.map((server, at) => [`metalspray${at}`, remote(server)])),
    }),
    write_files: [...files, ...config.files].map(({ path, content, mode }) => ({ path, content, permissions: mode })),
    bootcmd: commands.before,
    runcmd: [...(sysctl.length === 0 ? [] : ['sysctl --system']), ...commands.after],
  })
}

/** Who exists already gets `hashed_passwd` too. The list of `chpasswd` is deprecated, and its successor unknown before cloud-init 22.3. */
function toRoot({ passwordHash, sshKeys }: Login): JsonObject {
  return filled({
    name: 'root',
    hashed_passwd: passwordHash,
    lock_passwd: passwordHash === undefined,
    ssh_authorized_keys: sshKeys,
  })
}

function toUser({ name, description, admin, passwordHash, sshKeys }: User): JsonObject {
  return filled({
    name,
    gecos: description,
    shell: '/bin/sh',
    sudo: admin ? 'ALL=(ALL) NOPASSWD:ALL' : undefined,
    hashed_passwd: passwordHash,
    lock_passwd: passwordHash === undefined,
    ssh_authorized_keys: sshKeys,
  })
}

/** One @ is UDP in rsyslog's configuration, two are TCP. */
export function remote(server: string): string {
  const [, scheme = 'udp', address = ''] = /^(?:(udp|tcp|ssl):\/\/)?(.*)$/.exec(server) ?? []
  return `*.* ${scheme === 'udp' ? '@' : '@@'}${address}`
}
