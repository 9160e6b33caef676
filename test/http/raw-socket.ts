import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A connection that sends any bytes and reads what comes. It never decides what is right. */
export interface Wire extends Disposable {
  readonly socket: Socket
  send(bytes: string | Buffer): void
  /** The next answer, with its body if it should have one. @throws when the connection ends in the midst of it */
  answer(options?: { readonly isHead?: boolean }): Promise<WireAnswer>
  /** Everything until the server ends the connection. */
  rest(): Promise<Buffer>
}

export async function wireTo(port: number, host = '127.0.0.1'): Promise<Wire> {
  const socket = connect({ port, host })
  await once(socket, 'connect')
  const inbox = new Inbox(socket)
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    answer: ({ isHead = false } = {}) => readAnswer(inbox, isHead),
    rest: () => inbox.rest(),
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** One request on a connection of its own. */
export async function exchange(port: number, request: string | Buffer, host?: string): Promise<WireAnswer> {
  using wire = await wireTo(port, host)
  wire.send(request)
  return await wire.answer({ isHead: String(request).startsWith('HEAD ') })
}

async function readAnswer(inbox: Inbox, isHead: boolean): Promise<WireAnswer> {
  const [statusLine = '', ...lines] = (await inbox.until('\r\n\r\n')).split('\r\n')
  const headers = Object.fromEntries(
    lines
      .filter((line) => line !== '')
      .map((line) => [line.split(':')[0]?.toLowerCase(), line.replace(/^[^:]*: */, '')]),
  )
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(`${statusLine} `)?.[1] ?? Number.NaN)
  const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304
  if (status === 100) return readAnswer(inbox, isHead)
  return {
    status,
    headers,
    body: hasBody ? await inbox.bytes(Number(headers['content-length'] ?? 0)) : Buffer.alloc(0),
  }
}

/** What has come and was not read yet. */
class Inbox {
  #chunks: Buffer[] = []
  #length = 0
  #ended = false
  #wake: () => void = () => {}
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#length += chunk.length
      this.#wake()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    for (const event of ['end', 'close', 'error']) socket.on(event, end)
  }

  async until(mark: string): Promise<string> {
    for (;;) {
      const all = this.#take(this.#length)
      const at = all.indexOf(mark)
      if (at >= 0) {
        this.#putBack(all.subarray(at + mark.length))
        return all.subarray(0, at).toString('latin1')
      }
      this.#putBack(all)
      if (!(await this.#more())) throw new Error(`the connection ended after ${JSON.stringify(String(all))}`)
    }
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#length < count) {
      if (!(await this.#more())) throw new Error(`the connection ended after ${this.#length} of ${count} bytes`)
    }
    const all = this.#take(this.#length)
    this.#putBack(all.subarray(count))
    return all.subarray(0, count)
  }

  async rest(): Promise<Buffer> {
    while (await this.#more());
    return this.#take(this.#length)
  }

  #take(count: number): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#length = 0
    return all.subarray(0, count)
  }

  #putBack(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#chunks.unshift(bytes)
    this.#length += bytes.length
  }

  /** Waits for more; `false` when there is none to come. */
  async #more(): Promise<boolean> {
    if (this.#ended) return false
    this.#socket.resume()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return true
  }
}
