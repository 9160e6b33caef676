/** All that a serving process is told. Paths are absolute; the CLI made them so. */
export interface ServeSettings {
  /** The boot door: what machines on the lab network reach. */
  readonly host: string
  readonly port: number
  /** The admin door: what people reach. */
  readonly adminHost: string
  readonly adminPort: number
  readonly data: string
  readonly images: string
  /** The operator's own templates, looked at before those that come with metalspray. */
  readonly templates: string | undefined
  /** The address that machines are told, when it is not the one by which they reached the server. */
  readonly baseUrl: string | undefined
  /** New machines get the plan `discover,new`. */
  readonly discover: boolean
  /** Runs dnsmasq beside the server. */
  readonly dhcp:
    | { readonly interface: string; readonly range: readonly [string, string] | undefined; readonly proxy: boolean }
    | undefined
  /** A folder with iPXE's boot files, looked at before Debian's. */
  readonly ipxe: string | undefined
  readonly logLevel: string
}

/** Serves until the signal fires, then lets running downloads end. @throws {ProvisionError} when it cannot start */
export async function serve(_settings: ServeSettings, _signal: AbortSignal): Promise<void> {
  throw new Error('not written yet')
}
