import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { ProvisionError } from '../core/errors.ts'
import { errorCode } from './file-errors.ts'
import { runProgram } from './program.ts'
import type { Compression } from './source.ts'

/** Compressed bytes, and what they are called in messages. */
export interface Compressed {
  readonly chunks: AsyncIterable<Buffer>
  readonly compression: Compression
  readonly subject: string
}

/**
 * Undoes a compression, as the bytes come.
 * @throws {ProvisionError} invalid, when they are damaged or cut off; unavailable, when a program is missing for it
 */
export function decompress(source: Compressed, signal: AbortSignal): AsyncIterable<Buffer> {
  switch (source.compression) {
    case 'none':
      return source.chunks
    case 'gzip':
      return inflate(source, createGunzip())
    case 'zstd':
      return inflate(source, createZstdDecompress())
    case 'xz': // Node has no xz of its own
      return runProgram({ name: 'xz', args: ['-dc'], subject: source.subject }, source.chunks, signal)
  }
}

async function* inflate({ chunks, subject }: Compressed, stream: Transform): AsyncGenerator<Buffer> {
  // Whatever stops the feeding destroys the stream with its error, which the reader gets.
  const fed = pipeline(chunks, stream).catch(() => undefined)
  try {
    yield* stream
  } catch (error) {
    if (!/^(?:Z_|ZSTD_)/.test(errorCode(error) ?? '')) throw error
    const why = error instanceof Error ? error.message : 'unreadable'
    throw new ProvisionError('invalid', `${subject} is damaged or cut off (${why})`, { cause: error })
  }
  await fed
}
