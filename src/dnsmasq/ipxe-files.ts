import { chownSync, constants, copyFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type FirmwareArch, programFormat } from '../core/boot-program.ts'
import { makeLocalDiskLoaders } from './local-disk.ts'
import { canChangeUser, findUser } from './system-user.ts'

/** The iPXE programs that were found, by who starts them: where they are now. */
export type IpxeFiles = { readonly [A in FirmwareArch]?: string }

/** The names under which machines ask for iPXE, by TFTP and by HTTP (`/ipxe/…`). */
export const IPXE_NAMES: { readonly [A in FirmwareArch]: string } = {
  bios: 'undionly.kpxe',
  x64: 'snponly-x64.efi',
  arm64: 'snponly-arm64.efi',
}

/**
 * What distributions call them: Debian and Ubuntu, Fedora, iPXE's own build directories. The build that uses the firmware's
 * own network driver first: it works on cards that iPXE has no driver for.
 */
const CANDIDATES: { readonly [A in FirmwareArch]: readonly string[] } = {
  bios: ['undionly.kpxe', 'bin/undionly.kpxe', 'bin-x86_64-pcbios/undionly.kpxe'],
  x64: [
    'snponly-x64.efi',
    'snponly.efi',
    'ipxe-snponly-x86_64.efi',
    'bin-x86_64-efi/snponly.efi',
    'x86_64/snponly.efi',
    'ipxe-x86_64.efi',
    'ipxe.efi',
  ],
  arm64: [
    'snponly-arm64.efi',
    'snponly.efi',
    'arm64/snponly.efi',
    'arm64-efi/snponly.efi',
    'bin-arm64-efi/snponly.efi',
    'ipxe-arm64.efi',
    'arm64/ipxe.efi',
  ],
}

/** Where distributions put iPXE. */
const DIRECTORIES: readonly string[] = [
  '/usr/lib/ipxe',
  '/usr/share/ipxe',
  '/usr/share/ipxe/x86_64',
  '/usr/share/ipxe/arm64-efi',
]

const ARCHS: readonly FirmwareArch[] = ['bios', 'x64', 'arm64']

/** Finds iPXE's programs: the operator's own before the distribution's. */
export function findIpxe(own: string | undefined, directories: readonly string[] = DIRECTORIES): IpxeFiles {
  const places = [...(own === undefined ? [] : [own]), ...directories]
  const found: { [A in FirmwareArch]?: string } = {}
  for (const arch of ARCHS) {
    const paths = places.flatMap((place) => CANDIDATES[arch].map((name) => join(place, name)))
    const path = paths.find((candidate) => archOf(candidate) === arch)
    if (path !== undefined) found[arch] = path
  }
  return found
}

/** Who may start a program. */
function archOf(path: string): FirmwareArch | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined
  const program = programFormat(readFileSync(path))
  if (program.format === 'plain') return path.endsWith('pxe') ? 'bios' : undefined
  return program.format === 'efi' && (program.machine === 'x64' || program.machine === 'arm64')
    ? program.machine
    : undefined
}

/** A TFTP root, and as whom dnsmasq can read it. */
export interface TftpRoot {
  readonly directory: string
  readonly files: IpxeFiles
  /** The user for dnsmasq to become; `undefined` to stay who started it. */
  readonly user: string | undefined
  /** The loaders that start UEFI machines from their own disk, by name; asked for by HTTP only. */
  readonly localDisk: readonly string[]
}

/**
 * Makes a directory with nothing in it but what machines start, under the names that they ask for. dnsmasq's `tftp-secure`
 * gives out only what its own user owns, so the copies are his.
 */
export function makeTftpRoot(directory: string, found: IpxeFiles): TftpRoot {
  const root = resolve(directory)
  mkdirSync(root, { recursive: true, mode: 0o755 })
  const user = chooseUser(root)
  const files: { [A in FirmwareArch]?: string } = {}
  for (const arch of ARCHS) {
    const source = found[arch]
    if (source === undefined) continue
    const target = join(root, IPXE_NAMES[arch])
    // A machine may be fetching the old one: it is replaced, never written to.
    const copy = `${target}.new`
    copyFileSync(source, copy, constants.COPYFILE_FICLONE)
    if (user !== undefined) chownSync(copy, user.uid, user.gid)
    renameSync(copy, target)
    files[arch] = target
  }
  return { directory: root, files, user: user?.name, localDisk: makeLocalDiskLoaders(root) }
}

/** dnsmasq's own user, when he can get at the directory, else root; nobody, when dnsmasq has to stay who we are. */
function chooseUser(root: string): ReturnType<typeof findUser> {
  if (!canChangeUser()) return undefined
  return isOpenTo(root) ? (findUser('dnsmasq') ?? findUser('root')) : findUser('root')
}

/** Whether everybody may walk down to a directory: not so below `/root`. */
function isOpenTo(directory: string): boolean {
  const parent = dirname(directory)
  const isOpen = (statSync(directory).mode & 0o001) !== 0
  return isOpen && (parent === directory || isOpenTo(parent))
}
