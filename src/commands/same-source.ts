import { join } from 'node:path'
import type { Image } from '../core/image.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { IMAGE_JSON, readImageJson } from '../images/image-json.ts'
import type { OnProgress } from '../images/progress.ts'
import { readSource, type SourceFormat } from '../images/source.ts'
import { partSizes, walkTree } from '../images/tree.ts'
import { recogniseImage } from '../kinds/kinds.ts'
import { hasSameFiles } from './same-files.ts'

/** A file that is to become an image whose name is taken. */
export interface Rival {
  readonly imagesRoot: string
  readonly name: string
  readonly path: string
  readonly format: SourceFormat
  /** Whether it is worth the work to know what the file adds up to. */
  readonly isSumWanted: boolean
  readonly onProgress: OnProgress
}

/** An image that is there already. */
export interface Same {
  readonly image: Image
  readonly files: number
  /** What the source adds up to, when that is wanted or known. */
  readonly sha256: string | undefined
}

/**
 * Finds out whether the image of that name was made from this very file, or from an ISO that has just the same files.
 * @returns `undefined` when it was not, or is an image no more
 * @throws {ProvisionError} when the file cannot be read, or what is there cannot be recognised
 */
export async function findSame(rival: Rival, signal: AbortSignal): Promise<Same | undefined> {
  const directory = join(rival.imagesRoot, rival.name)
  const settings = await readImageJson(directory)
  const noted = sumOf(settings)
  // Of an ISO the sums of its files are known, and seldom its own.
  if (noted === undefined && !(await isSameIso(rival, settings, signal))) return undefined
  const sha256 = noted === undefined && !rival.isSumWanted ? undefined : await sumOfFile(rival, signal)
  if (noted !== undefined && sha256 !== noted) return undefined
  const tree = await walkTree({ directory, root: rival.imagesRoot })
  const recognised = await recogniseImage(tree, settings)
  const sizes = partSizes(tree, recognised.parts)
  const files = tree.files.filter((file) => file !== IMAGE_JSON).length
  const image = { name: rival.name, ...recognised, sizes, files, bytes: tree.bytes, changedAt: 0 }
  return { image, files, sha256 }
}

async function isSameIso(
  { path, format, onProgress }: Rival,
  settings: JsonObject,
  signal: AbortSignal,
): Promise<boolean> {
  return format.kind === 'iso' && (await hasSameFiles({ path, settings, onProgress }, signal))
}

function sumOf(settings: JsonObject): string | undefined {
  const source = settings['source'] ?? null
  const sum = isJsonObject(source) ? source['sha256'] : undefined
  return typeof sum === 'string' ? sum : undefined
}

async function sumOfFile({ path, onProgress }: Rival, signal: AbortSignal): Promise<string | undefined> {
  const { chunks, sha256 } = readSource(path, (done, total) => onProgress({ step: 'compare', done, total, file: '' }))
  for await (const _ of chunks) signal.throwIfAborted()
  return sha256()
}
