import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'

/**
 * Reads some bytes from a place, at least one and none at `end` or beyond. They need to be good only until the next ones are asked for.
 */
export type ReadPiece = (start: number, end: number) => Promise<Buffer>

/** Part of a file, `end` not included. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Sends bytes as an answer whose status and headers are set: the next piece when the system has taken the one before, and in between
 * everybody else has a turn. So a slow machine holds one piece, and a small file does not wait behind a large one.
 * @returns whether all of it was taken; otherwise the connection is gone
 * @throws what reading the first piece throws, when nothing is sent yet
 */
export async function pour(reply: FastifyReply, { start, end }: Span, read: ReadPiece): Promise<boolean> {
  const first = await read(start, end)
  const { raw } = reply
  reply.hijack()
  raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  const outlet = new Outlet(raw)
  try {
    let piece = first
    let at = start + piece.length
    while (at < end && !raw.destroyed) {
      await outlet.write(piece)
      await setImmediate()
      piece = await read(at, end)
      at += piece.length
    }
    return await outlet.end(piece)
  } catch (error) {
    // Its length was told already: only a cut says that this is not all.
    reply.log.warn({ err: error }, 'a file could not be sent to its end')
    raw.destroy()
    return false
  }
}

/** An answer to write to, which may go away at any moment. */
class Outlet {
  readonly #raw: ServerResponse
  #wake: () => void = () => {}

  constructor(raw: ServerResponse) {
    this.#raw = raw
    raw.once('close', () => this.#wake())
  }

  /** Waits until the system has the bytes, or nobody wants them any more. */
  write(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#raw.destroyed) resolve()
      else this.#raw.write(piece, () => resolve())
    })
  }

  async end(piece: Buffer): Promise<boolean> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (this.#raw.destroyed) resolve()
      else this.#raw.end(piece, () => resolve())
    })
    return this.#raw.writableFinished
  }
}
