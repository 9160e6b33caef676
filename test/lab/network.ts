import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { requireLab } from './lab-process.ts'
import { PROGRAM_ENV, runProgram } from './run-program.ts'

/** A network cable between a machine and the bridge. */
export interface Tap {
  readonly name: string
  unplug(): Promise<void>
}

/** Addresses 10.77.0.0/24 to 10.77.199.0/24: more labs at once than a test run has processes. */
const MOST_NETWORKS = 200

/**
 * One lab network: a bridge in the namespace that `enter.ts` made for this run. The process that builds it has the
 * bridge's address itself, so it can serve machines and call servers without any tunnel. Labs stand beside each other,
 * in one process or several, as each takes the next free number.
 */
export class Network {
  /** `br7`, with 10.77.7.1/24 */
  readonly bridge: string
  readonly number: number
  /** The server's address on this network. */
  readonly address: string
  readonly #prefix: readonly string[]
  readonly #children = new Set<ChildProcess>()
  #taps = 0

  private constructor(number: number, bridge: string, address: string, prefix: readonly string[]) {
    this.number = number
    this.bridge = bridge
    this.address = address
    this.#prefix = prefix
  }

  /** Lays a network of its own. */
  static async create(): Promise<Network> {
    requireLab()
    const number = await addBridge()
    const network = new Network(number, `br${number}`, `10.77.${number}.1`, [])
    await runProgram('ip', ['addr', 'add', `${network.address}/24`, 'dev', network.bridge])
    await runProgram('ip', ['link', 'set', network.bridge, 'up'])
    await network.#startRouter()
    return network
  }

  /** An address of this network: `host(100)` is 10.77.7.100. */
  host(last: number): string {
    return `10.77.${this.number}.${last}`
  }

  /** Starts a program here; it ends with the network, and with this process even when that is killed. */
  spawn(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const command = [...this.#prefix, 'setpriv', '--pdeathsig', 'KILL', program, ...args]
    const [first = program, ...rest] = command
    const child = spawn(first, rest, { env: PROGRAM_ENV, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    return child
  }

  /** Runs a program here to its end; gives its stdout. */
  async run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
    const [first = program, ...rest] = [...this.#prefix, program, ...args]
    return await runProgram(first, rest, options)
  }

  /** A new cable from the bridge. */
  async plugIn(): Promise<Tap> {
    this.#taps += 1
    const name = `tap${this.number}x${this.#taps}`
    await runProgram('ip', ['tuntap', 'add', 'dev', name, 'mode', 'tap'])
    await runProgram('ip', ['link', 'set', name, 'master', this.bridge, 'up'])
    return { name, unplug: async () => void (await runProgram('ip', ['link', 'del', name])) }
  }

  /** Puts another computer onto the bridge, with a namespace and an address of its own: a foreign DHCP server, say. */
  async neighbour(last: number): Promise<Network> {
    const name = `lab${this.number}x${last}`
    const other = new Network(this.number, 'eth0', this.host(last), ['nsenter', `--net=/run/netns/${name}`])
    await runProgram('ip', ['netns', 'add', name])
    await runProgram('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name])
    await runProgram('ip', ['link', 'set', name, 'master', this.bridge, 'up'])
    await other.run('ip', ['link', 'set', 'lo', 'up'])
    await other.run('ip', ['addr', 'add', `${other.address}/24`, 'dev', 'eth0'])
    await other.run('ip', ['link', 'set', 'eth0', 'up'])
    return other
  }

  /**
   * An IPv6 router that only says that it is there, as most networks have one. Without it iPXE looks for one for 15 s at
   * every start. Where the kernel has no IPv6, machines take that time.
   */
  async #startRouter(): Promise<void> {
    const prefix = `fd77:0:0:${this.number}::`
    const added = runProgram('ip', ['addr', 'add', `${prefix}1/64`, 'dev', this.bridge, 'nodad'])
    if ((await added.catch(() => undefined)) === undefined) return
    const advertise = [
      '--enable-ra',
      `--dhcp-range=${prefix},ra-only`,
      '--leasefile-ro',
      '--pid-file',
      '--conf-file=/dev/null',
    ]
    const only = ['--port=0', `--interface=${this.bridge}`, '--bind-interfaces']
    const router = this.spawn('dnsmasq', ['--no-daemon', '--log-facility=-', ...only, ...advertise], {
      stdio: 'ignore',
    })
    // Its absence costs time only; a dnsmasq that is missing is named by whoever needs it.
    router.on('error', () => undefined)
  }

  /** Ends every program of this network, then takes the network away. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = [...this.#children].map((child) => new Promise((resolve) => child.once('close', resolve)))
    for (const child of this.#children) child.kill('SIGKILL')
    await Promise.all(ended)
    if (this.#prefix.length === 0) await runProgram('ip', ['link', 'del', this.bridge])
    else await runProgram('ip', ['netns', 'del', this.#prefix[1]?.replace('--net=/run/netns/', '') ?? ''])
  }
}

/** Takes the next free number; two processes that want the same one are told apart by the kernel. */
async function addBridge(): Promise<number> {
  for (let number = 0; number < MOST_NETWORKS; number += 1) {
    // Without spanning tree and snooping a new port forwards at once.
    const options = ['type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0']
    try {
      await runProgram('ip', ['link', 'add', `br${number}`, ...options])
      return number
    } catch (error) {
      if (!String(error).includes('File exists')) throw error
    }
  }
  throw new Error(`${MOST_NETWORKS} lab networks exist already`)
}
