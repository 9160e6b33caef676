import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { type ExpectedSum, isChecksumFile, readChecksums } from './checksum-files.ts'
import { decompress } from './decompress.ts'
import type { OnProgress } from './progress.ts'
import { readSource } from './source.ts'
import type { Tree } from './tree.ts'

/** What is verified. */
export interface Verification {
  readonly tree: Tree
  readonly directory: string
  readonly onProgress: OnProgress
}

/** What the checksum files of an image say of it, a sentence each. */
export interface Sums {
  /** Files that are not what their sums say, or cannot be read. */
  readonly faults: readonly string[]
  /** Checksum files that could not be read. */
  readonly warnings: readonly string[]
}

/** Verifies an image by the checksum files in it, to the end: who has one damaged file should hear of the others too. */
export async function verifyTree({ tree, directory, onProgress }: Verification, signal: AbortSignal): Promise<Sums> {
  const warnings: string[] = []
  const faults: string[] = []
  for (const name of tree.files.filter(isChecksumFile)) {
    for (const expected of await expectedSums(tree, name, warnings)) {
      const fault = await faultOf(() => verifyFile(expected, { tree, directory, onProgress }, signal))
      if (fault !== undefined) faults.push(fault)
    }
  }
  return { faults, warnings }
}

/** What is said of a file that refuses; what is no refusal, as the wish to stop, ends all. */
export async function faultOf(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    if (error instanceof ProvisionError) return error.message
    throw error
  }
}

async function expectedSums(tree: Tree, name: string, warnings: string[]): Promise<readonly ExpectedSum[]> {
  try {
    return readChecksums({ name, text: await tree.readText(name) }, tree.files)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    warnings.push(error.message)
    return []
  }
}

async function verifyFile(expected: ExpectedSum, what: Verification, signal: AbortSignal): Promise<void> {
  const { file, compression, from } = expected
  const source = readSource(join(what.directory, file), (done, total) =>
    what.onProgress({ step: 'verify', done, total, file }),
  )
  const hash = createHash(expected.algorithm)
  let size = 0
  for await (const chunk of decompress({ chunks: source.chunks, compression, subject: file }, signal)) {
    signal.throwIfAborted()
    hash.update(chunk)
    size += chunk.length
  }
  const sum = hash.digest('hex')
  if (sum === expected.sum && (expected.size === undefined || expected.size === size)) return
  const subject = compression === 'none' ? file : `what is in ${file}`
  const sizes = expected.size === undefined || expected.size === size ? '' : `, and ${size} bytes, not ${expected.size}`
  throw new ProvisionError(
    'invalid',
    `${subject} is not what ${from} says: it has the ${expected.algorithm} sum ${sum}, not ${expected.sum}${sizes}`,
  )
}
