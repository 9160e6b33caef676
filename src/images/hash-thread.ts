import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { HashAnswer, HashOrder } from './hash-worker.ts'

/** SHA-256 sums that are made beside everything else, one after the other: on a processor of its own, when there is one. */
export interface HashThread extends AsyncDisposable {
  /**
   * Adds bytes. They are not copied, so they lie in shared memory, and stay as they are until this is done.
   * @returns when they were added
   */
  update(chunk: Uint8Array): Promise<void>
  /** The sum of all that was added since the last sum. */
  digest(): Promise<string>
}

/** Starts a thread. Whoever waits for one that ends is told. */
export function startHashThread(): HashThread {
  // Compiled, both files end in .js.
  const worker = new Worker(new URL(`hash-worker${extname(import.meta.filename)}`, import.meta.url))
  const waiting: PromiseWithResolvers<HashAnswer>[] = []
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
    for (const one of waiting.splice(0)) one.reject(failure)
  }
  worker.on('message', (answer: HashAnswer) => waiting.shift()?.resolve(answer))
  worker.on('messageerror', fail)
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the thread that makes checksums has ended')))
  const ask = (order: HashOrder): Promise<HashAnswer> => {
    const answer = Promise.withResolvers<HashAnswer>()
    if (failure !== undefined) answer.reject(failure)
    else {
      waiting.push(answer)
      worker.postMessage(order)
    }
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
