import type { Media } from '../kind.ts'

const BOOT_CFG = ['efi/boot/boot.cfg', 'boot.cfg']

/** What only mboot's own media have beside a `boot.cfg`: the loader, or a kernel under one of its two names. */
const BESIDE = ['efi/boot/bootx64.efi', 'efi/boot/bootaa64.efi', 'mboot.c32', 'b.b00', 'tboot.b00']

/**
 * ESXi's installer media. VMware's own are plain ISO 9660, in upper case; their `boot.cfg` speaks of files in lower case, and so does
 * the kernel under Secure Boot, which knows its modules by name.
 */
export const esxiMedia: Media = {
  matches: (files) => BOOT_CFG.some((file) => files.has(file)) && BESIDE.some((file) => files.has(file)),
  // Somebody's own unpacking may have left the version that ISO 9660 puts behind a name.
  imageName: (name) =>
    name
      .toLowerCase()
      .split('/')
      .map((part) => part.replace(/;\d+$/, '').replace(/(?<=[^.])\.$/, ''))
      .join('/'),
}
