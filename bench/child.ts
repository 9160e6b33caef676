import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 20_000

/** A server that is measured, in a process of its own. */
export class Child implements AsyncDisposable {
  readonly port: number
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, port: number) {
    this.#process = process
    this.port = port
  }

  /** Starts a program and waits until its port answers. What it writes goes to the file `log`. */
  static async start(program: string, args: readonly string[], port: number, log: string): Promise<Child> {
    const output = openSync(log, 'w')
    const child = new Child(spawn(program, args, { stdio: ['ignore', output, output] }), port)
    closeSync(output)
    const until = Date.now() + START_MS
    while (!(await answers(port))) {
      if (child.#process.exitCode !== null || Date.now() > until) {
        await child[Symbol.asyncDispose]()
        throw new Error(`${program} ${args.join(' ')} did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`)
      }
      await sleep(50)
    }
    return child
  }

  /** CPU time used so far, in seconds. */
  get cpu(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8')
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return (user + system) / 100
  }

  /** The most memory that it ever had (RSS), in MB. */
  get peakMemory(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  }

  /** Counts the most memory from here on. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#process.pid}/clear_refs`, '5')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD' })
    return true
  } catch {
    return false
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
