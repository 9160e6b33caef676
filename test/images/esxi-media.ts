import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { mediumOf } from '../kinds/esxi/media.ts'
import { type Release, releaseNamed } from '../kinds/esxi/releases.ts'
import { program } from './archive.ts'
import { fill } from './folder.ts'

/** How names stand on an ISO: as on VMware's own media, as on those that people make anew, and as a few lie in between. */
export const NAMINGS = {
  plain: ['--norock', '-iso-level', '1'],
  'Rock Ridge and Joliet': ['-R', '-J'],
  Joliet: ['--norock', '-J'],
  'plain in lower case': ['--norock', '-iso-level', '3', '-allow-lowercase'],
} as const

/** The files of a medium, each with a content of its own: what must be gzip is. */
export function esxiFiles(release: Release = releaseNamed('8.0U3b')): { readonly [name: string]: string | Buffer } {
  const content = (name: string, text: string) => {
    if (text !== '') return text
    return /\.(?:efi|c32)$/.test(name) ? `MZ ${name}` : gzipSync(`what is in ${name}`)
  }
  const files = Object.entries(mediumOf(release)).map(([name, text]) => [name, content(name, text)] as const)
  const decoys = {
    'isolinux.bin': 'boot',
    'efiboot.img': Buffer.alloc(4096, 'EFI/BOOT/BOOTX64.EFI'),
    'upgrade/prep.py': '#',
  }
  return { ...Object.fromEntries(files), ...decoys }
}

/** Makes an ISO of files. */
export async function makeIso(
  folder: string,
  files: { readonly [name: string]: string | Uint8Array },
  options: readonly string[] = NAMINGS.plain,
): Promise<string> {
  const [tree, iso] = [join(folder, 'medium'), join(folder, 'esxi.iso')]
  await program('rm', ['-rf', tree, iso])
  await fill(tree, files)
  await program('xorriso', [
    '-as',
    'mkisofs',
    '-quiet',
    '-V',
    'ESXI-8.0U3B-24280767-STANDARD',
    ...options,
    '-o',
    iso,
    tree,
  ])
  return iso
}
