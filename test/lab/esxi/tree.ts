import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type Release, stockBootCfg } from '../../kinds/esxi/releases.ts'
import { PROGRAM_ENV, runProgram } from '../run-program.ts'
import { beginning, elf, fraction, noise, packed, packedNothing } from './content.ts'
import type { StandIn } from './stand-in.ts'

const KIB = 1024
const MIB = 1024 * KIB
const EMPTY_MODULES = ['jumpstrt.gz', 'useropts.gz', 'features.gz']

/** Parts of the whole that the biggest modules take, about as on real media; all others are small. */
const BIG: Readonly<Record<string, number>> = {
  'tools.t00': 0.4,
  's.v00': 0.2,
  'sb.v00': 0.12,
  'vsan.v00': 0.1,
  'vsanmgmt.v00': 0.06,
  'vim.v00': 0.06,
  'k.b00': 0.02,
  'weaselin.v00': 0.02,
  'weaselin.t00': 0.02,
}

/** The files of one ESXi-like medium, without its file system. */
export interface TreeSpec {
  readonly release: Release
  /** Of all modules together. */
  readonly megabytes: number
  /** What boots and installs; without it nothing on the medium can be started. */
  readonly standIn: StandIn | undefined
}

/**
 * Fills a folder with what an installer medium has, under the names of boot.cfg: the release's own module list, contents that are ours, no two
 * alike, and the files beside them that an importer must not take for something else.
 */
export async function writeTree(directory: string, spec: TreeSpec): Promise<void> {
  const put = async (path: string, data: Uint8Array | string) => {
    const file = join(directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, data)
  }
  await putModules(put, directory, spec)
  await putLoaders(put, directory, spec)
  await putDecoys(put, spec.release)
  await writeEfiBootImage(join(directory, 'efiboot.img'), spec.release)
}

type Put = (path: string, data: Uint8Array | string) => Promise<void>

async function putModules(put: Put, directory: string, { release, megabytes, standIn }: TreeSpec): Promise<void> {
  await put(release.kernel, packed(elf(`${release.name} kernel`, 50 * KIB)))
  const rows: string[] = []
  for (const name of release.modules) {
    if (name === 'imgdb.tgz') continue
    const data =
      name === 'imgpayld.tgz' && standIn !== undefined
        ? await payload(directory, standIn)
        : moduleBytes(release, name, megabytes)
    await put(name, data)
    rows.push(databaseRow(name, data))
  }
  // What the stand-in knows its image by; see stand-in/visorfs.sh.
  await put('metalspray-lab/modules', `${rows.join('\n')}\n`)
  const tar = await fixedTar(directory, 'metalspray-lab')
  await put('imgdb.tgz', gzipSync(tar))
  await rm(join(directory, 'metalspray-lab'), { recursive: true })
}

function moduleBytes(release: Release, name: string, megabytes: number): Buffer {
  const seed = `${release.name} ${name}`
  // On media of 6.5 these are files without a byte; later ones have a gzip of nothing.
  if (EMPTY_MODULES.includes(name)) return release.version.startsWith('6.5') ? Buffer.alloc(0) : packedNothing(name)
  const big = BIG[name]
  const size = big === undefined ? 100 + fraction(seed) * 30 * KIB : big * megabytes * MIB
  return packed(name.endsWith('.b00') ? elf(seed, Math.ceil(size)) : noise(seed, Math.ceil(size)))
}

function databaseRow(name: string, data: Buffer): string {
  if (data.length === 0) return `${name} 0 -`
  const content = gunzipSync(data)
  return `${name} ${content.length} ${createHash('sha256').update(content).digest('hex')}`
}

async function payload(directory: string, { disk }: StandIn): Promise<Buffer> {
  const folder = await mkdtemp(join(directory, 'payload-'))
  await copyFile(disk, join(folder, 'disk.img'))
  const tar = await fixedTar(folder, 'disk.img')
  await rm(folder, { recursive: true })
  return gzipSync(tar, { level: 6 })
}

