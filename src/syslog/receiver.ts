import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import { ProvisionError } from '../core/errors.ts'
import { Frames, LONGEST_MESSAGE } from './frames.ts'
import { Pace } from './pace.ts'
import { parseSyslog, type SyslogMessage } from './parse.ts'

/** Where messages are waited for. */
export interface SyslogAddress {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/** Who is told of messages, and of those that are not taken since their sender sends too many. */
export interface SyslogListener {
  message(sender: string, message: SyslogMessage): void
  refused(sender: string): void
}

export interface SyslogReceiver extends AsyncDisposable {
  readonly port: number
}

const MOST_CONNECTIONS = 512
/** A connection on which nothing comes for so long is closed, in ms. */
const SILENCE = 900_000
/** Datagrams that wait while the server is busy, in bytes. */
const RECEIVE_BUFFER = 1 << 20

/**
 * Waits for messages of the syslog protocol, by UDP and by TCP at the same port. Nothing is answered; whatever comes is a message, or nothing.
 * @throws {ProvisionError} unavailable, when the port is taken or not for this user
 */
export async function receiveSyslog(
  address: SyslogAddress,
  listener: SyslogListener,
  now: () => number,
): Promise<SyslogReceiver> {
  const pace = new Pace(now)
  const take = (from: string | undefined, bytes: Buffer) => {
    const sender = plainAddress(from ?? '')
    if (bytes.length === 0) return
    if (pace.admits(sender)) listener.message(sender, parseSyslog(bytes.subarray(0, LONGEST_MESSAGE)))
    else listener.refused(sender)
  }
  const tcp = createServer({ allowHalfOpen: false }, (socket) => readConnection(socket, take))
  tcp.maxConnections = MOST_CONNECTIONS
  const sockets = new Set<Socket>()
  tcp.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const udp = createSocket({ type: isIPv6(address.host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER })
  udp.on('message', (bytes, { address: from }) => take(from, bytes))
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all([new Promise((resolve) => tcp.close(resolve)), closeUdp(udp)])
  }
  try {
    const port = await listenTcp(tcp, address)
    udp.bind({ address: address.host, port })
    await once(udp, 'listening')
    udp.on('error', () => {})
    return { port, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    const why = error instanceof Error ? error.message : String(error)
    throw new ProvisionError('unavailable', `cannot receive syslog on ${address.host}:${address.port}: ${why}`, {
      cause: error,
    })
  }
}

async function listenTcp(server: Server, { host, port }: SyslogAddress): Promise<number> {
  server.listen({ host, port })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? port) : port
}

function readConnection(socket: Socket, take: (from: string | undefined, bytes: Buffer) => void): void {
  const frames = new Frames()
  // It is gone when the connection is.
  const from = socket.remoteAddress
  socket.setTimeout(SILENCE, () => socket.destroy())
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    for (const message of frames.push(chunk)) take(from, message)
  })
  socket.on('end', () => {
    for (const message of frames.end()) take(from, message)
  })
}

function closeUdp(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(resolve)
    } catch {
      resolve() // it never was open
    }
  })
}

/** An IPv4 address as such, also where it came through a socket for both. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}
