import { readFile } from 'node:fs/promises'

const STUB = '/usr/lib/systemd/boot/efi/linuxx64.efi.stub'

/** Offsets in a PE32+ header, counted from its signature. */
const PE = {
  sections: 6,
  optionalSize: 20,
  alignment: 56,
  fileAlignment: 60,
  imageSize: 80,
  headersSize: 84,
  checksum: 88,
}
/** One row of the section table. */
const ROW = 40
/** Holds data that is initialised and may be read. */
const READABLE_DATA = 0x40000040

/** What a unified kernel image is made of. */
export interface UnifiedKernel {
  readonly kernel: Uint8Array
  readonly initrd: Uint8Array
  /** Shown by boot menus; any text. */
  readonly name: string
}

/**
 * Makes one EFI program of a Linux kernel and its initrd by adding both as sections to systemd's stub, as objcopy and
 * ukify do. There is no `.cmdline` section on purpose: the stub then hands on the load options that it was started with,
 * which is how `bootx64.efi -c URL` reaches /proc/cmdline.
 */
export async function makeUnifiedKernel(parts: UnifiedKernel): Promise<Buffer> {
  const stub = await readFile(STUB).catch((error: unknown) => {
    throw new Error(`${STUB} is missing; install it with: sudo apt-get install systemd-boot-efi`, { cause: error })
  })
  return addSections(stub, [
    { name: '.osrel', data: Buffer.from(`ID=metalspray-lab\nVERSION_ID=1\nPRETTY_NAME="${parts.name}"\n`) },
    { name: '.initrd', data: parts.initrd },
    { name: '.linux', data: parts.kernel },
  ])
}

interface Section {
  /** At most 8 bytes. */
  readonly name: string
  readonly data: Uint8Array
}

function addSections(program: Buffer, added: readonly Section[]): Buffer {
  const header = Buffer.from(program)
  const pe = header.readUInt32LE(0x3c)
  const count = header.readUInt16LE(pe + PE.sections)
  const table = pe + 24 + header.readUInt16LE(pe + PE.optionalSize)
  const alignment = header.readUInt32LE(pe + PE.alignment)
  const fileAlignment = header.readUInt32LE(pe + PE.fileAlignment)
  if (table + (count + added.length) * ROW > header.readUInt32LE(pe + PE.headersSize)) {
    throw new Error('the stub has no room for more sections')
  }
  let address = roundUp(header.readUInt32LE(pe + PE.imageSize), alignment)
  let place = roundUp(program.length, fileAlignment)
  const parts = [header, Buffer.alloc(place - program.length)]
  for (const [index, { name, data }] of added.entries()) {
    const room = roundUp(data.length, fileAlignment)
    const row = table + (count + index) * ROW
    header.fill(0, row, row + ROW)
    header.write(name, row, 'latin1')
    header.writeUInt32LE(data.length, row + 8)
    header.writeUInt32LE(address, row + 12)
    header.writeUInt32LE(room, row + 16)
    header.writeUInt32LE(place, row + 20)
    header.writeUInt32LE(READABLE_DATA, row + 36)
    parts.push(Buffer.from(data), Buffer.alloc(room - data.length))
    address = roundUp(address + data.length, alignment)
    place += room
  }
  header.writeUInt16LE(count + added.length, pe + PE.sections)
  header.writeUInt32LE(address, pe + PE.imageSize)
  // A sum that is wrong is refused by some firmware; none is never asked for.
  header.writeUInt32LE(0, pe + PE.checksum)
  return Buffer.concat(parts)
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