/** GNU's format, root's, without times: the same files give the same tar. */
async function fixedTar(directory: string, member: string): Promise<Buffer> {
  const file = join(directory, 'members.tar')
  const fixed = [
    '--format=gnu',
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mtime=@0',
    '--mode=u=rwX,go=rX',
  ]
  await runProgram('tar', ['-C', directory, ...fixed, '-cf', file, member])
  const bytes = await readFile(file)
  await rm(file)
  return bytes
}

async function putLoaders(put: Put, directory: string, { release, standIn }: TreeSpec): Promise<void> {
  const seed = (name: string) => `${release.name} ${name}`
  await put('boot.cfg', stockBootCfg(release))
  // As on some media: the same words in another order.
  await put(
    'efi/boot/boot.cfg',
    stockBootCfg({ ...release, kernelopt: release.kernelopt.split(' ').reverse().join(' ') }),
  )
  await put('mboot.c32', beginning([0xb8, 0xfe, 0x4c, 0xcd, 0x21], seed('mboot.c32'), 115 * KIB))
  if (standIn === undefined) await put('efi/boot/bootx64.efi', beginning([0x4d, 0x5a], seed('mboot'), 200 * KIB))
  else await copyFile(standIn.loader, join(directory, 'efi/boot/bootx64.efi'))
  if (!release.version.startsWith('6')) {
    await put('efi/boot/crypto64.efi', beginning([0x4d, 0x5a], seed('crypto'), 70 * KIB))
  }
}

async function putDecoys(put: Put, release: Release): Promise<void> {
  const names = ['safeboot.c32', 'menu.c32', 'isolinux.bin', 'ldlinux.sys', 'fatbootsector', 'upgrade/esximage.zip']
  for (const name of [...names, 'upgrade/extlinux', 'upgrade/mbr.bin', 'upgrade/gptmbr.bin', 'upgrade/metadata.zip']) {
    await put(name, noise(`${release.name} ${name}`, 2 * KIB + 100))
  }
  await put('efi/boot/safeboot.efi', beginning([0x4d, 0x5a], `${release.name} safeboot`, 30 * KIB))
  await put(
    'isolinux.cfg',
    'DEFAULT menu.c32\nMENU TITLE Loading ESXi installer\nTIMEOUT 80\nLABEL install\n  KERNEL mboot.c32\n',
  )
  await put('upgrade/precheck.py', `# ${release.name}\n`)
  await put('upgrade/prep.py', `# preparation for ${release.name}\n`)
  const { version, build } = release
  await put(
    'upgrade/metadata.xml',
    `<metadata><product>VMware ESXi</product><esxVersion>${version}</esxVersion><esxRelease>${build}</esxRelease></metadata>\n`,
  )
  await put(
    'upgrade/profile.xml',
    `<imageprofile><name>ESXi-${version}-${build}-standard</name><creator>metalspray lab</creator></imageprofile>\n`,
  )
  await put('vmware-esx-base-osl.txt', `ESXi ${release.name} GA\r\n${'open source licences stand here\r\n'.repeat(30)}`)
  await put(
    'vmware-esx-base-readme',
    `A fixture of metalspray's lab for ESXi ${release.name}: nothing of VMware's is in it.\n`,
  )
  await put('.discinfo', `${build}\nESXi\nx86_64\n`)
}

/** The El Torito image: a FAT with another BOOTX64.EFI than the file system's, which no importer may take. */
async function writeEfiBootImage(file: string, release: Release): Promise<void> {
  const env = { ...PROGRAM_ENV, SOURCE_DATE_EPOCH: '315619200', MTOOLS_SKIP_CHECK: '1' }
  const mtools = (program: string, ...args: string[]) => runProgram(program, ['-i', file, ...args], { env })
  await mtools('mformat', '-C', '-f', '1440', '-N', '4d53', '::')
  await mtools('mmd', '::EFI', '::EFI/BOOT')
  const loader = `${file}.part`
  await writeFile(loader, beginning([0x4d, 0x5a], `${release.name} isobounce`, 20 * KIB))
  await mtools('mcopy', loader, '::EFI/BOOT/BOOTX64.EFI')
  await rm(loader)
}
