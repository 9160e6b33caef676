import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

interface Place {
  readonly host: string
  readonly port: number
}

/** A port that leads to another one while it is open. Closed, it refuses connections, as a server that is down. */
export class Door {
  readonly url: string
  readonly #from: Place
  readonly #to: Place
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  private constructor(from: Place, to: Place) {
    this.#from = from
    this.#to = to
    this.url = `http://${from.host}:${from.port}`
  }

  /** A door that is closed. */
  static make(from: Place, to: Place): Door {
    return new Door(from, to)
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = createConnection(this.#to)
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
      }
      near.pipe(far).pipe(near)
    })
    this.#server.listen(this.#from)
    await once(this.#server, 'listening')
  }

  /** Closes the door on whoever stands in it. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    if (server === undefined) return
    server.close()
    await once(server, 'close')
  }
}
