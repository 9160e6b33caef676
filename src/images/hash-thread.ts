import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { HashAnswer, HashOrder } from './hash-worker.ts'

/** A SHA-256 sum that is made beside everything else: on a processor of its own, when there is one. */
export interface HashThread extends AsyncDisposable {
  /**
   * Adds bytes. They are not copied, so they lie in shared memory, and stay as they are until this is done.
   * @returns when they were added
   */
  update(chunk: Uint8Array): Promise<void>
  /** The sum of all that was added. */
  digest(): Promise<string>
}

/** Starts a thread for one sum. */
export function startHashThread(): HashThread {
  // Compiled, both files end in .js.
  const worker = new Worker(new URL(`hash-worker${extname(import.meta.filename)}`, import.meta.url))
  const waiting: PromiseWithResolvers<HashAnswer>[] = []
  worker.on('message', (answer: HashAnswer) => waiting.shift()?.resolve(answer))
  worker.on('error', (error) => {
    for (const one of waiting.splice(0)) one.reject(error)
  })
  const ask = (order: HashOrder): Promise<HashAnswer> => {
    const answer = Promise.withResolvers<HashAnswer>()
    waiting.push(answer)
    worker.postMessage(order)
    return answer.promise
  }
  return {
    update: async (chunk) => {
      await ask({ chunk })
    },
    digest: async () => (await ask({})).sum ?? '',
    [Symbol.asyncDispose]: async () => {
      await worker.terminate()
    },
  }
}
