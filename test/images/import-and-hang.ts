import { writeSync } from 'node:fs'
import { importImage } from '../../src/commands/import-image.ts'

// Imports an image up to a step, says so, and stands still there until it is killed.
const [imagesRoot = '', name = '', source = '', step = ''] = process.argv.slice(2)
const onProgress = (progress: { readonly step: string }) => {
  if (progress.step !== step) return
  writeSync(1, 'there\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
await importImage(
  { imagesRoot, onProgress },
  { name, source, importedAt: 0, replace: true },
  new AbortController().signal,
)
