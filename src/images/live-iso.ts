import { basename, join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { runProgram } from './program.ts'
import type { TreeWriter } from './tree-writer.ts'

/** Where a kind of live system keeps what starts it; of the initrds, the first one that is there counts. */
export interface IsoLayout {
  readonly kernel: string
  readonly initrds: readonly string[]
}

/** An ISO on its way into an image. */
export interface LiveIso {
  readonly name: string
  readonly chunks: AsyncIterable<Buffer>
  readonly layouts: readonly IsoLayout[]
}

/**
 * Keeps an ISO whole and takes its kernel and initrd out of it, under the names that they have in there.
 * @throws {ProvisionError} invalid, when none of the layouts fits or the ISO is damaged; unavailable, when bsdtar is missing
 */
export async function takeLiveIso(iso: LiveIso, writer: TreeWriter, signal: AbortSignal): Promise<void> {
  const name = isoName(iso.name)
  await writer.addFile(name, iso.chunks)
  const path = join(writer.root, name)
  const names = await listIso(path, iso.name, signal)
  for (const [file, inside] of findLayout(names, iso.layouts)) {
    // Its own glob signs are quoted; -q stops at the first member of that name instead of reading the whole ISO.
    const args = ['-xqOf', path, '--', inside.replace(/[\\*?[\]]/g, '\\$&')]
    await writer.addFile(
      file,
      nonEmpty(runProgram({ name: 'bsdtar', args, subject: iso.name }, undefined, signal), inside),
    )
  }
}

/** Debian's live-boot goes by the ending; anything else about the name is kept when it is harmless. */
function isoName(source: string): string {
  const name = basename(source)
  return /^[A-Za-z0-9][A-Za-z0-9._+-]{0,150}\.iso$/.test(name) ? name : 'live.iso'
}

/** Names as people write them, by the names that the ISO has: plain ISO 9660 knows upper case only. */
async function listIso(path: string, subject: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of runProgram({ name: 'bsdtar', args: ['-tf', path], subject }, undefined, signal)) {
    chunks.push(chunk)
  }
  const lines = Buffer.concat(chunks).toString('utf8').split('\n')
  return new Map(lines.map((line) => [line.toLowerCase().replace(/^\.\//, '').replace(/\.$/, ''), line]))
}

function findLayout(names: ReadonlyMap<string, string>, layouts: readonly IsoLayout[]): (readonly [string, string])[] {
  for (const { kernel, initrds } of layouts) {
    const initrd = initrds.find((file) => names.has(file))
    const [kernelInside, initrdInside] = [names.get(kernel), names.get(initrd ?? '')]
    if (kernelInside === undefined || initrd === undefined || initrdInside === undefined) continue
    return [
      [kernel, kernelInside],
      [initrd, initrdInside],
    ]
  }
  const places = layouts.map(({ kernel, initrds }) => `${kernel} with ${initrds[0]}`).join(', ')
  throw new ProvisionError('invalid', `it is no live ISO: none of these is in it: ${places}`)
}

async function* nonEmpty(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    yield chunk
  }
  if (size === 0) throw new ProvisionError('invalid', `${name} in it is empty, or a link`)
}
