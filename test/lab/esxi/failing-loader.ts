/** EFI_NOT_FOUND: with it the real loader ends when a module cannot be had and errtimeout is over. */
const NOT_FOUND = 0x800000000000000en

const PE_AT = 0x40
const CODE_AT = 0x200
const PAGE = 0x1000
/** Machine code for x86_64: `mov rax, NOT_FOUND; ret`. */
const MOV_RAX = [0x48, 0xb8]
const RET = 0xc3

/**
 * A whole EFI program that does nothing but end as ESXi's loader does after a fatal error. The stand-in is a Linux and cannot go
 * back to the iPXE that started it; this can.
 */
export function failingLoader(): Buffer {
  const program = Buffer.alloc(2 * CODE_AT)
  program.write('MZ', 0, 'latin1')
  program.writeUInt32LE(PE_AT, 0x3c)
  program.write('PE\0\0', PE_AT, 'latin1')
  const coff = PE_AT + 4
  const optional = coff + 20
  const section = optional + 240
  writeFields(program, coff, [
    [0, 2, 0x8664], // x86_64
    [2, 2, 1], // sections
    [16, 2, section - optional],
    [18, 2, 0x0022], // an executable that may lie above 2 GiB
  ])
  writeFields(program, optional, [
    [0, 2, 0x20b], // PE32+
    [4, 4, CODE_AT],
    [16, 4, PAGE], // entry
    [20, 4, PAGE], // code
    [32, 4, PAGE], // alignment in memory, then in the file
    [36, 4, CODE_AT],
    [56, 4, 2 * PAGE],
    [60, 4, CODE_AT],
    [68, 2, 10], // an EFI application
    [108, 4, 16], // empty directories
  ])
  program.write('.text', section, 'latin1')
  writeFields(program, section, [
    [8, 4, CODE_AT],
    [12, 4, PAGE],
    [16, 4, CODE_AT],
    [20, 4, CODE_AT],
    [36, 4, 0x60000020], // code that may be read and run
  ])
  program.set(MOV_RAX, CODE_AT)
  program.writeBigUInt64LE(NOT_FOUND, CODE_AT + MOV_RAX.length)
  program.writeUInt8(RET, CODE_AT + MOV_RAX.length + 8)
  return program
}

/** Writes numbers of 2 or 4 bytes, each at its offset from `at`. */
function writeFields(program: Buffer, at: number, fields: readonly (readonly [number, 2 | 4, number])[]): void {
  for (const [offset, bytes, value] of fields) program.writeUIntLE(value, at + offset, bytes)
}
