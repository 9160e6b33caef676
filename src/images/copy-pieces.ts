import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** Bytes of a file that lie together. */
export interface Piece {
  readonly offset: number
  readonly length: number
}

/** What is to be copied out of an open file. */
export interface CopyOrder {
  /** Its descriptor. */
  readonly from: number
  /** In the order in which they make up the copy. */
  readonly pieces: readonly Piece[]
  /** The path of the copy; without it, the bytes are only summed. */
  readonly to?: string | undefined
}

/** A copy, and what its bytes add up to. */
export interface Copied {
  readonly size: number
  readonly sha256: string
}

/** Why a copy could not be made: the source gives no more bytes, or the one or the other file an error of the system. */
export interface CopyFault {
  readonly of: 'source' | 'copy'
  readonly message: string
  /** As `ENOSPC`. */
  readonly code?: string | undefined
  /** Where the source came to its end. */
  readonly end?: number
}

/** A fault of the source, thrown out of {@link copyPieces}. */
class SourceError extends Error {
  readonly code: string | undefined
  readonly end: number | undefined

  constructor({ message, code, end }: Omit<CopyFault, 'of'>, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.end = end
  }
}

/** Long enough that a disk has to go from place to place but seldom, short enough to stay in a processor's cache. */
const CHUNK = 2 * 1024 * 1024
let buffer: Buffer | undefined

/**
 * Copies pieces of a file and sums them on the way. Each chunk is read, summed and written by the same processor, which has it at hand.
 * @yields how many bytes were done in a step, so that whoever runs it can stop between two
 */
export function* copyPieces({ from, pieces, to }: CopyOrder): Generator<number, Copied> {
  buffer ??= Buffer.allocUnsafeSlow(CHUNK)
  const hash = createHash('sha256')
  const target = to === undefined ? undefined : openSync(to, 'w', 0o644)
  let size = 0
  try {
    for (const { offset, length } of pieces) {
      for (let done = 0; done < length; ) {
        const chunk = readChunk(from, buffer.subarray(0, length - done), offset + done)
        hash.update(chunk)
        if (target !== undefined) writeAll(target, chunk)
        done += chunk.length
        size += chunk.length
        yield chunk.length
      }
    }
  } finally {
    if (target !== undefined) closeSync(target)
  }
  return { size, sha256: hash.digest('hex') }
}

function readChunk(from: number, into: Buffer, at: number): Buffer {
  let bytes = 0
  try {
    bytes = readSync(from, into, 0, into.length, at)
  } catch (error) {
    throw new SourceError(textOf(error), error)
  }
  if (bytes === 0) throw new SourceError({ message: 'it has become shorter', end: at })
  return into.subarray(0, bytes)
}

function writeAll(target: number, chunk: Buffer): void {
  for (let done = 0; done < chunk.length; ) done += writeSync(target, chunk, done)
}

/** What {@link copyPieces} has thrown, in a form that can be told to another thread. */
export function copyFault(error: unknown): CopyFault {
  if (!(error instanceof SourceError)) return { of: 'copy', ...textOf(error) }
  const { message, code, end } = error
  return { of: 'source', message, code, ...(end === undefined ? {} : { end }) }
}

function textOf(error: unknown): { readonly message: string; readonly code?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { message: error.message, ...code }
}
