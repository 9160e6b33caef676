/** A DHCP packet (RFC 2131) as far as booting goes; addresses are dotted quads, `0.0.0.0` for none. */
export interface DhcpPacket {
  readonly op: 'request' | 'reply'
  /** By which an answer is known. */
  readonly xid: number
  /** Answers are to be sent to everybody. */
  readonly broadcast: boolean
  /** The machine's address, when it has one already. */
  readonly ciaddr: string
  /** The address that it is given. */
  readonly yiaddr: string
  /** The server to fetch the boot file from. */
  readonly siaddr: string
  /** The relay on the way. */
  readonly giaddr: string
  /** Six bytes in hex with colons. */
  readonly mac: string
  readonly sname: string
  readonly file: string
  /** By number; one that was sent in pieces (RFC 3396) is whole. */
  readonly options: ReadonlyMap<number, Buffer>
}

/** Numbers of options, RFC 2132, 3004 (77), 4578 (93, 94, 97), and iPXE's own (175). */
export const OPTION = {
  vendorOptions: 43,
  overload: 52,
  messageType: 53,
  server: 54,
  parameters: 55,
  largest: 57,
  vendorClass: 60,
  tftpServer: 66,
  bootFile: 67,
  userClass: 77,
  arch: 93,
  undi: 94,
  uuid: 97,
  ipxe: 175,
} as const

/** Values of option 53. */
export const MESSAGE = { discover: 1, offer: 2, request: 3, ack: 5 } as const

/** Where the fields begin, and how long the two for texts are. */
const AT = { flags: 10, ciaddr: 12, yiaddr: 16, siaddr: 20, giaddr: 24, mac: 28, sname: 44, file: 108, options: 240 }
const LONG = { sname: 64, file: 128 }
const COOKIE = 0x63825363
const PAD = 0
const END = 255
/** BOOTP's packets have no less, and some relays drop what is shorter. */
const SHORTEST = 300
const LONGEST_PIECE = 255

/** Writes a packet, its options in the order of the map. */
export function formatDhcp(packet: DhcpPacket): Buffer {
  const head = Buffer.alloc(AT.options)
  head[0] = packet.op === 'request' ? 1 : 2
  head[1] = 1 // Ethernet
  head[2] = 6
  head.writeUInt32BE(packet.xid, 4)
  head.writeUInt16BE(packet.broadcast ? 0x8000 : 0, AT.flags)
  for (const name of ['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const) writeAddress(head, packet[name], AT[name])
  head.write(packet.mac.replaceAll(':', ''), AT.mac, 'hex')
  head.write(packet.sname, AT.sname, LONG.sname - 1, 'latin1')
  head.write(packet.file, AT.file, LONG.file - 1, 'latin1')
  head.writeUInt32BE(COOKIE, AT.options - 4)
  const whole = Buffer.concat([
    head,
    ...[...packet.options].map(([code, value]) => pieces(code, value)),
    Buffer.of(END),
  ])
  return Buffer.concat([whole, Buffer.alloc(Math.max(0, SHORTEST - whole.length))])
}

function pieces(code: number, value: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < value.length; at += LONGEST_PIECE) {
    const part = value.subarray(at, at + LONGEST_PIECE)
    parts.push(Buffer.of(code, part.length), part)
  }
  return Buffer.concat(parts)
}

/** Reads a packet; `undefined` for bytes that are none: anybody can send anything to the port. */
export function parseDhcp(bytes: Buffer): DhcpPacket | undefined {
  const op = bytes[0] === 1 ? 'request' : bytes[0] === 2 ? 'reply' : undefined
  if (op === undefined || bytes.length < AT.options || bytes.readUInt32BE(AT.options - 4) !== COOKIE) return undefined
  const found = new Map<number, Buffer>()
  readOptions(bytes.subarray(AT.options), found)
  // Options that found no room may go on in the fields for texts, the file's first (RFC 2131, 4.1).
  const overload = found.get(OPTION.overload)?.[0] ?? 0
  const field = (name: 'sname' | 'file') => bytes.subarray(AT[name], AT[name] + LONG[name])
  const isOptions = { file: (overload & 1) !== 0, sname: (overload & 2) !== 0 }
  for (const name of ['file', 'sname'] as const) if (isOptions[name]) readOptions(field(name), found)
  const textOf = (name: 'sname' | 'file') => (isOptions[name] ? '' : dhcpText(field(name)))
  return {
    op,
    xid: bytes.readUInt32BE(4),
    broadcast: (bytes.readUInt16BE(AT.flags) & 0x8000) !== 0,
    ciaddr: readAddress(bytes, AT.ciaddr),
    yiaddr: readAddress(bytes, AT.yiaddr),
    siaddr: readAddress(bytes, AT.siaddr),
    giaddr: readAddress(bytes, AT.giaddr),
    mac: bytes.toString('hex', AT.mac, AT.mac + 6).replace(/..(?=.)/g, '$&:'),
    sname: textOf('sname'),
    file: textOf('file'),
    options: found,
  }
}

/** What options 43 and 175 hold: options in an option. */
export function parseEncapsulated(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  readOptions(bytes, found)
  return found
}

function readOptions(bytes: Buffer, found: Map<number, Buffer>): void {
  let at = 0
  while (at < bytes.length) {
    const code = bytes[at] ?? END
    if (code === END) return
    const length = code === PAD ? undefined : bytes[at + 1]
    if (code === PAD) {
      at += 1
      continue
    }
    if (length === undefined || at + 2 + length > bytes.length) return // cut off
    const value = bytes.subarray(at + 2, at + 2 + length)
    found.set(code, Buffer.concat([found.get(code) ?? Buffer.alloc(0), value]))
    at += 2 + length
  }
}

/** A text of a packet: up to its first zero byte, which not every server sends. */
export function dhcpText(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end)
}

/** An address of a packet or of an option; `0.0.0.0` for what is too short. */
export function readAddress(bytes: Buffer, at = 0): string {
  return [0, 1, 2, 3].map((index) => bytes[at + index] ?? 0).join('.')
}

function writeAddress(target: Buffer, address: string, at: number): void {
  for (const [index, byte] of address.split('.').entries()) target[at + index] = Number(byte)
}
