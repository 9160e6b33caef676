import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { HostEvent } from '../../src/core/event.ts'
import type { Host } from '../../src/core/host.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { plainDhcp, startDnsmasq } from './dnsmasq.ts'
import { Door } from './door.ts'
import { requireLab } from './lab-process.ts'
import { Machine, type MachineSpec } from './machine.ts'
import { Network } from './network.ts'
import { runProgram } from './run-program.ts'
import { eventually } from './wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const PORT = 5000

/** Who gives the machines their addresses: our dnsmasq, or a server that was there before and knows nothing of us. */
export type RigDhcp = 'own' | 'foreign'

/** A server room: one network, the server as its users start it, and machines. */
export class Rig {
  readonly network: Network
  readonly directory: string
  /** What the server logged, line by line, over all its starts. */
  readonly log: string[] = []
  readonly #dhcp: RigDhcp
  readonly #machines: Machine[] = []
  readonly #doors: Door[] = []
  readonly #neighbours: Network[] = []
  #server: ChildProcess | undefined

  private constructor(network: Network, directory: string, dhcp: RigDhcp) {
    this.network = network
    this.directory = directory
    this.#dhcp = dhcp
  }

  /** Lays the network and makes the folders; nothing runs yet. */
  static async build(dhcp: RigDhcp = 'own'): Promise<Rig> {
    const rig = new Rig(await Network.create(), await mkdtemp(join(requireLab(), 'rig-')), dhcp)
    await mkdir(rig.images, { recursive: true })
    if (dhcp === 'foreign') {
      const other = await rig.network.neighbour(2)
      rig.#neighbours.push(other)
      await startDnsmasq(other, join(rig.directory, 'foreign'), plainDhcp(other))
    }
    return rig
  }

  get data(): string {
    return join(this.directory, 'data')
  }

  get images(): string {
    return join(this.directory, 'images')
  }

  /** Where the server's log is kept, over all its starts. */
  get serverLog(): string {
    return join(this.directory, 'server.log')
  }

  /** The boot door, as machines reach it. */
  get url(): string {
    return `http://${this.network.address}:${PORT}`
  }

  /** Whether the server was started and has not ended since. */
  get isServing(): boolean {
    const child = this.#server
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** An address by which machines reach the server only while the door is open: a cable that can be cut. */
  door(port: number): Door {
    const door = Door.make({ host: this.network.address, port }, { host: this.network.address, port: PORT })
    this.#doors.push(door)
    return door
  }

  /** Starts the server and dnsmasq by the command that the README names; resolves when both doors are open. */
  async startServer(...options: readonly string[]): Promise<void> {
    const range = `${this.network.host(100)},${this.network.host(200)}`
    const child = this.network.spawn(process.execPath, [
      ...[join(ROOT, 'src/cli/main.ts'), 'serve', '--host', this.network.address, '--port', String(PORT)],
      ...['--admin-port', '0', '--data', this.data, '--images', this.images, '--interface', this.network.bridge],
      ...(this.#dhcp === 'foreign' ? ['--proxy'] : ['--range', range]),
      ...options,
    ])
    this.#server = child
    const file = createWriteStream(this.serverLog, { flags: 'a' })
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

  importImage(name: string, source: string, ...options: readonly string[]): Promise<string> {
    return this.metalspray('import', name, source, '--images', this.images, ...options)
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
    for (const door of this.#doors) await door.close()
    await this.stopServer()
    for (const neighbour of this.#neighbours) await neighbour[Symbol.asyncDispose]()
    await this.network[Symbol.asyncDispose]()
  }
}
