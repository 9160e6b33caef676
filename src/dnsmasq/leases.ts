import { readFile } from 'node:fs/promises'
import { type Mac, readMac } from '../core/identity.ts'

/** An address that dnsmasq gave to a machine. */
export interface Lease {
  readonly mac: Mac
  readonly address: string
  /** The name that the machine said it has. */
  readonly name: string | undefined
  /** When it is over, in ms since 1970; `undefined` for never. */
  readonly until: number | undefined
}

/**
 * Reads dnsmasq's own file of leases: a line each, with the end in s since 1970, MAC address, address, name or `*`, client id (dnsmasq(8),
 * `--dhcp-leasefile`). A line that is no IPv4 lease is passed over; no file is no leases yet.
 */
export async function readLeases(file: string): Promise<readonly Lease[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((line) => {
    const [end = '', card = '', address = '', name = '*'] = line.split(' ')
    const isLease =
      /^\d+$/.test(end) && /^\d+\.\d+\.\d+\.\d+$/.test(address) && /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(card)
    const mac = isLease ? readMac(card) : undefined
    if (mac === undefined) return []
    const seconds = Number(end)
    return [{ mac, address, name: name === '*' ? undefined : name, until: seconds === 0 ? undefined : seconds * 1000 }]
  })
}
