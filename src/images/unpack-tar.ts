import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Extract, extract, type Header } from 'tar-stream'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { type Compressed, decompress } from './decompress.ts'
import type { TreeWriter } from './tree-writer.ts'

type Entry = Extract extends AsyncIterable<infer E> ? E : never

/** What tar-stream says of bytes that are no archive, or not a whole one. */
const DAMAGED = /^(?:Invalid tar header|Invalid header|Header exceeds max size|Unexpected end of data)/

/**
 * Unpacks an archive as it is read.
 * @throws {ProvisionError} invalid, when it is damaged, cut off, or holds what must not be in an image
 */
export async function unpackTar(source: Compressed, writer: TreeWriter, signal: AbortSignal): Promise<void> {
  const members = extract()
  let failure: unknown
  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      yield* withEndMark(decompress(source, signal), source.subject)
    } catch (error) {
      failure = error // a member that is cut short by it is told only that its stream was destroyed
      throw error
    }
  }
  const fed = pipeline(Readable.from(bytes()), members, { signal })
  fed.catch(() => undefined) // the loop below fails as well; this one must not go unheard in between
  try {
    for await (const entry of members) await unpackEntry(entry, writer)
    await fed
  } catch (error) {
    members.destroy()
    // A refusal of the writer's own (a full disk) ends the reading too, which then fails for no reason of its own.
    throw damage(error instanceof ProvisionError ? error : (failure ?? error), source.subject)
  }
}

function damage(error: unknown, subject: string): unknown {
  if (!(error instanceof Error) || !DAMAGED.test(error.message)) return error
  const message = `${subject} holds no tar archive, or a damaged one (${error.message})`
  return new ProvisionError('invalid', message, { cause: error })
}

async function unpackEntry(entry: Entry, writer: TreeWriter): Promise<void> {
  const { header } = entry
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      checkPlain(header)
      return writer.addFile(header.name, contentOf(entry))
    case 'directory':
      await writer.addDirectory(header.name)
      break
    case 'symlink':
      writer.addSymlink(header.name, header.linkname ?? '')
      break
    case 'link':
      writer.addHardlink(header.name, header.linkname ?? '')
      break
    default: {
      const what = header.type ?? 'of a kind that is not known'
      throw new ProvisionError(
        'invalid',
        `its member ${quoted(header.name)} is ${what}; an image holds files and folders`,
      )
    }
  }
  entry.resume()
}

/** tar-stream's own stream type does not say that it gives bytes. */
async function* contentOf(entry: Entry): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk
}

/** GNU tar's sparse members look like files whose content is a map of the holes. */
function checkPlain(header: Header): void {
  const pax: unknown = header.pax
  if (typeof pax !== 'object' || pax === null) return
  if (!Object.keys(pax).some((key) => key.startsWith('GNU.sparse.'))) return
  throw new ProvisionError(
    'invalid',
    `its member ${quoted(header.name)} is stored with holes; pack it without --sparse`,
  )
}

/** An archive ends with blocks of zeros. One that was cut off between two members is told by nothing else. */
async function* withEndMark(chunks: AsyncIterable<Buffer>, subject: string): AsyncGenerator<Buffer> {
  let tail: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    tail = chunk.length >= 512 ? chunk.subarray(-512) : Buffer.concat([tail, chunk]).subarray(-512)
    yield chunk
  }
  if (tail.length === 512 && tail.every((byte) => byte === 0)) return
  throw new ProvisionError(
    'invalid',
    `${subject} holds no tar archive, or one that is cut off: its end mark is missing`,
  )
}
