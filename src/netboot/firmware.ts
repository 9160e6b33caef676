import { type DhcpPacket, MESSAGE, OPTION } from './dhcp-packet.ts'

/** A way in which machines ask for their boot file. */
export interface Firmware {
  readonly name: string
  /** As a sentence goes on: "… gets no answer". */
  readonly who: string
  /** What it can start; iPXE wants a script. */
  readonly starts: 'bios' | 'x64' | 'arm64' | 'script'
  /** Fetches by HTTP what the answer names as an address; otherwise by TFTP. */
  readonly byHttp: boolean
  /** Option 93, IANA's "Processor Architecture Types". */
  readonly arch: number
}

/** All that is asked as. Firmware says 7 or 9 for the same x64 UEFI. */
export const FIRMWARES: readonly Firmware[] = [
  { name: 'bios', who: 'BIOS firmware', starts: 'bios', byHttp: false, arch: 0 },
  { name: 'x64', who: 'UEFI x64 firmware', starts: 'x64', byHttp: false, arch: 7 },
  { name: 'x64-9', who: 'UEFI x64 firmware that calls itself 9', starts: 'x64', byHttp: false, arch: 9 },
  { name: 'arm64', who: 'UEFI arm64 firmware', starts: 'arm64', byHttp: false, arch: 11 },
  { name: 'http-x64', who: 'UEFI x64 firmware by HTTP boot', starts: 'x64', byHttp: true, arch: 16 },
  { name: 'http-arm64', who: 'UEFI arm64 firmware by HTTP boot', starts: 'arm64', byHttp: true, arch: 19 },
  { name: 'ipxe-bios', who: 'iPXE on BIOS', starts: 'script', byHttp: true, arch: 0 },
  { name: 'ipxe-x64', who: 'iPXE on UEFI x64', starts: 'script', byHttp: true, arch: 7 },
]

/** The card of the machine that is played: locally administered, and always the same, so that no server's pool fills with it. */
export const DOCTOR_MAC = '02:6d:73:64:6f:63'
/** Its system's number, likewise. */
const DOCTOR_UUID = '6d657461-6c73-4072-a179-646f63746f72'

/** What UEFI's and BIOS' own PXE clients ask for, and, of it, what iPXE does. */
const WANTED = [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 28, 40, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 130, 131]
const WANTED_BY_IPXE = [1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129, 130, 131, 175, 203]

/** The broadcast of a machine that has nothing yet. */
export function discover(firmware: Firmware, xid: number): DhcpPacket {
  return {
    ...{ op: 'request', xid, broadcast: true, mac: DOCTOR_MAC, sname: '', file: '' },
    ...{ ciaddr: '0.0.0.0', yiaddr: '0.0.0.0', siaddr: '0.0.0.0', giaddr: '0.0.0.0' },
    options: new Map([[OPTION.messageType, Buffer.of(MESSAGE.discover)], ...saysOf(firmware)]),
  }
}

/**
 * What a PXE machine asks a proxy DHCP server on port 4011, once it has an address from another server.
 * @param item the entry of the server's boot menu that it has chosen
 */
export function requestBootFile(
  firmware: Firmware,
  { xid, address, item }: { readonly xid: number; readonly address: string; readonly item: Buffer | undefined },
): DhcpPacket {
  const options = new Map([[OPTION.messageType, Buffer.of(MESSAGE.request)], ...saysOf(firmware)])
  // Sub-option 71: the item, and layer 0 of it.
  if (item !== undefined) options.set(OPTION.vendorOptions, Buffer.of(71, 4, ...item.subarray(0, 2), 0, 0, 255))
  return { ...discover(firmware, xid), broadcast: false, ciaddr: address, options }
}

function saysOf({ arch, byHttp, starts }: Firmware): readonly (readonly [number, Buffer])[] {
  const isIpxe = starts === 'script'
  const undi = arch === 0 ? [2, 1] : [3, 16]
  const number = String(arch).padStart(5, '0')
  const interfaceVersion = undi.map((part) => String(part).padStart(3, '0')).join('')
  const client = byHttp && !isIpxe ? 'HTTPClient' : 'PXEClient'
  return [
    [OPTION.largest, Buffer.of(0x05, 0xc0)],
    [OPTION.arch, Buffer.of(arch >> 8, arch & 255)],
    [OPTION.undi, Buffer.of(1, ...undi)],
    [OPTION.vendorClass, Buffer.from(`${client}:Arch:${number}:UNDI:${interfaceVersion}`)],
    [OPTION.uuid, Buffer.from(`00${DOCTOR_UUID.replaceAll('-', '')}`, 'hex')],
    [OPTION.parameters, Buffer.from(isIpxe ? WANTED_BY_IPXE : WANTED)],
    ...(isIpxe ? IPXE_SAYS : []),
  ]
}

/** Its name, its version, and that it knows HTTP and scripts: sub-options of 175. */
const IPXE_SAYS: readonly (readonly [number, Buffer])[] = [
  [OPTION.userClass, Buffer.from('iPXE')],
  [OPTION.ipxe, Buffer.of(0xeb, 3, 1, 21, 1, 0x13, 1, 1, 0x17, 1, 1)],
]
