import { type SpawnOptions, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** A program that is not there, with the Debian package that brings it, so that a person knows what to do. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  dnsmasq: 'dnsmasq-base',
  'qemu-system-x86_64': 'qemu-system-x86',
  xz: 'xz-utils',
  ip: 'iproute2',
  unshare: 'util-linux',
  xorriso: 'xorriso',
  mformat: 'mtools',
  mcopy: 'mtools',
  mmd: 'mtools',
  syslinux: 'syslinux',
  'dpkg-deb': 'dpkg',
}

/** Debian keeps administrators' programs where a normal user's PATH does not look. */
export const PROGRAM_ENV: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
  LC_ALL: 'C',
}

/** Says which package to install when `program` could not be started. */
export function explainSpawnError(program: string, error: NodeJS.ErrnoException): Error {
  const debian = PACKAGE_OF[program]
  if (error.code !== 'ENOENT' || debian === undefined) return error
  return new Error(`${program} is missing; install it with: sudo apt-get install --no-install-recommends ${debian}`, {
    cause: error,
  })
}

/** Runs a program to its end and gives what it wrote to stdout; an error holds its command line and its stderr. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<string> {
  const child = spawn(program, args, { env: PROGRAM_ENV, ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', (error) => reject(explainSpawnError(program, error)))
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const output = [child.stdout ? text(child.stdout) : '', child.stderr ? text(child.stderr) : ''] as const
  const [code, out, err] = await Promise.all([ended, ...output])
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${err.trim().slice(-2000)}`)
  return out
}
