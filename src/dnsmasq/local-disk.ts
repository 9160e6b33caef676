import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A loader that starts a UEFI machine from its own disk, and what it is made for. */
interface LocalDiskLoader {
  /** The name under which iPXE asks for it: `${buildarch}` is iPXE's own word. */
  readonly name: string
  /** GRUB's name of the platform. */
  readonly format: string
  /** What UEFI starts from a disk without a boot entry. */
  readonly removable: string
  /** How distributions end the names of their loaders. */
  readonly suffix: string
}

const LOADERS: readonly LocalDiskLoader[] = [
  { name: 'local-disk-x86_64.efi', format: 'x86_64-efi', removable: 'BOOTX64.EFI', suffix: 'x64.efi' },
  { name: 'local-disk-arm64.efi', format: 'arm64-efi', removable: 'BOOTAA64.EFI', suffix: 'aa64.efi' },
]

const MODULES = 'part_gpt part_msdos fat iso9660 search search_fs_file chain normal echo test boot'.split(' ')

/** Where a system's loader is when the path for removable media has none: Windows, and what Linux distributions are called. */
const VENDORS = 'debian ubuntu redhat centos rocky almalinux fedora opensuse sles sle_micro arch'.split(' ')

/**
 * Makes the loaders by which finished UEFI machines reach their disk. When iPXE merely ends, firmware goes on through its boot
 * order, network entries first: measured on OVMF, 81 seconds and a second iPXE; with a loader that chains the disk's own, three.
 * @param program GRUB's `grub-mkimage`
 * @returns the names of those that could be made; without GRUB none, and machines take the long way
 */
export function makeLocalDiskLoaders(directory: string, program = 'grub-mkimage'): readonly string[] {
  const work = mkdtempSync(join(directory, '.grub-'))
  try {
    return LOADERS.filter((loader) => makeLoader(loader, { directory, work, program })).map((loader) => loader.name)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function makeLoader(
  loader: LocalDiskLoader,
  { directory, work, program }: { readonly directory: string; readonly work: string; readonly program: string },
): boolean {
  const config = join(work, 'grub.cfg')
  const made = join(work, loader.name)
  writeFileSync(config, grubConfig(loader))
  // The prefix is where GRUB would look for more of itself: nowhere.
  const result = spawnSync(program, ['-O', loader.format, '-o', made, '-p', '/none', '-c', config, ...MODULES], {
    stdio: 'ignore',
    timeout: 30_000,
  })
  if (result.status !== 0 || !existsSync(made)) return false
  renameSync(made, join(directory, loader.name))
  return true
}

/** NOTE: `$root` is never empty in GRUB (it begins as the server that it came from), so that the search has a variable of its own. */
function grubConfig({ removable, suffix }: LocalDiskLoader): string {
  const places = [
    `/EFI/BOOT/${removable}`,
    '/EFI/Microsoft/Boot/bootmgfw.efi',
    ...VENDORS.flatMap((vendor) => [`/EFI/${vendor}/shim${suffix}`, `/EFI/${vendor}/grub${suffix}`]),
  ]
  return `${places.map(tryLoader).join('')}echo metalspray: no local disk has a loader for UEFI\nexit\n`
}

function tryLoader(path: string): string {
  return `search --no-floppy --file ${path} --set=disk
if [ -n "$disk" ]; then
  echo metalspray: starting ($disk)${path}
  set root=$disk
  chainloader ${path}
  boot
  unset disk
fi
`
}
