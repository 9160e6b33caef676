import { realpath } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { readImageName } from '../core/plan.ts'
import { copyDirectory } from '../images/copy-directory.ts'
import { errorCode } from '../images/file-errors.ts'
import { hoistSingleFolder } from '../images/hoist.ts'
import { IMAGE_JSON, readImageJson, writeImageJson } from '../images/image-json.ts'
import { takeLiveIso } from '../images/live-iso.ts'
import { isInside } from '../images/locate.ts'
import type { OnProgress } from '../images/progress.ts'
import { readSource, readSourceFormat, type SourceFormat } from '../images/source.ts'
import { openStaging, refuseExisting, type Staging, sweepStaging } from '../images/staging.ts'
import { partSizes, type Tree, walkTree } from '../images/tree.ts'
import { TreeWriter, type Written } from '../images/tree-writer.ts'
import { unpackTar } from '../images/unpack-tar.ts'
import { verifyTree } from '../images/verify.ts'
import { readKind, recogniseImage } from '../kinds/kinds.ts'
import { LIVE_LAYOUTS } from '../kinds/live.ts'

export interface ImportDeps {
  /** The images folder. */
  readonly imagesRoot: string
  readonly onProgress?: OnProgress
}

/** An image to be imported. */
export interface ImportRequest {
  readonly name: string
  /** The path of a tarball, a directory or a live ISO. */
  readonly source: string
  /** The kind that it must be of; without it, it is recognised. */
  readonly kind?: string
  readonly label?: string
  readonly kernelOptions?: string
  /** What the source file must add up to. */
  readonly sha256?: string
  /** Puts it in the place of an image of that name. */
  readonly replace?: boolean
  /** In ms since 1970. */
  readonly importedAt: number
}

/** An image that was imported, and how it went. */
export interface ImportResult {
  readonly image: Image
  readonly files: number
  /** What the source adds up to, when it is a file. */
  readonly sha256: string | undefined
  readonly warnings: readonly string[]
  /** Images whose interrupted imports were cleared away on the way. */
  readonly swept: readonly string[]
}

/** What came out of a source. */
interface Taken {
  readonly written: Written
  readonly sha256: string | undefined
}

/**
 * Imports an image: whole, or not at all. It is there when this is done, in one step; stopped in any way before, it leaves
 * nothing but what the next import clears away.
 * @throws {ProvisionError} invalid, when the source is no image or not what its checksums say; conflict, when the name is taken;
 * not-found; unavailable, when a program or disk space is missing
 */
