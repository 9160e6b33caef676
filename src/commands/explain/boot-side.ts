import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { ProvisionError } from '../../core/errors.ts'
import type { MadeForBoot } from '../../store/kept-boots.ts'
import { USUAL_BASE } from '../find-problems.ts'
import type { ExplainDeps, Explained } from './explanation.ts'
import { explainFile } from './make-files.ts'

/** A boot as it is compared with another one: without what differs between any two boots. */
export interface BootSide {
  /** What the boot is called: `host 3 (esx3)`. */
  readonly label: string
  readonly settings: MadeForBoot['settings']
  /** By name; what is in an archive has the archive's name in front. What is no text is as it is. */
  readonly files: ReadonlyMap<string, string | Buffer>
}

/** A boot that is made, with other values in the place of secrets. @param options whether what is in archives is wanted, too */
export async function sideOf(
  deps: ExplainDeps,
  explained: Explained,
  { label, hasArchives }: { readonly label: string; readonly hasArchives: boolean },
): Promise<BootSide> {
  const files = new Map<string, string | Buffer>()
  for (const name of explained.files) {
    if (isArchive(name) && !hasArchives) continue
    for (const [part, body] of await partsOf(name, await madeOrWhy(deps, explained, name))) {
      files.set(part, typeof body === 'string' ? withoutIds(body, deps.base ?? USUAL_BASE) : body)
    }
  }
  return { label, settings: explained.settings, files }
}

const isArchive = (name: string) => /\.t(?:ar\.)?gz$/.test(name)

/** A file that cannot be made differs by the reason. */
async function madeOrWhy(deps: ExplainDeps, explained: Explained, name: string): Promise<string | Buffer> {
  try {
    return await explainFile(deps, explained, { name, showsSecrets: false })
  } catch (error) {
    if (error instanceof ProvisionError) return `cannot be made: ${error.message}\n`
    throw error
  }
}

/** The files of an archive, one by one. */
async function partsOf(name: string, body: string | Buffer): Promise<readonly (readonly [string, string | Buffer])[]> {
  if (typeof body === 'string' || !isArchive(name)) return [[name, body]]
  const parts: (readonly [string, string])[] = []
  const archive = extract()
  archive.end(gunzipSync(body))
  for await (const entry of archive) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    if (entry.header.type === 'file') parts.push([`${name}/${entry.header.name}`, Buffer.concat(chunks).toString()])
  }
  return parts
}

/**
 * A text without what differs between any two boots: the boot's id, the server's address, the host's number in KIWIspray's addresses and in
 * cloud-init's id of an instance.
 */
function withoutIds(text: string, base: string): string {
  return text
    .replaceAll(base, 'http://SERVER')
    .replace(/(\/b\/|bootid=)[0-9a-f]{32}/g, '$1BOOT')
    .replace(/\bid=\d+(?=&bootid=)/g, 'id=HOST')
    .replace(/\bmetalspray-\d+-\d+\b/g, 'metalspray-HOST-PLAN')
}
