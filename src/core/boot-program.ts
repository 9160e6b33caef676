/** A kind of firmware, by what it can start. */
export type FirmwareArch = 'bios' | 'x64' | 'arm64'

/** What a file is to firmware, by its first bytes. */
export type ProgramFormat =
  /** An EFI program; `ia32` and others are of no use to any machine here. */
  | { readonly format: 'efi'; readonly machine: 'x64' | 'arm64' | 'ia32' | 'other' }
  /** An iPXE script. */
  | { readonly format: 'script' }
  /** Anything else: BIOS would run it. */
  | { readonly format: 'plain' }

/** The machine types in the header of an EFI program (PE/COFF). */
const PE_MACHINES: { readonly [machine: number]: 'x64' | 'arm64' | 'ia32' } = {
  34404: 'x64',
  43620: 'arm64',
  332: 'ia32',
}
/** Where the old header of a PE program says where the new one is. */
const PE_POINTER = 0x3c

/** Tells programs apart by their headers: arm64 firmware must not be handed an x64 program that merely has the right name. */
export function programFormat(bytes: Buffer): ProgramFormat {
  if (bytes.toString('latin1', 0, 6) === '#!ipxe') return { format: 'script' }
  if (bytes.length < PE_POINTER + 4 || bytes.toString('latin1', 0, 2) !== 'MZ') return { format: 'plain' }
  const header = bytes.readUInt32LE(PE_POINTER)
  if (header + 6 > bytes.length || bytes.toString('latin1', header, header + 4) !== 'PE\0\0') return { format: 'plain' }
  return { format: 'efi', machine: PE_MACHINES[bytes.readUInt16LE(header + 4)] ?? 'other' }
}

/** What only iPXE has in it: EFI builds have its name and address; BIOS builds are packed, but for what looks for the card. */
const IPXE_MARKS = ['http://ipxe.org/', 'PXE->EB:']

/** Whether a program is iPXE, by texts in it. */
export function isIpxe(bytes: Buffer): boolean {
  return IPXE_MARKS.some((mark) => bytes.includes(mark, 0, 'latin1'))
}
