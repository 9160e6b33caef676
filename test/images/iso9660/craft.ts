/** What a directory record says; whatever is not told is as a sane writer has it. */
export interface Crafted {
  readonly name: string | Buffer
  readonly block?: number
  readonly length?: number
  readonly flags?: number
  readonly unit?: number
  readonly xar?: number
  readonly systemUse?: Buffer
}

export const SECTOR = 2048
export const DIRECTORY = 0x02
export const GOES_ON = 0x80
/** Where the root directory lies. */
export const ROOT = 20

const both32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(value >>> 0, 0)
  bytes.writeUInt32BE(value >>> 0, 4)
  return bytes
}

/** One directory record, byte for byte (ECMA-119, 9.1). */
export function record({ name, block = 0, length = 0, flags = 0, unit = 0, xar = 0, systemUse }: Crafted): Buffer {
  const bytes = Buffer.isBuffer(name) ? name : Buffer.from(name, 'latin1')
  const head = Buffer.alloc(33)
  head[1] = xar
  both32(block).copy(head, 2)
  both32(length).copy(head, 10)
  head[25] = flags
  head[26] = unit
  head[28] = 1
  head[32] = bytes.length
  const pad = Buffer.alloc(bytes.length % 2 === 0 ? 1 : 0)
  const whole = Buffer.concat([head, bytes, pad, systemUse ?? Buffer.alloc(0)])
  whole[0] = whole.length
  return whole
}

/** The two records that every directory starts with. */
export function dots(own: number, parent: number, systemUse?: Buffer): Buffer[] {
  const more = systemUse === undefined ? {} : { systemUse }
  return [
    record({ name: '\0', block: own, length: SECTOR, flags: DIRECTORY, ...more }),
    record({ name: '\x01', block: parent, length: SECTOR, flags: DIRECTORY }),
  ]
}

/** An entry of the system use protocol, with its head. */
export function susp(signature: string, data: readonly number[] | Buffer): Buffer {
  return Buffer.concat([Buffer.from(signature, 'latin1'), Buffer.from([data.length + 4, 1]), Buffer.from(data)])
}

/** What the root's own record has where there is Rock Ridge. */
export const SP = susp('SP', [0xbe, 0xef, 0])

/** A Rock Ridge name. */
export const nm = (name: string): Buffer => susp('NM', Buffer.concat([Buffer.from([0]), Buffer.from(name)]))

/** Goes on elsewhere. */
export const ce = (block: number, offset: number, length: number): Buffer =>
  susp('CE', Buffer.concat([both32(block), both32(offset), both32(length)]))

/** A symbolic link, of components as `[flags, content]`. */
export function sl(...components: readonly (readonly [number, string])[]): Buffer {
  const parts = components.map(([flags, text]) => Buffer.concat([Buffer.from([flags, text.length]), Buffer.from(text)]))
  return susp('SL', Buffer.concat([Buffer.from([0]), ...parts]))
}

/** The child of a directory that was moved. */
export const cl = (block: number): Buffer => susp('CL', both32(block))

/** An ISO of so many sectors, of which some are given; the descriptors are a sane writer's unless they are given too. */
export function craftIso(sectors: { readonly [sector: number]: Buffer | readonly Buffer[] }, count = 64): Buffer {
  const iso = Buffer.alloc(count * SECTOR)
  const primary = Buffer.alloc(SECTOR)
  primary.write('\x01CD001\x01', 0, 'latin1')
  primary.write('CRAFTED'.padEnd(32), 40, 'latin1')
  both32(count).copy(primary, 80)
  primary.writeUInt16LE(SECTOR, 128)
  primary.writeUInt16BE(SECTOR, 130)
  primary.writeUInt32LE(18, 140) // path tables, which nobody needs but libarchive wants to see
  primary.writeUInt32BE(19, 148)
  primary[881] = 1
  record({ name: '\0', block: ROOT, length: SECTOR, flags: DIRECTORY }).copy(primary, 156)
  const end = Buffer.alloc(SECTOR)
  end.write('\xffCD001\x01', 0, 'latin1')
  for (const [sector, content] of Object.entries({ 16: primary, 17: end, ...sectors })) {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.concat(content)
    bytes.copy(iso, Number(sector) * SECTOR)
  }
  return iso
}

/** A root directory with these members. */
export const rootOf = (...members: readonly Crafted[]): Buffer[] => [...dots(ROOT, ROOT), ...members.map(record)]

/** The same with Rock Ridge. */
export const ridgeOf = (...members: readonly Crafted[]): Buffer[] => [...dots(ROOT, ROOT, SP), ...members.map(record)]
