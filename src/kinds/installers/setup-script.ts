import type { HostConfig, User, WrittenFile } from '../../core/config/model.ts'
import { remote } from '../../core/config/to/cloud-config.ts'
import { shellQuote as sh } from '../../render/quote.ts'

/** What the steps below are made of. It reads no configuration: whatever differs from host to host stands in the steps. */
const FUNCTIONS = `failed=
step() {
  name=$1
  shift
  "$@" || failed="$failed\${failed:++}$name"
}

put() {
  (umask 022 && mkdir -p "\${1%/*}") && printf '%s' "$3" >"$1" && chmod "$2" "$1"
}

keys() {
  home=$(getent passwd "$1" | cut -d: -f6)
  [ -n "$home" ] && mkdir -p "$home/.ssh" && printf '%s' "$2" >"$home/.ssh/authorized_keys" &&
    chmod 700 "$home/.ssh" && chmod 600 "$home/.ssh/authorized_keys" && chown -R "$1:" "$home/.ssh"
}

account() {
  how=usermod
  id -u "$1" >/dev/null 2>&1 || how='useradd -m'
  $how -c "$2" "$1" || return 1
  [ -z "$3" ] || usermod -p "$3" "$1"
}

ntp() {
  for conf in /etc/chrony.conf /etc/chrony/chrony.conf; do
    [ -f "$conf" ] || continue
    sed -i 's/^[[:blank:]]*\\(pool\\|server\\)[[:blank:]]/#&/' "$conf" || return 1
    for server; do echo "server $server iburst" >>"$conf" || return 1; done
    return 0
  done
  put /etc/systemd/timesyncd.conf.d/90-metalspray.conf 0644 "[Time]
NTP=$*
"
}`

/**
 * Writes the shell script that makes an installed Linux what its description says, as far as no installer does it by itself. It runs in the
 * new system, before its first start, as root. Steps that fail are named on its third channel, with `+` between them; the others are done.
 */
export function setupScript(config: HostConfig): string {
  const steps = stepsOf(config)
  return ['#!/bin/sh', 'umask 077', FUNCTIONS, ...steps, ...END].map((part) => `${part}\n`).join('')
}

const END = [
  // Files that were written from outside have no labels yet.
  'if command -v restorecon >/dev/null 2>&1; then restorecon -R -F /etc /root /home || true; fi',
  'if [ -n "$failed" ]; then echo "$failed" >&3; fi',
]

function stepsOf(config: HostConfig): readonly string[] {
  const { root, users, ntp, commands } = config
  return [
    ...commands.before.map((command, at) => step(`command-before-${at + 1}`, 'sh', '-c', command)),
    ...(root.sshKeys.length === 0 ? [] : [step('keys-of-root', 'keys', 'root', linesOf(root.sshKeys))]),
    ...users.flatMap(userSteps),
    ...filesOf(config).map(({ path, mode, content }, at) => step(`file-${at + 1}`, 'put', path, mode, content)),
    ...(ntp.servers.length === 0 ? [] : [step('ntp', 'ntp', ...ntp.servers)]),
    ...commands.after.map((command, at) => step(`command-after-${at + 1}`, 'sh', '-c', command)),
  ]
}

function userSteps({ name, description, admin, passwordHash, sshKeys }: User): readonly string[] {
  // A colon would end the field in passwd.
  const gecos = (description ?? '').replaceAll(':', ' ')
  const sudoers = `/etc/sudoers.d/metalspray-${name}`
  return [
    step(`user-${name}`, 'account', name, gecos, passwordHash ?? ''),
    ...(sshKeys.length === 0 ? [] : [step(`keys-of-${name}`, 'keys', name, linesOf(sshKeys))]),
    ...(admin ? [step(`sudo-of-${name}`, 'put', sudoers, '0440', `${name} ALL=(ALL) NOPASSWD:ALL\n`)] : []),
  ]
}

/** The files that are described, behind those that other settings make. */
function filesOf({ kernelSettings, syslog, files }: HostConfig): readonly WrittenFile[] {
  const sysctl = Object.entries(kernelSettings).map(
    ([name, value]) => `${name} = ${typeof value === 'boolean' ? Number(value) : value}`,
  )
  const made: readonly (readonly [string, readonly string[]])[] = [
    ['/etc/sysctl.d/90-metalspray.conf', sysctl],
    ['/etc/rsyslog.d/90-metalspray.conf', syslog.servers.map(remote)],
  ]
  return [
    ...made
      .filter(([, lines]) => lines.length > 0)
      .map(([path, lines]) => ({ path, mode: '0644', content: linesOf(lines) })),
    ...files,
  ]
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** One line of the script, or several when a text has them. */
function step(name: string, ...words: readonly string[]): string {
  return ['step', name, ...words.map((word) => (word === '' ? "''" : sh(word)))].join(' ')
}
