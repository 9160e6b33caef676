import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { RELEASES } from '../kinds/esxi/releases.ts'
import { type StandIn, standIn } from './esxi/stand-in.ts'
import { writeTree } from './esxi/tree.ts'
import { PROGRAM_ENV, runProgram } from './run-program.ts'

/**
 * How an ISO names its files. `plain`: ISO 9660 alone, upper case with `;1`, as VMware's own media. `rock-ridge`: also
 * Rock Ridge and Joliet with lower case, as media that somebody made anew. `lower-case`: ISO 9660 alone, against its
 * rules in lower case.
 */
export type NameScheme = 'plain' | 'rock-ridge' | 'lower-case'

export const NAME_SCHEMES: readonly NameScheme[] = ['plain', 'rock-ridge', 'lower-case']

/** An ESXi-like medium to be. */
export interface EsxiIsoSpec {
  /** One of the names in `RELEASES`, as `8.0U3b`. */
  readonly release: string
  readonly scheme: NameScheme
  /** About what all modules weigh together; 8 unless said otherwise. Real media have 300 to 1000. */
  readonly megabytes?: number
  /** With it machines of the lab boot and install from the medium. */
  readonly standIn?: StandIn
}

/** What is on a medium: by its path in lower case, its size and sha256. */
export type Manifest = Readonly<Record<string, { readonly size: number; readonly sha256: string }>>

/** Each scheme beside what they have in common; the names that are longer than 8.3 stay whole in all of them. */
const SCHEME_OPTIONS: Readonly<Record<NameScheme, readonly string[]>> = {
  plain: ['--norock', '-iso-level', '3', '-relaxed-filenames', '-allow-multidot', '-ldots'],
  'rock-ridge': ['-iso-level', '3', '-R', '-J', '-joliet-long'],
  'lower-case': ['--norock', '-iso-level', '3', '-allow-lowercase', '-relaxed-filenames', '-allow-multidot', '-ldots'],
}

/** 1980: the first day that FAT knows, and as good as any. */
const TIME = 315619200

/**
 * Writes an ESXi-like installer ISO. Only names and shapes are VMware's, contents are made up; the same specification gives the same bytes.
 * @returns what an importer has to find in it
 */
export async function makeEsxiIso(iso: string, spec: EsxiIsoSpec): Promise<Manifest> {
  const release = RELEASES.find(({ name }) => name === spec.release)
  if (release === undefined) throw new Error(`which release? ${RELEASES.map(({ name }) => name).join(', ')}`)
  const directory = await mkdtemp(join(tmpdir(), 'metalspray-esxi-'))
  try {
    await writeTree(directory, { release, megabytes: spec.megabytes ?? 8, standIn: spec.standIn })
    const manifest = await describe(directory)
    await rm(iso, { force: true })
    await runProgram(
      'xorriso',
      [
        ...[
          '-as',
          'mkisofs',
          '-quiet',
          '-volid',
          `ESXI-${release.name.toUpperCase()}-${release.build}-STANDARD`.slice(0, 32),
        ],
        ...SCHEME_OPTIONS[spec.scheme],
        ...['-uid', '0', '-gid', '0', '--set_all_file_dates', 'set_to_mtime', '--modification-date=1980010200000000'],
        ...['-b', 'isolinux.bin', '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4'],
        ...['-eltorito-alt-boot', '-e', 'efiboot.img', '-no-emul-boot', '-o', iso, directory],
      ],
      { env: { ...PROGRAM_ENV, SOURCE_DATE_EPOCH: String(TIME) } },
    )
    return manifest
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Describes every file below a folder, and gives all of them the same time. */
async function describe(directory: string): Promise<Manifest> {
  const manifest: Record<string, { size: number; sha256: string }> = {}
  for (const path of (await readdir(directory, { recursive: true })).sort()) {
    const file = join(directory, path)
    await utimes(file, TIME, TIME)
    const { size, isFile } = await stat(file).then((found) => ({ size: found.size, isFile: found.isFile() }))
    if (isFile) manifest[path] = { size, sha256: await sha256(file) }
  }
  await utimes(directory, TIME, TIME)
  return manifest
}

/** The sha256 of a file. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      release: { type: 'string', default: '8.0U3b' },
      scheme: { type: 'string', default: 'plain' },
      megabytes: { type: 'string', default: '8' },
      bootable: { type: 'boolean', default: false },
    },
  })
  const [iso] = positionals
  const scheme = NAME_SCHEMES.find((one) => one === values.scheme)
  if (iso === undefined || positionals.length > 1 || scheme === undefined) {
    process.stderr.write(
      'usage: node test/lab/esxi-iso.ts [--release 8.0U3b] [--scheme plain|rock-ridge|lower-case] [--megabytes 8] [--bootable] OUT.iso\n',
    )
    process.exit(2)
  }
  const { release } = values
  const megabytes = Number(values.megabytes)
  const base = { release, scheme, megabytes }
  const manifest = await makeEsxiIso(iso, values.bootable ? { ...base, standIn: await standIn() } : base)
  process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`)
}
