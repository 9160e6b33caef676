import { join } from 'node:path'
import type { Image } from '../core/image.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { IMAGE_JSON, readImageJson } from '../images/image-json.ts'
import type { OnProgress } from '../images/progress.ts'
import { readSource } from '../images/source.ts'
import { partSizes, walkTree } from '../images/tree.ts'
import { recogniseImage } from '../kinds/kinds.ts'

/** A file that is to become an image whose name is taken. */
export interface Rival {
  readonly imagesRoot: string
  readonly name: string
  readonly path: string
  readonly onProgress: OnProgress
}

/** An image that is there already. */
export interface Same {
  readonly image: Image
  readonly files: number
  readonly sha256: string
}

/**
 * Finds out whether the image of that name was made from this very file.
 * @returns `undefined` when it was not, or is an image no more
 * @throws {ProvisionError} when the file cannot be read, or what is there cannot be recognised
 */
export async function findSame(rival: Rival, signal: AbortSignal): Promise<Same | undefined> {
  const directory = join(rival.imagesRoot, rival.name)
  const settings = await readImageJson(directory)
  const noted = sumOf(settings)
  if (noted === undefined || (await sumOfFile(rival, signal)) !== noted) return undefined
  const tree = await walkTree({ directory, root: rival.imagesRoot })
  const recognised = await recogniseImage(tree, settings)
  const sizes = partSizes(tree, recognised.parts)
  const files = tree.files.filter((file) => file !== IMAGE_JSON).length
  const image = { name: rival.name, ...recognised, sizes, files, bytes: tree.bytes, changedAt: 0 }
  return { image, files, sha256: noted }
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
