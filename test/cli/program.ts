import { type SpawnOptions, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import pc from 'picocolors'
import { setUpEditHost } from '../../src/cli/edit-host.ts'
import { metalspray } from '../../src/cli/program.ts'
import { prepare, run } from '../../src/cli/run.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { makeStore } from '../../src/commands/open-store.ts'
import { type Host, newHost } from '../../src/core/host.ts'
import { parseMac } from '../../src/core/identity.ts'

/** The program itself. */
export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const EDIT_HOST = fileURLToPath(new URL('../../src/cli/edit-host-main.ts', import.meta.url))

/** A folder of its own with data, images and whatever a test puts there. */
export interface Place {
  readonly folder: string
  /** The program in this process: all of it but what `processTerminal` and the two entry points do. */
  metalspray(...args: string[]): Promise<Outcome>
  editHost(...args: string[]): Promise<Outcome>
  /** The program with more control: its input; its environment, which makes it {@link Place.spawn}, since commander looks there by itself. */
  run(args: readonly string[], options: RunOptions): Promise<Outcome>
  /** The same as `metalspray`. */
  inProcess(...args: string[]): Promise<Outcome>
  /** The program in a process of its own, whose start takes longer than most of what it does. */
  spawn(args: readonly string[], options?: RunOptions): Promise<Outcome>
  write(path: string, content: string | Buffer): Promise<string>
  /** Puts hosts into the database as they are. */
  addHosts(...hosts: Host[]): Promise<void>
  hosts(): Promise<readonly Host[]>
  /** The names of all files and folders in it. */
  files(): Promise<readonly string[]>
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** All of standard output, as it is. */
  readonly bytes: Buffer
}

export interface RunOptions {
  readonly program?: 'metalspray' | 'edit-host'
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
}

export async function place(t: TestContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'metalspray-cli-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const here: Place = {
    folder,
    metalspray: (...args) => here.run(args, {}),
    editHost: (...args) => here.run(args, { program: 'edit-host' }),
    run: (args, options) => (options.env === undefined ? runInProcess : runProgram)(args, { cwd: folder, ...options }),
    inProcess: (...args) => here.run(args, {}),
    spawn: (args, options) => runProgram(args, { cwd: folder, ...options }),
    write: async (path, content) => {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      return file
    },
    addHosts: async (...hosts) => {
      await using store = makeStore(join(folder, 'data'))
      await store.addHosts(hosts, 0, { type: 'imported', text: 'by a test' })
    },
    hosts: async () => {
      await using store = makeStore(join(folder, 'data'))
      return await store.listHosts()
    },
    files: () => readdir(folder, { recursive: true }),
  }
  return here
}

/** A host with an identity that goes by its id. */
export function host(id: number, more: Partial<Host> = {}): Host {
  const mac = parseMac(`020000${id.toString(16).padStart(6, '0')}`)
  return { ...newHost({ macs: [mac], serial: `SN${id}`, uuid: undefined }, 0), id, ...more }
}

async function runInProcess(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { program = 'metalspray', input = '', cwd = '' } = options
  const [stdout, stderr]: [Buffer[], string[]] = [[], []]
  const terminal: Terminal = {
    out: (text) => void stdout.push(Buffer.from(`${text}\n`)),
    write: (content) => void stdout.push(Buffer.from(content)),
    say: (text) => void stderr.push(`${text}\n`),
    isLive: false,
    colors: pc.createColors(false),
    now: Date.now,
    env: {},
    cwd,
    user: 'tester',
    confirm: async () => undefined,
    askSecrets: async () => undefined,
    readInput: async () => input,
  }
  const whole = program === 'metalspray' ? metalspray(terminal) : editHost(terminal)
  const code = await run(whole, ['', '', ...args], terminal)
  const bytes = Buffer.concat(stdout)
  return { code, stdout: bytes.toString(), stderr: stderr.join(''), bytes }
}

/** As edit-host-main.ts has it. */
function editHost(terminal: Terminal): Command {
  const program = prepare(new Command('edit-host'), terminal)
  setUpEditHost(program, terminal)
  return program
}

async function runProgram(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const file = options.program === 'edit-host' ? EDIT_HOST : MAIN
  const settings: SpawnOptions = {
    cwd: options.cwd,
    // With what Node keeps of the sources without their types, a program starts in a third of the time.
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  }
  const child = spawn(process.execPath, [file, ...args], settings)
  const parts: { readonly [name in 'stdout' | 'stderr']: Buffer[] } = { stdout: [], stderr: [] }
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (part: Buffer) => parts[name].push(part))
  child.stdin?.on('error', () => {}) // a program that reads no input may be gone before it is written
  child.stdin?.end(options.input ?? '')
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.on('error', reject)
  child.on('close', resolve)
  const code = await promise
  const bytes = Buffer.concat(parts.stdout)
  return { code, stdout: bytes.toString(), stderr: Buffer.concat(parts.stderr).toString(), bytes }
}
