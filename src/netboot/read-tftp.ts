import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { ProvisionError } from '../core/errors.ts'
import { formatAcknowledge, formatRead, formatStop, parseTftp, type TftpPacket } from './tftp-packet.ts'

/** What is to be fetched from a TFTP server. */
export interface TftpRequest {
  /** An address, or a name, as some DHCP servers tell it. */
  readonly server: string
  readonly file: string
  /** 69 */
  readonly port?: number
  /** More than so many bytes are not taken. */
  readonly largest: number
  /** How long each packet is waited for before it is asked for again, in ms. */
  readonly patienceMs?: number
  readonly signal: AbortSignal
}

/** A file that came by TFTP. */
export interface TftpFile {
  readonly bytes: Buffer
  /** The size of a block, which the server agreed to. */
  readonly blockSize: number
}

/** With its headers this fills an Ethernet packet: what gets through shows that large packets do. */
const BLOCK_SIZE = 1468
const BLOCK_SIZE_WITHOUT_OPTIONS = 512
const TRIES = 4
const PATIENCE_MS = 1000
const NOT_FOUND = 1

/**
 * Fetches a file as firmware does (RFC 1350), with the options that firmware uses (2348, 2349).
 * @throws {ProvisionError} not-found; unavailable, when nothing answers; invalid, when it is refused or too large
 */
export async function readTftp(asked: TftpRequest): Promise<TftpFile> {
  const request = { ...asked, server: await addressOf(asked.server) }
  const socket = createSocket('udp4')
  const { promise, resolve, reject } = Promise.withResolvers<TftpFile>()
  const transfer = new Transfer(socket, request, { resolve, reject })
  const stop = () => reject(request.signal.reason)
  request.signal.addEventListener('abort', stop, { once: true })
  try {
    request.signal.throwIfAborted()
    transfer.start()
    return await promise
  } finally {
    request.signal.removeEventListener('abort', stop)
    transfer.end()
    await new Promise<void>((done) => socket.close(() => done()))
  }
}

async function addressOf(server: string): Promise<string> {
  try {
    return (await lookup(server, 4)).address
  } catch (error) {
    throw new ProvisionError('unavailable', `there is no TFTP server of the name ${server}`, { cause: error })
  }
}

class Transfer {
  readonly #socket: Socket
  readonly #request: TftpRequest
  readonly #blocks: Buffer[] = []
  readonly #done: { resolve(file: TftpFile): void; reject(error: unknown): void }
  #blockSize = BLOCK_SIZE_WITHOUT_OPTIONS
  #received = 0
  /** The server answers from a port of its own; only that one counts. */
  #port: number | undefined
  #last: Buffer = Buffer.alloc(0)
  #timer: NodeJS.Timeout | undefined
  #tries = 0

  constructor(
    socket: Socket,
    request: TftpRequest,
    done: { resolve(file: TftpFile): void; reject(error: unknown): void },
  ) {
    this.#socket = socket
    this.#request = request
    this.#done = done
  }

  start(): void {
    this.#socket.on('error', (error) => this.#fail('unavailable', `cannot be reached: ${error.message}`))
    this.#socket.on('message', (bytes, from) => this.#take(bytes, from))
    const options = new Map([
      ['tsize', '0'],
      ['blksize', String(BLOCK_SIZE)],
    ])
    this.#say(formatRead(this.#request.file, options))
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    if (from.address !== this.#request.server || (this.#port !== undefined && from.port !== this.#port)) return
    const packet = parseTftp(bytes)
    if (packet === undefined) return
    this.#port = from.port
    this.#tries = 0
    if (packet.type === 'data') this.#takeBlock(packet)
    else if (packet.type === 'options') this.#takeOptions(packet)
    else this.#fail(packet.code === NOT_FOUND ? 'not-found' : 'invalid', `refuses it: ${packet.message}`)
  }

  #takeOptions({ options }: Extract<TftpPacket, { type: 'options' }>): void {
    if (this.#blocks.length > 0) return
    const blockSize = Number(options.get('blksize') ?? this.#blockSize)
    if (!(blockSize >= 8 && blockSize <= BLOCK_SIZE)) {
      this.#stop(`wants blocks of ${String(options.get('blksize'))} bytes`)
    } else if (Number(options.get('tsize') ?? 0) > this.#request.largest) {
      this.#stop(`has a file of ${String(options.get('tsize'))} bytes`)
    } else {
      this.#blockSize = blockSize
      this.#say(formatAcknowledge(0))
    }
  }

  #takeBlock({ block, data }: Extract<TftpPacket, { type: 'data' }>): void {
    const wanted = (this.#blocks.length + 1) & 0xffff
    if (block !== wanted) return // one that came before, sent again
    this.#blocks.push(data)
    this.#received += data.length
    if (this.#received > this.#request.largest) {
      this.#stop('does not stop sending')
      return
    }
    this.#say(formatAcknowledge(block))
    if (data.length >= this.#blockSize) return
    this.#done.resolve({ bytes: Buffer.concat(this.#blocks), blockSize: this.#blockSize })
  }

  /** Sends, and again until something comes. */
  #say(packet: Buffer): void {
    this.#last = packet
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#again(), this.#request.patienceMs ?? PATIENCE_MS)
    this.#send(packet)
  }

  #again(): void {
    this.#tries += 1
    if (this.#tries >= TRIES) this.#fail('unavailable', 'does not answer')
    else this.#say(this.#last)
  }

  #send(packet: Buffer): void {
    this.#socket.send(packet, this.#port ?? this.#request.port ?? 69, this.#request.server, () => {})
  }

  #stop(why: string): void {
    this.#send(formatStop('too large'))
    this.#fail('invalid', why)
  }

  #fail(kind: 'not-found' | 'unavailable' | 'invalid', why: string): void {
    this.#done.reject(new ProvisionError(kind, `TFTP server ${this.#request.server} ${why}`))
  }
}
