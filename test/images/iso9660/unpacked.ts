import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { startExtracting } from '../../../src/images/iso9660/extract.ts'
import { type IsoListing, listIso } from '../../../src/images/iso9660/list-iso.ts'
import { openMedium } from '../../../src/images/iso9660/medium.ts'
import { unpackIso } from '../../../src/images/iso9660/unpack-iso.ts'
import { TreeWriter } from '../../../src/images/tree-writer.ts'

const NEVER = new AbortController().signal

/** Lists an ISO that lies in a file. */
export async function listFile(path: string): Promise<IsoListing> {
  await using medium = await openMedium(path)
  return await listIso(medium)
}

/** Lists an ISO that is here byte for byte. */
export async function listBytes(folder: string, bytes: Buffer): Promise<IsoListing> {
  const path = join(folder, 'crafted.iso')
  await writeFile(path, bytes)
  return await listFile(path)
}

/** Unpacks an ISO by our own reader into an empty directory. */
export async function unpack(iso: string, directory: string) {
  await mkdir(directory, { recursive: true })
  await using medium = await openMedium(iso)
  const listing = await listIso(medium)
  const writer = new TreeWriter(directory, NEVER)
  const bytes = listing.files.reduce((sum, { size }) => sum + size, 0)
  await using from = startExtracting({ medium, bytes, isSumWanted: true, onBytes: () => undefined }, NEVER)
  const sha256 = await unpackIso(listing, from, writer)
  return { listing, sha256, written: await writer.finish() }
}

/** Every file of a directory by its name, with its SHA-256 sum; links count as what they lead to. */
export async function sumsOf(directory: string): Promise<{ readonly [name: string]: string }> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const sums: [string, string][] = []
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const path = join(entry.parentPath, entry.name)
    const sum = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    sums.push([relative(directory, path), sum])
  }
  return Object.fromEntries(sums.sort(([a], [b]) => (a < b ? -1 : 1)))
}
