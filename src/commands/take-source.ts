import { basename } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { copyDirectory } from '../images/copy-directory.ts'
import { hoistSingleFolder } from '../images/hoist.ts'
import { startExtracting } from '../images/iso9660/extract.ts'
import { type IsoListing, listIso } from '../images/iso9660/list-iso.ts'
import { openMedium } from '../images/iso9660/medium.ts'
import { unpackIso } from '../images/iso9660/unpack-iso.ts'
import { findLayout, type LiveStart, takeLiveIso } from '../images/live-iso.ts'
import type { OnProgress } from '../images/progress.ts'
import { readSource, type SourceFormat } from '../images/source.ts'
import { TreeWriter, type Written } from '../images/tree-writer.ts'
import { unpackTar } from '../images/unpack-tar.ts'
import { LIVE_LAYOUTS } from '../kinds/live.ts'
import { findMedia } from '../kinds/media.ts'

/** What comes into an image, and the empty directory that it comes to. */
export interface Source {
  readonly path: string
  readonly format: SourceFormat
  /** The kind that it must be of, when the operator says so. */
  readonly kind: string | undefined
  readonly directory: string
  /** Whether it is worth the work to know what an ISO adds up to. */
  readonly isSumWanted: boolean
  readonly onProgress: OnProgress
}

/** What came out of a source. */
export interface Taken {
  readonly written: Written
  /** What the source adds up to, when that is wanted or known without work. */
  readonly sha256: string | undefined
  /** The label of an ISO. */
  readonly volume: string | undefined
}

/**
 * Writes what a source has into a directory, reading the source once.
 * @throws {ProvisionError} invalid, when it is damaged or has what an image must not have; unavailable
 */
export async function takeSource(source: Source, signal: AbortSignal): Promise<Taken> {
  const writer = new TreeWriter(source.directory, signal)
  switch (source.format.kind) {
    case 'directory':
      await copyDirectory(source.path, writer, source.onProgress)
      return { written: await writer.finish(), sha256: undefined, volume: undefined }
    case 'iso':
      return takeIso(source, writer, signal)
    case 'tar':
      return takeTar({ ...source, compression: source.format.compression }, writer, signal)
  }
}

type TarSource = Source & { readonly compression: Extract<SourceFormat, { kind: 'tar' }>['compression'] }

async function takeTar(source: TarSource, writer: TreeWriter, signal: AbortSignal): Promise<Taken> {
  const { path, compression, directory, onProgress } = source
  const { chunks, sha256 } = readSource(path, (done, total) =>
    onProgress({ step: 'read', done, total, file: writer.current }),
  )
  await unpackTar({ chunks, compression, subject: basename(path) }, writer, signal)
  if (sha256() === undefined) throw new ProvisionError('invalid', 'it has more in it after its end')
  const written = await hoistSingleFolder(directory, await writer.finish())
  return { written, sha256: sha256(), volume: undefined }
}

async function takeIso(source: Source, writer: TreeWriter, signal: AbortSignal): Promise<Taken> {
  const { path, kind, onProgress } = source
  await using medium = await openMedium(path)
  const listing = await listIso(medium)
  const start = liveStart(listing, kind)
  const onBytes = (done: number, total: number) => onProgress({ step: 'read', done, total, file: writer.current })
  const wanted = start ?? listing.files.map((file) => [file.name, file] as const)
  const bytes = wanted.reduce((sum, [, { size }]) => sum + size, start === undefined ? 0 : medium.size)
  const isSumWanted = source.isSumWanted && start === undefined
  await using from = startExtracting({ medium, bytes, isSumWanted, onBytes }, signal)
  const sha256 =
    start === undefined
      ? await unpackIso(listing, from, writer)
      : await takeLiveIso({ source: path, start, medium }, from, writer)
  await medium.checkUnchanged()
  return { written: await writer.finish(), sha256, volume: listing.label }
}

/** @returns `undefined` when the ISO is a medium to be unpacked @throws {ProvisionError} invalid, when it is neither */
function liveStart(listing: IsoListing, kind: string | undefined): LiveStart | undefined {
  const live = kind === undefined || kind === 'live' ? findLayout(listing, LIVE_LAYOUTS) : undefined
  if (live !== undefined) return live
  const files = listing.files.map(({ name }) => name)
  if (kind !== 'live' && findMedia(files, kind) !== undefined) return undefined
  const places = LIVE_LAYOUTS.map(({ kernel, initrds }) => `${kernel} with ${initrds[0]}`).join(', ')
  const other = kind === 'live' ? '' : ', nor is it an installer medium that is known'
  throw new ProvisionError('invalid', `it is no live ISO: none of these is in it: ${places}${other}`)
}
