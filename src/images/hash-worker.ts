import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

/** What a hash thread is told: bytes to be added, or that there are no more of them. */
export type HashOrder = { readonly chunk: Uint8Array } | { readonly chunk?: undefined }

/** What it answers: that the bytes were added and may be overwritten, or the sum of all since the last one. */
export type HashAnswer = { readonly sum?: string }

let hash: Hash = createHash('sha256')

parentPort?.on('message', ({ chunk }: HashOrder) => {
  if (chunk !== undefined) {
    hash.update(chunk)
    parentPort?.postMessage({})
    return
  }
  const answer: HashAnswer = { sum: hash.digest('hex') }
  hash = createHash('sha256')
  parentPort?.postMessage(answer)
})
