import { readFile } from 'node:fs/promises'
import { ProvisionError } from './core/errors.ts'
import { type Mac, readMac } from './core/identity.ts'

/** Linux' list of the machines on its own networks: `IP address`, `HW type`, `Flags`, `HW address`, `Mask`, `Device`. */
const ARP = '/proc/net/arp'

/**
 * The network card behind an IPv4 address on a network of this machine, by the kernel's own list. Whoever has just opened a connection is
 * in it; behind a router it would be the router's card.
 * @returns `undefined` when the system does not tell
 */
export async function cardOf(address: string, file = ARP): Promise<Mac | undefined> {
  const plain = address.replace(/^::ffff:/, '')
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').slice(1)
    const [, , , card] = lines.map((line) => line.split(/\s+/)).find(([ip]) => ip === plain) ?? []
    return readMac(card)
  } catch (error) {
    // Not Linux, not allowed, or no Ethernet.
    if (error instanceof ProvisionError || (error as NodeJS.ErrnoException).code !== undefined) return undefined
    throw error
  }
}
