import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { ProvisionError } from '../core/errors.ts'
import { fileError } from './file-errors.ts'
import { openStaging } from './staging.ts'

/** A file that came over the network, gone when its scope ends or its process does. */
export interface Upload extends AsyncDisposable {
  readonly path: string
}

/**
 * Writes what comes to a file beside the images, as it comes: an ISO is read from several places, so that it has to be there whole.
 * @param root the images folder
 * @param file what the file is called, for messages and for what is noted of an image
 * @param onBytes hears how many have come
 * @throws {ProvisionError} unavailable, when it does not fit; invalid, when it ends early
 */
export async function receiveUpload(
  { root, name, file }: { readonly root: string; readonly name: string; readonly file: string },
  body: Readable,
  { onBytes, signal }: { readonly onBytes: (done: number) => void; readonly signal: AbortSignal },
): Promise<Upload> {
  const staging = await openStaging(root, name)
  try {
    const path = join(dirname(staging.path), file)
    await using handle = await open(path, 'wx')
    let done = 0
    for await (const chunk of chunksOf(body, signal)) {
      await handle.appendFile(chunk)
      done += chunk.length
      onBytes(done)
    }
    return { path, [Symbol.asyncDispose]: () => staging[Symbol.asyncDispose]() }
  } catch (error) {
    await staging[Symbol.asyncDispose]()
    signal.throwIfAborted()
    if (isCut(error))
      throw new ProvisionError('invalid', 'the upload ended before all of it had come', { cause: error })
    throw fileError(error, 'the upload')
  }
}

/** What comes, until somebody ends it. The body itself is left as it is: whoever sends it is still to be told why. */
async function* chunksOf(body: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  // Anew for each chunk: a race against one promise for all of them would keep them all.
  let interrupt: () => void = () => undefined
  const end = () => interrupt()
  signal.addEventListener('abort', end, { once: true })
  try {
    const chunks = body.iterator({ destroyOnReturn: false })
    for (;;) {
      signal.throwIfAborted()
      const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        interrupt = () => reject(signal.reason)
        chunks.next().then(resolve, reject)
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function isCut(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(error.code))
  )
}
