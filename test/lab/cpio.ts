/** One member of an initrd. */
export interface CpioEntry {
  readonly path: string
  readonly data?: Uint8Array | string
  /** Target of a symbolic link. */
  readonly link?: string
  readonly directory?: boolean
  /** Character device, as [major, minor]. */
  readonly device?: readonly [number, number]
  readonly executable?: boolean
}

/**
 * Packs an initrd in the kernel's `newc` format. By hand, because the program cpio takes owners, times and inode numbers
 * from the disk: here the same entries give the same bytes, and device nodes need no root.
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const members = entries.map((entry, index) => member(entry, index + 1))
  return Buffer.concat([...members, member({ path: 'TRAILER!!!' }, 0)])
}

function member(entry: CpioEntry, inode: number): Buffer {
  const data = Buffer.from(entry.link ?? entry.data ?? '')
  const name = Buffer.from(`${entry.path}\0`)
  const [major, minor] = entry.device ?? [0, 0]
  const fields = [inode, mode(entry), 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(data)])
}

function mode(entry: CpioEntry): number {
  if (entry.link !== undefined) return 0o120777
  if (entry.directory) return 0o40755
  if (entry.device) return 0o20600
  return entry.executable ? 0o100755 : 0o100644
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}
