/** What a TFTP server sends to who reads (RFC 1350, 2347). */
export type TftpPacket =
  | { readonly type: 'data'; readonly block: number; readonly data: Buffer }
  /** It took some of the options that were asked for. */
  | { readonly type: 'options'; readonly options: ReadonlyMap<string, string> }
  | { readonly type: 'error'; readonly code: number; readonly message: string }

const OPCODE = { read: 1, data: 3, acknowledge: 4, error: 5, options: 6 } as const

/** Asks for a file, byte by byte, with options (RFC 2347). */
export function formatRead(file: string, options: ReadonlyMap<string, string>): Buffer {
  const texts = [file, 'octet', ...[...options].flat()].map((text) => `${text}\0`)
  return Buffer.concat([Buffer.of(0, OPCODE.read), Buffer.from(texts.join(''), 'latin1')])
}

/** Says that a block has come; block 0 are the options. */
export function formatAcknowledge(block: number): Buffer {
  return Buffer.of(0, OPCODE.acknowledge, block >> 8, block & 255)
}

/** Says that no more is wanted: without it a server sends its last block again and again. */
export function formatStop(message: string): Buffer {
  return Buffer.concat([Buffer.of(0, OPCODE.error, 0, 0), Buffer.from(`${message}\0`, 'latin1')])
}

/** Reads a packet; `undefined` for bytes that are none. */
export function parseTftp(bytes: Buffer): TftpPacket | undefined {
  if (bytes.length < 2) return undefined
  switch (bytes.readUInt16BE(0)) {
    case OPCODE.options:
      return { type: 'options', options: readPairs(bytes.subarray(2)) }
    case OPCODE.data:
      return bytes.length < 4
        ? undefined
        : { type: 'data', block: bytes.readUInt16BE(2), data: Buffer.from(bytes.subarray(4)) }
    case OPCODE.error:
      return bytes.length < 4
        ? undefined
        : { type: 'error', code: bytes.readUInt16BE(2), message: bytes.toString('latin1', 4).split('\0')[0] ?? '' }
    default:
      return undefined
  }
}

function readPairs(bytes: Buffer): ReadonlyMap<string, string> {
  const texts = bytes.toString('latin1').split('\0')
  const pairs = new Map<string, string>()
  for (let at = 0; at + 1 < texts.length; at += 2) pairs.set((texts[at] ?? '').toLowerCase(), texts[at + 1] ?? '')
  return pairs
}
