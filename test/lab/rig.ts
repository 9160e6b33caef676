import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { HostEvent } from '../../src/core/event.ts'
import type { Host } from '../../src/core/host.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { startDnsmasq } from './dnsmasq.ts'
import { requireLab } from './lab-process.ts'
import { Machine, type MachineSpec } from './machine.ts'
import { Network } from './network.ts'
import { runProgram } from './run-program.ts'
import { eventually } from './wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const PORT = 5000

/** How machines of this rig get their addresses. */
export type RigDhcp = 'own' | 'proxy'

/** As most networks have one. iPXE waits a quarter of a minute for it where there is none. */
function ipv6Router(network: Network): string[] {
  const range = `dhcp-range=fd77:0:0:${network.number}::,ra-only`
  return ['port=0', `interface=${network.bridge}`, 'bind-interfaces', 'enable-ra', range]
}

/** A server room: one network, the server as its users start it, and machines. */
export class Rig {
  readonly network: Network
  readonly directory: string
  /** What the server logged, line by line, over all its starts. */
  readonly log: string[] = []
  readonly #dhcp: RigDhcp
  readonly #machines: Machine[] = []
  #server: ChildProcess | undefined

  private constructor(network: Network, dhcp: RigDhcp) {
    this.network = network
    this.#dhcp = dhcp
    this.directory = join(requireLab(), network.bridge)
  }

  /** Lays the network and makes the folders; nothing runs yet. */
  static async build(dhcp: RigDhcp = 'own'): Promise<Rig> {
    const rig = new Rig(await Network.create(), dhcp)
    await mkdir(rig.images, { recursive: true })
    await startDnsmasq(rig.network, join(rig.directory, 'router'), ipv6Router(rig.network))
    return rig
  }

  get data(): string {
    return join(this.directory, 'data')
  }

  get images(): string {
    return join(this.directory, 'images')
  }

  /** The boot door, as machines reach it. */
  get url(): string {
    return `http://${this.network.address}:${PORT}`
  }

  /** Starts the server and dnsmasq by the command that the README names; resolves when both doors are open. */
  async startServer(...options: readonly string[]): Promise<void> {
    const range = `${this.network.host(100)},${this.network.host(200)}`
    const child = this.network.spawn(process.execPath, [
      ...[join(ROOT, 'src/cli/main.ts'), 'serve', '--host', this.network.address, '--port', String(PORT)],
      ...['--admin-port', '0', '--data', this.data, '--images', this.images, '--interface', this.network.bridge],
      ...(this.#dhcp === 'proxy' ? ['--proxy'] : ['--range', range]),
      ...options,
    ])
    this.#server = child
    const file = createWriteStream(join(this.directory, 'server.log'), { flags: 'a' })
    const started = Promise.withResolvers<void>()
    const listen = (line: string) => {
      this.log.push(line)
      file.write(`${line}\n`)
      if (line.includes('dnsmasq answers on')) started.resolve()
    }
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) createInterface(stream).on('line', listen)
    child.once('close', () => {
      file.end()
      started.reject(new Error(`the server ended:\n${this.log.slice(-20).join('\n')}`))
    })
    await started.promise
  }

  /** Ends the server: politely, or as a power cut would. */
  async stopServer(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#server
    this.#server = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }

  /** Runs `metalspray …` as a person would. */
  metalspray(...args: readonly string[]): Promise<string> {
    return runProgram(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...args])
  }

  /** Runs `edit-host …` as a person would. */
  editHost(...args: readonly string[]): Promise<string> {
    const folders = ['--data', this.data, '--images', this.images]
    return runProgram(process.execPath, [join(ROOT, 'src/cli/edit-host-main.ts'), ...folders, ...args])
  }

  importImage(name: string, source: string): Promise<string> {
    return this.metalspray('import', name, source, '--images', this.images)
  }

  /** Puts a machine into the rack. */
  async machine(spec: MachineSpec): Promise<Machine> {
    const machine = await Machine.build(spec, { directory: this.directory, network: this.network })
    this.#machines.push(machine)
    return machine
  }

  async hosts(): Promise<readonly Host[]> {
    await using store = openSqliteStore(join(this.data, 'metalspray.sqlite'))
    return await store.listHosts()
  }

  async events(host: number): Promise<readonly HostEvent[]> {
    await using store = openSqliteStore(join(this.data, 'metalspray.sqlite'))
    return await store.listEvents({ host })
  }

  /** Waits until a host is as wanted. */
  waitForHost(id: number, what: string, isSo: (host: Host) => boolean, ceilingMs: number): Promise<Host> {
    const look = async () => (await this.hosts()).find((host) => host.id === id && isSo(host))
    return eventually(`host ${id} ${what}`, look, ceilingMs)
  }

  /** What happened, for the message of a test that failed. */
  story(): string {
    return [...this.#machines.map((machine) => machine.console.tail()), 'server:', ...this.log.slice(-30)].join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines) await machine.remove()
    await this.stopServer()
    await this.network[Symbol.asyncDispose]()
  }
}
