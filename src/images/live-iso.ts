import { basename, posix } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import type { Extractor } from './iso9660/extract.ts'
import type { IsoFile, IsoListing } from './iso9660/list-iso.ts'
import type { Medium } from './iso9660/medium.ts'
import type { TreeWriter } from './tree-writer.ts'

/** Where a kind of live system keeps what starts it; of the initrds, the first one that is there counts. */
export interface IsoLayout {
  readonly kernel: string
  readonly initrds: readonly string[]
}

/** What starts a live system: files of its ISO, by the names that an image gives them. */
export type LiveStart = readonly (readonly [string, IsoFile])[]

/** An ISO on its way into an image. */
export interface LiveIso {
  /** The path that it came from. */
  readonly source: string
  readonly start: LiveStart
  readonly medium: Medium
}

/** Finds the first of the layouts that an ISO has, whatever the case of its names: plain ISO 9660 knows upper case only. */
export function findLayout(listing: IsoListing, layouts: readonly IsoLayout[]): LiveStart | undefined {
  const names = filesByName(listing)
  for (const { kernel, initrds } of layouts) {
    const initrd = initrds.find((file) => names.has(file)) ?? ''
    const [kernelFile, initrdFile] = [names.get(kernel), names.get(initrd)]
    if (kernelFile === undefined || initrdFile === undefined) continue
    return [
      [kernel, kernelFile],
      [initrd, initrdFile],
    ]
  }
  return undefined
}

/** Links to files count as those files. */
function filesByName({ files, links }: IsoListing): ReadonlyMap<string, IsoFile> {
  const byName = new Map(files.map((file) => [file.name.toLowerCase(), file]))
  for (const { name, target } of links) {
    const file = byName.get(posix.join(posix.dirname(name), target).toLowerCase())
    if (file !== undefined) byName.set(name.toLowerCase(), file)
  }
  return byName
}

/**
 * Keeps an ISO whole and takes its kernel and initrd out of it.
 * @returns the SHA-256 sum of the ISO
 * @throws {ProvisionError} invalid, when one of them is empty or the ISO is cut off
 */
export async function takeLiveIso(
  { source, start, medium }: LiveIso,
  from: Extractor,
  writer: TreeWriter,
): Promise<string> {
  for (const [name, { size }] of start) {
    if (size === 0) throw new ProvisionError('invalid', `${quoted(name)} in it is empty`)
  }
  const whole = await writer.addCopy(isoName(source), (path) => from.take([{ offset: 0, length: medium.size }], path))
  for (const [name, { pieces }] of start) await writer.addCopy(name, (path) => from.take(pieces, path))
  return whole.sha256
}

/** Debian's live-boot goes by the ending; anything else about the name is kept when it is harmless. */
function isoName(source: string): string {
  const name = basename(source)
  return /^[A-Za-z0-9][A-Za-z0-9._+-]{0,150}\.iso$/.test(name) ? name : 'live.iso'
}
