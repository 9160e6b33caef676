import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { eachAtOnce } from '../at-once.ts'
import type { TreeWriter } from '../tree-writer.ts'
import type { Extractor } from './extract.ts'
import type { IsoFile, IsoListing } from './list-iso.ts'

/**
 * Writes everything that an ISO has, in the order in which it lies there, so that the ISO is read from its start to its end.
 * Files that share their bytes become hard links.
 * @returns the SHA-256 sum of the ISO, if it was wanted
 * @throws {ProvisionError} invalid, when it has what an image must not have, or is damaged; unavailable, when the disk does not take it
 */
export async function unpackIso(listing: IsoListing, from: Extractor, writer: TreeWriter): Promise<string | undefined> {
  const [odd] = listing.others
  if (odd !== undefined) {
    throw new ProvisionError(
      'invalid',
      `its member ${quoted(odd.name)} is ${odd.what}; an image holds files and folders`,
    )
  }
  const { once, again } = inOrder(listing.files)
  await eachAtOnce(
    once,
    from.atOnce,
    ({ name, pieces }) => writer.addCopy(name, (path) => from.take(pieces, path)),
    (error) => from.stop(error),
  )
  for (const [name, same] of again) writer.addHardlink(name, same)
  for (const { name, target } of listing.links) writer.addSymlink(name, target)
  return await from.whole
}

interface Order {
  readonly once: readonly IsoFile[]
  /** Names of files whose bytes another one has, which is named as well. */
  readonly again: readonly (readonly [string, string])[]
}

/** @throws {ProvisionError} invalid, when files share a part of their bytes, or lie in pieces in between each other */
function inOrder(files: readonly IsoFile[]): Order {
  const byPlace = new Map<string, IsoFile>()
  const again: [string, string][] = []
  const empty = files.filter(({ pieces }) => pieces.length === 0)
  for (const file of files.filter(({ pieces }) => pieces.length > 0)) {
    const place = file.pieces.map(({ offset, length }) => `${offset}+${length}`).join(' ')
    const same = byPlace.get(place)
    if (same === undefined) byPlace.set(place, file)
    else again.push([file.name, same.name])
  }
  const full = [...byPlace.values()].sort((a, b) => startOf(a) - startOf(b))
  let end = 0
  for (const file of full) {
    for (const { offset, length } of file.pieces) {
      if (offset < end) throw outOfOrder(file.name)
      end = offset + length
    }
  }
  return { once: [...full, ...empty], again }
}

function startOf({ pieces }: IsoFile): number {
  return pieces[0]?.offset ?? 0
}

function outOfOrder(name: string): ProvisionError {
  return new ProvisionError(
    'invalid',
    `it is a damaged ISO: ${quoted(name)} lies where another file does; if other programs can read it, unpack it and import the directory`,
  )
}
