import { type DhcpPacket, dhcpText, MESSAGE, OPTION, parseEncapsulated, readAddress } from './dhcp-packet.ts'
import type { Firmware } from './firmware.ts'

/** What a DHCP server told a machine. */
export interface BootAnswer {
  readonly firmware: Firmware
  /** The server by its own word (option 54), else by where the packet came from. */
  readonly server: string
  /** The address that it gives the machine; `undefined` from a proxy DHCP server, which gives none. */
  readonly address: string | undefined
  /** The program or script to start, a name or an address; `undefined` when it names none. */
  readonly file: string | undefined
  /** Where that is fetched by TFTP; `undefined` when nobody is named. */
  readonly from: string | undefined
  /** Option 60: who the answer is for. UEFI takes it only when it is for the likes of it. */
  readonly vendorClass: string
  /** The first item of its boot menu (two bytes); such a server is asked again, on port 4011. */
  readonly item: Buffer | undefined
}

/** Reads an answer; `undefined` when the packet is none. */
export function readAnswer(firmware: Firmware, packet: DhcpPacket, sender: string): BootAnswer | undefined {
  const type = packet.options.get(OPTION.messageType)?.[0]
  if (packet.op !== 'reply' || (type !== MESSAGE.offer && type !== MESSAGE.ack)) return undefined
  const { options } = packet
  const text = (code: number) => dhcpText(options.get(code) ?? Buffer.alloc(0))
  const named = options.get(OPTION.server)
  const server = named === undefined ? sender : readAddress(named)
  return {
    firmware,
    server,
    // What was asked on port 4011 repeats the address that the machine has already.
    address: type === MESSAGE.offer ? some(packet.yiaddr, '0.0.0.0') : undefined,
    file: some(packet.file || text(OPTION.bootFile), ''),
    from: some(packet.siaddr, '0.0.0.0') ?? some(packet.sname || text(OPTION.tftpServer), ''),
    vendorClass: text(OPTION.vendorClass),
    item: firstItem(options.get(OPTION.vendorOptions)),
  }
}

/** PXE's sub-option 9: the menu, as type (2 bytes), length of the text, text. */
function firstItem(vendorOptions: Buffer | undefined): Buffer | undefined {
  const menu = vendorOptions === undefined ? undefined : parseEncapsulated(vendorOptions).get(9)
  return menu === undefined || menu.length < 2 ? undefined : menu.subarray(0, 2)
}

function some(text: string, none: string): string | undefined {
  return text === none ? undefined : text
}
