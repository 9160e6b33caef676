import { copyFile, open, readFile, rm, writeFile } from 'node:fs/promises'
import { FIRST_SECTOR, gptDisk } from './gpt.ts'
import { PROGRAM_ENV, runProgram } from './run-program.ts'

const MIB = 1024 * 1024
/** Room for Debian's kernel (14 MiB) and a small initrd; the rest is zeros, which cost next to nothing packed. */
const DISK_MIB = 32
const PARTITION_AT = FIRST_SECTOR * 512

const SYSTEMD_BOOT = '/usr/lib/systemd/boot/efi/systemd-bootx64.efi'
const GPT_BOOT_CODE = '/usr/lib/syslinux/mbr/gptmbr.bin'

/** A partly written FAT has times and a serial number in it: these are fixed. */
const FIXED_TIME = { ...PROGRAM_ENV, SOURCE_DATE_EPOCH: '315619200', MTOOLS_SKIP_CHECK: '1' }

/** What the installed system starts. */
export interface DiskSystem {
  readonly kernel: string
  readonly initrd: Uint8Array
  /** Where to put the raw image. */
  readonly target: string
}

/**
 * Makes the raw disk of an installed system: GPT with one EFI system partition, from which both worlds start the same
 * kernel and initrd, BIOS by syslinux and UEFI by systemd-boot. Needs no root and no loop device.
 */
export async function makeDiskImage({ kernel, initrd, target }: DiskSystem): Promise<void> {
  const sectors = (DISK_MIB * MIB) / 512
  const disk = await open(target, 'wx+')
  try {
    await disk.truncate(DISK_MIB * MIB)
    for (const part of gptDisk(sectors, await readFile(GPT_BOOT_CODE))) {
      await disk.write(part.data, 0, part.data.length, part.sector * 512)
    }
  } finally {
    await disk.close()
  }
  await fillPartition(target, kernel, initrd)
}

async function fillPartition(target: string, kernel: string, initrd: Uint8Array): Promise<void> {
  const partition = `${target}@@${PARTITION_AT}`
  const partitionSectors = (DISK_MIB - 2) * 2048
  const mtools = (program: string, ...args: string[]) =>
    runProgram(program, ['-i', partition, ...args], { env: FIXED_TIME })
  await mtools(
    'mformat',
    '-T',
    String(partitionSectors),
    '-h',
    '16',
    '-s',
    '63',
    '-H',
    String(FIRST_SECTOR),
    '-N',
    '4d53',
    '-v',
    'METALSPRAY',
    '::',
  )
  await mtools('mmd', '::EFI', '::EFI/BOOT', '::loader', '::loader/entries')
  await mtools('mcopy', SYSTEMD_BOOT, '::EFI/BOOT/BOOTX64.EFI')
  await mtools('mcopy', kernel, '::vmlinuz')
  const text = (path: string, content: string | Uint8Array) => putFile(mtools, target, path, content)
  await text('initrd', initrd)
  await text('loader/loader.conf', 'timeout 0\n')
  await text('loader/entries/metalspray.conf', `title metalspray\nlinux /vmlinuz\ninitrd /initrd\noptions ${OPTIONS}\n`)
  await text(
    'syslinux.cfg',
    `DEFAULT disk\nPROMPT 0\nLABEL disk\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND ${OPTIONS}\n`,
  )
  await runProgram('syslinux', ['--install', '--offset', String(PARTITION_AT), target], { env: FIXED_TIME })
}

const OPTIONS = 'console=ttyS0,115200 quiet panic=30'

async function putFile(
  mtools: (program: string, ...args: string[]) => Promise<string>,
  target: string,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const file = `${target}.part`
  await writeFile(file, content)
  await mtools('mcopy', file, `::${path}`)
  await rm(file)
}

/** Copies an image to where a machine may write to it, without writing its zeros. */
export async function copyDisk(from: string, to: string): Promise<void> {
  await copyFile(from, to)
}

/** Empty disk of a new machine. */
export async function makeBlankDisk(path: string, mib: number): Promise<void> {
  const disk = await open(path, 'wx')
  await disk.truncate(mib * MIB)
  await disk.close()
}
