/** The file that tells an iPXE with COMBOOT from one without. */
export const COMBOOT_PROBE = 'comboot.c32'

/** iPXE starts as a boot sector what fits between its load address and the end of the memory below 640 kB; one byte more, and it does not. */
const LARGEST_BOOT_SECTOR = 0xa0000 - 0x7c00

/** What COM32 programs begin with; mboot.c32 itself begins with a younger form, which iPXE knows by the name alone. */
const COM32 = [0xb8, 0xff, 0x4c, 0xcd, 0x21]

let probe: Buffer | undefined

/**
 * iPXE on BIOS takes whatever it does not know for a boot sector. Without COMBOOT in it, it would start mboot.c32 like that and hang
 * without a word. This file is too large to be taken for a boot sector, and begins like a COM32 program: `imgselect` takes it exactly
 * where it would know mboot.c32 too. Nobody ever runs it. (Debian's iPXE selects 623616 bytes and refuses 623617.)
 */
export function combootProbe(): Buffer {
  probe ??= Buffer.concat([Buffer.from(COM32), Buffer.alloc(LARGEST_BOOT_SECTOR)])
  return probe
}
