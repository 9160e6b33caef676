import type { Firmware } from '../../netboot/firmware.ts'

/** What the doctor is told: the settings of the server whose chain it tries. Paths are absolute. */
export interface DoctorDeps {
  readonly data: string
  readonly images: string
  /** The operator's own templates; `undefined` without any. */
  readonly templates: string | undefined
  /** The templates that come with metalspray. */
  readonly builtinTemplates: string
  /** The network that machines are on; `undefined` to take dnsmasq's, or the only one that there is. */
  readonly interface: string | undefined
  /** The addresses that dnsmasq gives out, when they were named. */
  readonly range: readonly [string, string] | undefined
  /** Another server gives the addresses. */
  readonly proxy: boolean
  /** The address that machines are told, when it is not the one of the interface. */
  readonly baseUrl: string | undefined
  /** The ports of the boot door and the admin door. */
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  /** The certificate of the admin door, a PEM file; `undefined` when it speaks plain HTTP. */
  readonly adminCert: string | undefined
  /** A folder with iPXE's boot files, looked at before the distribution's. */
  readonly ipxe: string | undefined
  /** The directories of `PATH`, where dnsmasq is looked for. */
  readonly path: string
  /** Where the system tells of itself: `/proc` and `/sys`. */
  readonly proc: string
  readonly sys: string
  /** The card behind an address on a network of this machine, as far as the system knows. */
  cardOf(address: string): Promise<string | undefined>
  /** As which machines DHCP is asked. */
  readonly firmwares: readonly Firmware[]
  /** How long answers of DHCP servers are waited for, in ms. */
  readonly waitMs: number
  /** How long one check may take, in ms. */
  readonly limitMs: number
  /** In ms since 1970. */
  now(): number
  /** Any number below 2³². */
  random(): number
}
