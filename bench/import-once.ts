import { importImage } from '../src/commands/import-image.ts'

// Imports an ISO once and prints, as JSON, how long it took and what it took of the machine.
const [imagesRoot = '', source = '', sha256] = process.argv.slice(2)
const started = performance.now()
let written = started
const onProgress = ({ step }: { readonly step: string }) => {
  if (step === 'write') written = performance.now()
}
await importImage(
  { imagesRoot, onProgress },
  { name: 'esxi8', source, importedAt: Date.now(), ...(sha256 === undefined ? {} : { sha256 }) },
  new AbortController().signal,
)
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
const told = {
  /** Until all is read, summed, verified and handed to the system, as the other programs leave it. */
  seconds: (written - started) / 1000,
  /** Until it is forced onto the disk and published. */
  published: (performance.now() - started) / 1000,
  cpu: (userCPUTime + systemCPUTime) / 1e6,
  memory: maxRSS / 1024,
}
process.stdout.write(JSON.stringify(told))
