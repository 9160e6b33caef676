import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, rmSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { debianKernel } from './debian-kernel.ts'
import { LAB_VARIABLE } from './lab-process.ts'
import { listenOutside } from './publish.ts'
import { makeRunDirectory, sweepRunDirectories } from './run-directory.ts'
import { PROGRAM_ENV, runProgram } from './run-program.ts'

/**
 * Runs a program where it may build labs: `node test/lab/enter.ts [--publish PORT] PROGRAM ARGUMENT …`.
 *
 * The program gets network, mount and process namespaces of its own, and as a normal user a user namespace in which it is
 * root. Whatever it starts cannot outlive it: when this process ends, even by SIGKILL, the kernel ends `unshare`, with it
 * the first process of the namespace, with that all others, and then bridges and cables are gone by themselves.
 */
async function main(args: readonly string[]): Promise<number> {
  const { ports, command } = readArguments(args)
  if (command.length === 0) throw new Error('which program? node test/lab/enter.ts [--publish PORT] PROGRAM …')
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child']
  const unshare = process.getuid?.() === 0 ? namespaces : ['--user', '--map-root-user', ...namespaces]
  await requirePermission(unshare)
  // The one thing that comes over the network: in the lab there is no way out any more.
  await debianKernel()
  sweepRunDirectories()
  const directory = makeRunDirectory()
  try {
    for (const port of ports) await listenOutside(directory, port)
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'unshare', ...unshare, 'sh', '-c', PREPARE, 'lab', ...command],
      {
        stdio: 'inherit',
        env: { ...PROGRAM_ENV, [LAB_VARIABLE]: directory },
      },
    )
    return await ended(child)
  } finally {
    if (process.env['METALSPRAY_LAB_KEEP'] === undefined) rmSync(directory, { recursive: true, force: true })
    else process.stderr.write(`kept: ${directory}\n`)
  }
}

/**
 * What the namespaces need before the program runs. `ip netns` keeps its names in /run/netns, which has to be ours; in a
 * container /proc may be closed to a new mount, and the old one does as well. The shell stays, as the first process of
 * the namespace, to collect orphans, and because a first process would not die by a signal that it does not handle.
 */
const PREPARE = `
  mount -t proc proc /proc 2>/dev/null
  mkdir -p /run/netns 2>/dev/null && mount -t tmpfs tmpfs /run/netns || { mount -t tmpfs tmpfs /run && mkdir /run/netns; } || exit 1
  ip link set lo up || exit 1
  "$@"
  exit $?`

function readArguments(args: readonly string[]): { ports: number[]; command: readonly string[] } {
  const ports: number[] = []
  let rest = args
  while (rest[0] === '--publish') {
    ports.push(Number(rest[1]))
    rest = rest.slice(2)
  }
  return { ports, command: rest }
}

/** @throws {Error} that says what is closed to this user, and what opens it */
async function requirePermission(unshare: readonly string[]): Promise<void> {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch (error) {
    const why = 'machines are plugged into the lab through /dev/net/tun'
    throw new Error(`${why}, which is ${isMissing(error) ? MISSING_TUN : CLOSED_TUN}`, { cause: error })
  }
  await runProgram('unshare', [...unshare, 'true']).catch((error: unknown) => {
    const root = process.getuid?.() === 0
    const advice = root ? 'a container needs --privileged' : 'this kernel lets only root make namespaces; run as root'
    throw new Error(`the lab needs network namespaces of its own: ${advice}`, { cause: error })
  })
}

const MISSING_TUN = 'missing: `modprobe tun`, and in a container `--device /dev/net/tun`'
const CLOSED_TUN =
  'closed to this user: run as root, or open it once with `sudo chmod 666 /dev/net/tun` as Debian has it'

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function ended(child: ChildProcess): Promise<number> {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => passOn(child, signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? osConstants.signals[signal] : 0)))
  })
}

/** `unshare` keeps signals to itself, so they go to the program: the child of its child. */
function passOn(child: ChildProcess, signal: NodeJS.Signals): void {
  // Ctrl-C on a terminal reaches the program by itself.
  if (signal === 'SIGINT' && process.stdin.isTTY) return
  const shell = firstChild(child.pid)
  const program = firstChild(shell) ?? shell
  if (program !== undefined) process.kill(program, signal)
}

function firstChild(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return children === '' ? undefined : Number(children.split(' ')[0])
  } catch {
    return undefined
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
  },
)