export async function importImage(
  deps: ImportDeps,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<ImportResult> {
  const name = readImageName(request.name)
  checkRequest(request)
  const format = await about(request.source, () => readSourceFormat(request.source))
  checkFormat(format, request)
  await refuseOwnFolder(deps.imagesRoot, request.source)
  const swept = await sweepStaging(deps.imagesRoot, request.importedAt)
  if (request.replace !== true) await refuseExisting(deps.imagesRoot, name)
  try {
    await using staging = await openStaging(deps.imagesRoot, name)
    const { image, taken, warnings } = await about(request.source, () =>
      build(deps, { request, format, staging }, signal),
    )
    deps.onProgress?.({ step: 'write', done: 0, total: image.bytes, file: '' })
    signal.throwIfAborted()
    await staging.publish(request.replace === true)
    return { image, files: taken.written.files.size, sha256: taken.sha256, warnings, swept }
  } catch (error) {
    signal.throwIfAborted() // whatever the interruption broke first is not what went wrong
    throw error
  }
}

interface Build {
  readonly request: ImportRequest
  readonly format: SourceFormat
  readonly staging: Staging
}

async function build(deps: ImportDeps, { request, format, staging }: Build, signal: AbortSignal) {
  const onProgress = deps.onProgress ?? (() => undefined)
  const directory = staging.path
  const taken = await take({ request, format, directory, onProgress }, signal)
  checkSum(request, taken)
  const settings = await settingsOf(request, directory)
  const tree = await walkTree({ directory, root: directory })
  const recognised = await recogniseImage(tree, settings)
  const doubts = await verifyTree({ tree, directory, onProgress }, signal)
  const { kind, label, kernelOptions } = recognised
  await writeImageJson(directory, {
    ...settings,
    kind,
    ...(label === undefined ? {} : { label }),
    kernelOptions,
    importedAt: new Date(request.importedAt).toISOString(),
    source: { name: basename(request.source), ...(taken.sha256 === undefined ? {} : { sha256: taken.sha256 }) },
    files: noteFiles(tree, taken.written),
  })
  const image: Image = {
    name: request.name,
    ...recognised,
    sizes: partSizes(tree, recognised.parts),
    bytes: tree.bytes,
    changedAt: request.importedAt,
  }
  return { image, taken, warnings: [...taken.written.warnings, ...doubts] }
}

/** The files that machines can see, so that it can be found out later whether they are still the same. */
function noteFiles(tree: Tree, { files }: Written): JsonObject {
  const notes = tree.files.map((file) => [file, files.get(file)] as const)
  return Object.fromEntries(
    notes.flatMap(([file, note]) =>
      note === undefined || file === IMAGE_JSON ? [] : [[file, { size: note.size, sha256: note.sha256 }]],
    ),
  )
}

interface Source {
  readonly request: ImportRequest
  readonly format: SourceFormat
  readonly directory: string
  readonly onProgress: OnProgress
}

async function take({ request, format, directory, onProgress }: Source, signal: AbortSignal): Promise<Taken> {
  const writer = new TreeWriter(directory, signal)
  if (format.kind === 'directory') {
    await copyDirectory(request.source, writer, onProgress)
    return { written: await writer.finish(), sha256: undefined }
  }
  const { chunks, sha256 } = readSource(request.source, (done, total) =>
    onProgress({ step: 'read', done, total, file: writer.current }),
  )
  const subject = basename(request.source)
  if (format.kind === 'iso') {
    await takeLiveIso({ name: subject, chunks, layouts: LIVE_LAYOUTS }, writer, signal)
    return { written: await writer.finish(), sha256: sha256() }
  }
  await unpackTar({ chunks, compression: format.compression, subject }, writer, signal)
  if (sha256() === undefined) throw new ProvisionError('invalid', 'it has more in it after its end')
  return { written: await hoistSingleFolder(directory, await writer.finish()), sha256: sha256() }
}

/** What the image's own `image.json` says, and over that what the operator says now. */
async function settingsOf(request: ImportRequest, directory: string): Promise<JsonObject> {
  const { kind, label, kernelOptions } = request
  return {
    ...(await readImageJson(directory)),
    ...(kind === undefined ? {} : { kind }),
    ...(label === undefined ? {} : { label }),
    ...(kernelOptions === undefined ? {} : { kernelOptions }),
  }
}

function checkRequest({ kind, sha256 }: ImportRequest): void {
  if (kind !== undefined) readKind(kind)
  if (sha256 === undefined || /^[0-9a-fA-F]{64}$/.test(sha256)) return
  throw new ProvisionError('invalid', 'a SHA-256 sum has 64 hexadecimal digits')
}

function checkFormat(format: SourceFormat, { kind, sha256 }: ImportRequest): void {
  if (format.kind === 'directory' && sha256 !== undefined) {
    throw new ProvisionError('invalid', 'a directory has no SHA-256 sum; only a file can be checked against one')
  }
  if (format.kind === 'iso' && kind !== undefined && kind !== 'live') {
    throw new ProvisionError(
      'invalid',
      `an ISO is imported as a live system, not as ${kind}; unpack it and import the directory`,
    )
  }
}

function checkSum({ sha256 }: ImportRequest, taken: Taken): void {
  if (sha256 === undefined || sha256.toLowerCase() === taken.sha256) return
  throw new ProvisionError('invalid', `it is not the file you mean: its SHA-256 sum is ${taken.sha256}`)
}

/** A directory that holds the images folder would be copied into itself without end. */
async function refuseOwnFolder(imagesRoot: string, source: string): Promise<void> {
  const realSource = await realpath(source)
  let root = resolve(imagesRoot)
  try {
    root = await realpath(root)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  if (!isInside(realSource, join(root, 'x'))) return
  throw new ProvisionError('invalid', 'that directory holds the images folder itself')
}

/** Says which source a refusal speaks of. */
async function about<T>(source: string, doing: () => Promise<T>): Promise<T> {
  try {
    return await doing()
  } catch (error) {
    if (!(error instanceof ProvisionError) || error.kind !== 'invalid') throw error
    throw new ProvisionError('invalid', `${basename(source)}: ${error.message}`, { cause: error.cause ?? error })
  }
}
