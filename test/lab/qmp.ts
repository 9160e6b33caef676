import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** QEMU's control connection, as far as a power button needs it. */
export class Qmp {
  readonly #socket: Socket
  readonly #answers: ((line: QmpLine) => void)[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', (line) => this.#receive(JSON.parse(line) as QmpLine))
  }

  /** Connects as soon as QEMU has made its socket. */
  static async connect(path: string, ceilingMs = 20_000): Promise<Qmp> {
    const end = Date.now() + ceilingMs
    for (;;) {
      try {
        const qmp = new Qmp(await openSocket(path))
        await qmp.command('qmp_capabilities')
        return qmp
      } catch (error) {
        if (Date.now() > end) throw error
        await delay(50)
      }
    }
  }

  /** Sends one command; QEMU answers in order. */
  async command(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const answer = new Promise<QmpLine>((resolve, reject) => {
      this.#answers.push(resolve)
      this.#socket.once('close', () => reject(new Error(`QEMU went away before it answered ${execute}`)))
    })
    this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`)
    const line = await answer
    if (line.error) throw new Error(`QEMU refused ${execute}: ${line.error.desc}`)
    return line.return
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(line: QmpLine): void {
    if (line.return === undefined && line.error === undefined) return
    this.#answers.shift()?.(line)
  }
}

interface QmpLine {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}
