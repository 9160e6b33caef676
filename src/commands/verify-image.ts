import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { readImageName } from '../core/plan.ts'
import { fileError } from '../images/file-errors.ts'
import { IMAGE_JSON, readImageJson } from '../images/image-json.ts'
import type { OnProgress } from '../images/progress.ts'
import { readSource } from '../images/source.ts'
import { type WalkedTree, walkTree } from '../images/tree.ts'
import { faultOf, verifyTree } from '../images/verify.ts'
import { KINDS, recogniseImage } from '../kinds/kinds.ts'
import { isOwnFile } from '../kinds/own-files.ts'
import { verifyParts } from './verify-parts.ts'

export interface VerifyDeps {
  /** The images folder. */
  readonly imagesRoot: string
  readonly onProgress: OnProgress
}

/** What is still as it was imported, and what is not. */
export interface Verified {
  /** Files that are as the import noted them. */
  readonly intact: number
  /** A sentence for each file that is another one, is gone or was added. */
  readonly differences: readonly string[]
  /** Scripts and templates that an operator added, which is as it should be. */
  readonly own: readonly string[]
  /** Whether the import noted its files; a directory that was copied in has only checksum files of its own. */
  readonly isNoted: boolean
  readonly warnings: readonly string[]
}

/**
 * Compares an image with what its import noted, and with the checksum files in it.
 * @throws {ProvisionError} not-found; invalid, for an image.json that cannot be read
 */
export async function verifyImage(deps: VerifyDeps, text: string, signal: AbortSignal): Promise<Verified> {
  const name = readImageName(text)
  const directory = join(deps.imagesRoot, name)
  const tree = await walk(deps.imagesRoot, directory, name)
  const settings = await readImageJson(directory)
  const faults = await findFaults(tree, settings, directory)
  const noted = settings['files']
  if (!isJsonObject(noted ?? null)) {
    const sums = await verifyTree({ tree, directory, onProgress: deps.onProgress }, signal)
    return { intact: 0, differences: [...faults, ...sums.faults], own: [], isNoted: false, warnings: sums.warnings }
  }
  const files = new Map(Object.entries(noted as { readonly [file: string]: Json }))
  const differences: string[] = []
  const comparison = { tree, directory, onProgress: inAll(files, deps.onProgress) }
  for (const [file, expected] of files) {
    const difference = await compareFile(comparison, [file, expected], signal)
    if (difference !== undefined) differences.push(`${file} ${difference}`)
  }
  const intact = files.size - differences.length
  differences.push(...faults)
  const isOwn = ownFilesOf(settings)
  const added = tree.files.filter((file) => file !== IMAGE_JSON && !files.has(file))
  const strange = added.filter((file) => !isOwn(file))
  return {
    intact,
    differences: [...differences, ...strange.map((file) => `${file} was added`)],
    own: added.filter(isOwn),
    isNoted: true,
    warnings: [],
  }
}

/** The kind that the import noted says what operators may add to it. */
function ownFilesOf({ kind }: JsonObject): (file: string) => boolean {
  const isKnown = KINDS.some(({ name }) => name === kind)
  return (file) => typeof kind === 'string' && isKnown && isOwnFile(kind, file)
}

/** What its kind has against it: files that are not there any more, or are not what they should be. */
export async function findFaults(
  tree: WalkedTree,
  settings: JsonObject,
  directory: string,
): Promise<readonly string[]> {
  try {
    const { kind, parts } = await recogniseImage(tree, settings)
    return await verifyParts({ kind, parts, directory })
  } catch (error) {
    if (error instanceof ProvisionError) return [error.message]
    throw error
  }
}

async function walk(root: string, directory: string, name: string): Promise<WalkedTree> {
  try {
    return await walkTree({ directory, root })
  } catch (error) {
    throw fileError(error, `image ${name}`)
  }
}

/** Tells the bytes of all files that were noted instead of those of each: a bar for a hundred files would start a hundred times. */
function inAll(files: ReadonlyMap<string, Json>, onProgress: OnProgress): OnProgress {
  const total = [...files.values()].reduce<number>((all, expected) => all + sizeOf(expected), 0)
  let before = 0
  let current = { file: '', done: 0 }
  return ({ step, done, file }) => {
    if (file !== current.file) before += current.done
    current = { file, done }
    onProgress({ step, done: before + done, total: Math.max(total, before + done), file })
  }
}

function sizeOf(expected: Json): number {
  const size = isJsonObject(expected) ? expected['size'] : undefined
  return typeof size === 'number' ? size : 0
}

interface Comparison extends Pick<VerifyDeps, 'onProgress'> {
  readonly tree: WalkedTree
  readonly directory: string
}

async function compareFile(
  { tree, directory, onProgress }: Comparison,
  [file, expected]: readonly [string, Json],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!isJsonObject(expected))
    throw new ProvisionError('invalid', `${IMAGE_JSON} cannot be read: its files have no sums`)
  if (!tree.files.includes(file)) return 'is gone'
  const source = readSource(join(directory, file), (done, total) => onProgress({ step: 'verify', done, total, file }))
  let size = 0
  // A file that cannot be read is one of those that are wrong, and no reason not to look at the others.
  const fault = await faultOf(async () => {
    try {
      for await (const chunk of source.chunks) {
        signal.throwIfAborted()
        size += chunk.length
      }
    } catch (error) {
      throw fileError(error, '')
    }
  })
  if (fault !== undefined) return fault.trim()
  return size === expected['size'] && source.sha256() === expected['sha256'] ? undefined : 'is not what was imported'
}
