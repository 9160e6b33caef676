/** The file that tells an iPXE with COMBOOT from one without. */
export const COMBOOT_PROBE = 'comboot.c32'

/**
 * iPXE on BIOS takes whatever it does not know for a boot sector, unless it is larger than the memory below 640 kB (its check is
 * 0xa0000 - 0x7c00 bytes). Without COMBOOT in it, it would start mboot.c32 like that and hang without a word. This file is too large
 * to be taken for a boot sector, and begins like a COM32 program: `imgselect` takes it exactly where it would know mboot.c32 too.
 * Nobody ever runs it.
 */
export function combootProbe(): Buffer {
  const probe = Buffer.alloc(640 * 1024)
  Buffer.from([0xb8, 0xff, 0x4c, 0xcd, 0x21]).copy(probe)
  return probe
}
