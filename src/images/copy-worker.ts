import { parentPort } from 'node:worker_threads'
import { type Copied, type CopyFault, type CopyOrder, copyFault, copyPieces } from './copy-pieces.ts'

/** What a copying thread tells: how many bytes more are done, or how a copy ended. */
export type CopyAnswer = { readonly bytes: number } | { readonly copied: Copied } | { readonly fault: CopyFault }

const tell = (answer: CopyAnswer): void => parentPort?.postMessage(answer)

parentPort?.on('message', (order: CopyOrder) => {
  try {
    const steps = copyPieces(order)
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) tell({ bytes: step.value })
    tell({ copied: step.value })
  } catch (error) {
    tell({ fault: copyFault(error) })
  }
})
