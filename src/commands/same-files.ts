import { posix } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { eachAtOnce } from '../images/at-once.ts'
import { IMAGE_JSON } from '../images/image-json.ts'
import { startExtracting } from '../images/iso9660/extract.ts'
import { type IsoFile, type IsoListing, listIso } from '../images/iso9660/list-iso.ts'
import { openMedium } from '../images/iso9660/medium.ts'
import type { OnProgress } from '../images/progress.ts'
import { findMedia } from '../kinds/media.ts'

/** An installer's ISO, and the `image.json` of an image that may have come from it. */
export interface Comparison {
  readonly path: string
  readonly settings: JsonObject
  readonly onProgress: OnProgress
}

/**
 * Finds out whether an ISO has just the files that an image had when it was imported.
 * @throws {ProvisionError} invalid, when the ISO is damaged; unavailable, when it cannot be read
 */
export async function hasSameFiles({ path, settings, onProgress }: Comparison, signal: AbortSignal): Promise<boolean> {
  await using medium = await openMedium(path)
  const noted = settings['files']
  const notes = new Map(isJsonObject(noted) ? Object.entries(noted) : [])
  const found = [...filesByName(await listIso(medium), settings)]
  const pairs = found.map(([name, file]) => ({ file, note: readNote(notes.get(name)) }))
  // What can be told without reading them is told first.
  if (notes.size !== found.length || pairs.some(({ file, note }) => note['size'] !== file.size)) return false
  const bytes = pairs.reduce((sum, { file }) => sum + file.size, 0)
  const onBytes = (done: number, total: number) => onProgress({ step: 'compare', done, total, file: '' })
  await using from = startExtracting({ medium, bytes, isSumWanted: false, onBytes }, signal)
  let isSame = true
  await eachAtOnce(pairs, from.atOnce, async ({ file, note }) => {
    if (isSame && (await from.take(file.pieces)).sha256 !== note['sha256']) isSame = false
  })
  return isSame
}

function readNote(note: Json | undefined): JsonObject {
  return isJsonObject(note) ? note : {}
}

/** The files of an ISO by the names that they have in an image; links to files count as those files. */
function filesByName({ files, links }: IsoListing, { kind }: JsonObject): ReadonlyMap<string, IsoFile> {
  const names = files.map(({ name }) => name)
  const media = findMedia(names, typeof kind === 'string' ? kind : undefined)
  const byName = new Map(files.map((file) => [file.name, file]))
  for (const { name, target } of links) {
    const file = byName.get(posix.join(posix.dirname(name), target))
    if (file !== undefined) byName.set(name, file)
  }
  const seen = [...byName].filter(
    ([name]) => name !== IMAGE_JSON && !name.split('/').some((part) => part.startsWith('.')),
  )
  return new Map(seen.map(([name, file]) => [media?.imageName(name) ?? name, file]))
}
