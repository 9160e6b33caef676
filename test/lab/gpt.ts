import { crc32 } from 'node:zlib'

const SECTOR = 512
const ENTRIES = 128
const ENTRY_SECTORS = 32
/** Where the only partition begins: 1 MiB, as every partitioning program has it. */
export const FIRST_SECTOR = 2048

/** EFI system partition, `C12A7328-F81F-11D2-BA4B-00A0C93EC93B` in the byte order of a disk. */
const ESP_TYPE = Buffer.from('28732ac11ff8d211ba4b00a0c93ec93b', 'hex')
/** Fixed: the same inputs have to give the same image. */
const DISK_GUID = Buffer.from('6d6574616c73707261790000006c6162', 'hex')
const PARTITION_GUID = Buffer.from('6d6574616c7370726179000065737031', 'hex')
/** Bit 2 of a partition's attributes: syslinux' boot code for GPT starts the partition that has it. */
const LEGACY_BIOS_BOOTABLE = 4n

/**
 * A disk with one EFI system partition: the protective MBR with `bootCode` for BIOS, then GPT twice. `sectors` is the
 * size of the whole disk; the returned parts are to be written at their sectors.
 */
export function gptDisk(sectors: number, bootCode: Uint8Array): readonly { sector: number; data: Buffer }[] {
  const lastUsable = sectors - ENTRY_SECTORS - 2
  const entries = Buffer.alloc(ENTRY_SECTORS * SECTOR)
  ESP_TYPE.copy(entries, 0)
  PARTITION_GUID.copy(entries, 16)
  entries.writeBigUInt64LE(BigInt(FIRST_SECTOR), 32)
  entries.writeBigUInt64LE(BigInt(lastUsable), 40)
  entries.writeBigUInt64LE(LEGACY_BIOS_BOOTABLE, 48)
  entries.write('metalspray', 56, 'utf16le')
  const header = (own: number, other: number, entriesAt: number) =>
    gptHeader({ own, other, entriesAt, lastUsable, entriesCrc: crc32(entries) })
  return [
    { sector: 0, data: protectiveMbr(sectors, bootCode) },
    { sector: 1, data: header(1, sectors - 1, 2) },
    { sector: 2, data: entries },
    { sector: lastUsable + 1, data: entries },
    { sector: sectors - 1, data: header(sectors - 1, 1, lastUsable + 1) },
  ]
}

function protectiveMbr(sectors: number, bootCode: Uint8Array): Buffer {
  const mbr = Buffer.alloc(SECTOR)
  mbr.set(bootCode.subarray(0, 440))
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446)
  mbr.writeUInt32LE(1, 454)
  mbr.writeUInt32LE(sectors - 1, 458)
  mbr.writeUInt16LE(0xaa55, 510)
  return mbr
}

interface HeaderPlaces {
  readonly own: number
  readonly other: number
  readonly entriesAt: number
  readonly lastUsable: number
  readonly entriesCrc: number
}

function gptHeader(places: HeaderPlaces): Buffer {
  const header = Buffer.alloc(SECTOR)
  header.write('EFI PART', 0, 'latin1')
  header.writeUInt32LE(0x10000, 8)
  header.writeUInt32LE(92, 12)
  header.writeBigUInt64LE(BigInt(places.own), 24)
  header.writeBigUInt64LE(BigInt(places.other), 32)
  header.writeBigUInt64LE(BigInt(FIRST_SECTOR), 40)
  header.writeBigUInt64LE(BigInt(places.lastUsable), 48)
  DISK_GUID.copy(header, 56)
  header.writeBigUInt64LE(BigInt(places.entriesAt), 72)
  header.writeUInt32LE(ENTRIES, 80)
  header.writeUInt32LE(128, 84)
  header.writeUInt32LE(places.entriesCrc, 88)
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16)
  return header
}
