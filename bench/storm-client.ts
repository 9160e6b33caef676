import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'

/** What one machine fetches, and how long the file must be; `undefined` when only the server knows. */
export interface Fetch {
  readonly path: string
  readonly bytes: number | undefined
}

/** What a thread of machines is told. */
export interface Storm {
  readonly port: number
  /** One list for each machine. */
  readonly machines: readonly (readonly Fetch[])[]
}

/** What a thread of machines saw. */
export interface Weather {
  readonly bytes: number
  readonly requests: number
  /** How long each small file took, from the request to its last byte, in ms. */
  readonly small: readonly number[]
  readonly errors: readonly string[]
}

/** Files up to this size are small, in bytes. */
const SMALL = 64 << 10
const LONGEST_HEAD = 4096

const { port, machines } = workerData as Storm
/** All that comes is read into one place and forgotten: a machine must not be what limits the server. */
const trash = Buffer.allocUnsafeSlow(256 << 10)
const small: number[] = []
const errors: string[] = []
let bytes = 0
let requests = 0

/** A machine as mboot is one: GET after GET over one connection that is kept, and nothing after the first error. */
function run(list: readonly Fetch[]): Promise<void> {
  return new Promise((resolve) => {
    let next = 0
    let head = ''
    let left = 0
    let length = 0
    let since = 0
    const request = (): void => {
      const wanted = list[next]
      if (wanted === undefined) {
        socket.end()
        return
      }
      since = performance.now()
      head = ''
      requests += 1
      socket.write(`GET ${wanted.path} HTTP/1.1\r\nConnection: keep-alive\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    }
    const fail = (why: string): void => {
      errors.push(`${list[next]?.path}: ${why}`)
      socket.destroy()
    }
    /** @returns how many bytes of the answer's body came with the end of its head */
    const readHead = (piece: Buffer): number => {
      const before = head.length
      head += piece.toString('latin1', 0, LONGEST_HEAD)
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return 0
      length = Number(/\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end))?.[1])
      const expected = list[next]?.bytes ?? length
      if (!head.startsWith('HTTP/1.1 200') || length !== expected) fail(head.slice(0, end))
      left = length
      const came = before + piece.length - end - 4
      head = 'read'
      return came
    }
    const take = (count: number): void => {
      left -= count
      bytes += count
      if (left < 0) fail('more bytes than were announced')
      if (left !== 0) return
      if (length <= SMALL) small.push(performance.now() - since)
      next += 1
      request()
    }
    const callback = (count: number): boolean => {
      if (head === 'read') take(count)
      else {
        const came = readHead(trash.subarray(0, count))
        if (head === 'read' && !socket.destroyed) take(came)
      }
      return true
    }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: trash, callback } }, request)
    socket.on('error', (error) => errors.push(`${list[next]?.path}: ${error.message}`))
    socket.on('close', () => {
      if (next < list.length && errors.length === 0) errors.push(`${list[next]?.path}: the connection ended`)
      resolve()
    })
  })
}

await Promise.all(machines.map(run))
parentPort?.postMessage({ bytes, requests, small, errors } satisfies Weather)
