import { basename } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { readImageName } from '../core/plan.ts'
import { IMAGE_JSON, readImageJson, writeImageJson } from '../images/image-json.ts'
import type { OnProgress } from '../images/progress.ts'
import { readSourceFormat, type SourceFormat } from '../images/source.ts'
import { openStaging, refuseExisting, type Staging, sweepStaging } from '../images/staging.ts'
import { partSizes, type Tree, walkTree } from '../images/tree.ts'
import type { Written } from '../images/tree-writer.ts'
import { verifyTree } from '../images/verify.ts'
import { readKind, recogniseImage } from '../kinds/kinds.ts'
import { keepOwn, namesOf } from './keep-own.ts'
import { nameFiles } from './name-files.ts'
import { refuseOwnFolder } from './refuse-own-folder.ts'
import { findSame } from './same-source.ts'
import { type Taken, takeSource } from './take-source.ts'
import { verifyParts } from './verify-parts.ts'

export interface ImportDeps {
  /** The images folder. */
  readonly imagesRoot: string
  readonly onProgress?: OnProgress
}

/** An image to be imported. */
export interface ImportRequest {
  readonly name: string
  /** The path of a tarball, a directory or an ISO. */
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
  /** What the source adds up to, when it is a file; of an installer's ISO only when that was asked, since it takes longer than all else. */
  readonly sha256: string | undefined
  readonly warnings: readonly string[]
  /** Images whose interrupted imports were cleared away on the way. */
  readonly swept: readonly string[]
  /** What it took over of the image that it replaced: the operator's scripts, templates and settings. */
  readonly kept: readonly string[]
  /** It had been imported from the same before, and nothing was done. */
  readonly isSame: boolean
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
  const same = await sameOrRefused(deps, { request, format }, signal)
  if (same !== undefined) return { ...same, swept }
  try {
    await using staging = await openStaging(deps.imagesRoot, name)
    const built = await about(request.source, () => build(deps, { request, format, staging }, signal))
    deps.onProgress?.({ step: 'write', done: 0, total: built.image.bytes, file: '' })
    signal.throwIfAborted()
    await staging.publish(request.replace === true)
    return { ...built, swept, isSame: false }
  } catch (error) {
    signal.throwIfAborted() // whatever the interruption broke first is not what went wrong
    throw error
  }
}

/**
 * Finds out what to say when the name is taken.
 * @returns the image of that name, when it was made from the same and nothing else is wanted of it
 * @throws {ProvisionError} conflict, for any other image
 */
async function sameOrRefused(
  { imagesRoot, onProgress = () => undefined }: ImportDeps,
  { request, format }: Pick<Build, 'request' | 'format'>,
  signal: AbortSignal,
): Promise<Omit<ImportResult, 'swept'> | undefined> {
  if (request.replace === true) return undefined
  try {
    await refuseExisting(imagesRoot, request.name)
    return undefined
  } catch (error) {
    const wish = request.kind ?? request.label ?? request.kernelOptions
    if (format.kind === 'directory' || wish !== undefined) throw error
    const isSumWanted = request.sha256 !== undefined
    const rival = { imagesRoot, name: request.name, path: request.source, format, isSumWanted, onProgress }
    const same = await findSame(rival, signal)
    if (same === undefined) throw error
    checkSum(request, same)
    return { ...same, warnings: [], kept: [], isSame: true }
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
  const { kind: wanted, source: path } = request
  const isSumWanted = request.sha256 !== undefined
  const taken = await takeSource({ path, format, kind: wanted, directory, isSumWanted, onProgress }, signal)
  checkSum(request, taken)
  const { tree, written, settings, recognised, own } = await recognise(deps, { request, taken, directory })
  const faults = await verifyParts({ kind: recognised.kind, parts: recognised.parts, directory })
  if (faults.length > 0) throw new ProvisionError('invalid', faults.join('; '))
  const sums = await verifyTree({ tree, directory, onProgress }, signal)
  if (sums.faults.length > 0) throw new ProvisionError('invalid', sums.faults.join('; '))
  const { kind, label, kernelOptions } = recognised
  const notes = noteFiles(tree, written)
  await writeImageJson(directory, {
    ...settings,
    kind,
    ...(label === undefined ? {} : { label }),
    kernelOptions,
    importedAt: new Date(request.importedAt).toISOString(),
    files: notes,
  })
  const image: Image = {
    name: request.name,
    ...recognised,
    sizes: partSizes(tree, recognised.parts),
    files: Object.keys(notes).length,
    bytes: tree.bytes,
    changedAt: request.importedAt,
  }
  const warnings = [...written.warnings, ...sums.warnings]
  return { image, files: Object.keys(notes).length, sha256: taken.sha256, warnings, kept: namesOf(own) }
}

interface Unnamed {
  readonly request: ImportRequest
  readonly taken: Taken
  readonly directory: string
}

/** Finds out what it is, with what it takes over of the image that it replaces. */
async function recognise({ imagesRoot }: ImportDeps, { request, taken, directory }: Unnamed) {
  const meant = request.kind ?? (await readImageJson(directory))['kind']
  const named = await nameFiles(directory, taken.written, meant)
  // It has its name in lower case by now, if it was on a medium.
  const given = await settingsOf(request, taken, directory)
  const recognised = await recogniseImage(named.tree, given)
  if (request.replace !== true) return { ...named, settings: given, recognised, own: undefined }
  const { kind } = recognised
  const own = await keepOwn({
    imagesRoot,
    name: request.name,
    kind,
    directory,
    files: named.tree.files,
    settings: given,
  })
  const settings = { ...own.settings, ...given }
  const tree = await walkTree({ directory, root: directory })
  return { ...named, tree, settings, recognised: await recogniseImage(tree, settings), own }
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

/** What the image's own `image.json` says, and over that what the operator says now. */
async function settingsOf(request: ImportRequest, taken: Taken, directory: string): Promise<JsonObject> {
  const { kind, label, kernelOptions } = request
  const { sha256, volume } = taken
  return {
    ...(await readImageJson(directory)),
    ...(kind === undefined ? {} : { kind }),
    ...(label === undefined ? {} : { label }),
    ...(kernelOptions === undefined ? {} : { kernelOptions }),
    source: {
      name: basename(request.source),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(volume === undefined ? {} : { label: volume }),
    },
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
  if (format.kind !== 'iso' || kind === undefined || kind === 'live' || readKind(kind).media !== undefined) return
  throw new ProvisionError(
    'invalid',
    `an ISO is imported as a live system or as an installer medium, not as ${kind}; unpack it and import the directory`,
  )
}

function checkSum({ sha256 }: ImportRequest, taken: Pick<Taken, 'sha256'>): void {
  if (sha256 === undefined || sha256.toLowerCase() === taken.sha256) return
  throw new ProvisionError('invalid', `it is not the file you mean: its SHA-256 sum is ${taken.sha256}`)
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
